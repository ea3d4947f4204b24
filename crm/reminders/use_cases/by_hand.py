"""What a person decides about a mail that did not go out: send again, hold, let it be."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from crm.audit import use_cases as audit
from crm.database import db, transaction
from crm.domain.access import Actor, Permission, require
from crm.domain.errors import NotFoundError, RefusedError
from crm.reminders.models import Delivery, Reminder
from crm.reminders.queries import visible
from crm.reminders.use_cases.plan_day import database_now

_MAY = {
    "resend": ("refused", "in_doubt", "deferred"),
    "hold": ("planned", "deferred"),
    "dismiss": ("refused", "in_doubt", "deferred", "planned"),
}


def resend(actor: Actor, delivery_id: int) -> None:
    """Make it due now, with the same Message-ID; past the last attempt each press gives one more."""
    with transaction():
        delivery = _locked(actor, delivery_id, "resend")
        before: dict[str, Any] = {"state": delivery.state, "reason": delivery.reason}
        # The number only grows: it is the fence against workers that still believe they hold the mail.
        is_repeat = delivery.is_repeat or delivery.state == "in_doubt"
        _set(delivery_id, state="deferred", reason=None, next_at=database_now(), is_repeat=is_repeat)
        db.session.execute(
            sa.update(Reminder)
            .where(Reminder.delivery_id == delivery_id, Reminder.state == "refused")
            .values(state="planned", reason=None)
            .execution_options(synchronize_session=False)
        )
        _audit(actor, "reminder.resend", delivery_id, before, {"state": "deferred"})


def hold(actor: Actor, delivery_id: int) -> None:
    """Try no more until a person sends it again."""
    with transaction():
        delivery = _locked(actor, delivery_id, "hold")
        before: dict[str, Any] = {"state": delivery.state, "reason": delivery.reason}
        _set(delivery_id, state="refused", reason="held")
        _audit(actor, "reminder.hold", delivery_id, before, {"state": "refused", "reason": "held"})


def dismiss(actor: Actor, delivery_id: int, note: str) -> None:
    """Settle it without a mail, because the people were told otherwise. note: how, required."""
    with transaction():
        delivery = _locked(actor, delivery_id, "dismiss")
        if not note.strip():
            raise RefusedError("note", "required")
        before: dict[str, Any] = {"state": delivery.state, "reason": delivery.reason}
        reason = f"dismissed: {note.strip()}"[:300]
        _set(delivery_id, state="suppressed", reason=reason)
        db.session.execute(
            sa.update(Reminder)
            .where(Reminder.delivery_id == delivery_id, Reminder.state.in_(("planned", "refused")))
            .values(state="suppressed", reason=reason)
            .execution_options(synchronize_session=False)
        )
        _audit(actor, "reminder.dismiss", delivery_id, before, {"state": "suppressed", "reason": reason})


def _locked(actor: Actor, delivery_id: int, action: str) -> Delivery:
    require(actor, Permission.REMINDER_SETTLE)
    delivery = db.session.scalar(
        sa.select(Delivery)
        .where(Delivery.id == delivery_id, visible(actor))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if delivery is None:
        raise NotFoundError("delivery", delivery_id)
    if delivery.state not in _MAY[action]:
        raise RefusedError(None, "delivery_state", state=delivery.state)
    return delivery


def _set(delivery_id: int, **values: object) -> None:
    db.session.execute(
        sa.update(Delivery)
        .where(Delivery.id == delivery_id)
        .values(claimed_by=None, lease_until=None, **values)
        .execution_options(synchronize_session=False)
    )


def _audit(
    actor: Actor, action: str, delivery_id: int, before: dict[str, Any], after: dict[str, Any]
) -> None:
    audit.record(actor, action, subject_type="delivery", subject_id=delivery_id, before=before, after=after)
