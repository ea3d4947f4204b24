"""Deliver what is due: claim, look once more, send, settle. No transaction is open while SMTP answers."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from crm.clock import utc_now
from crm.database import db, transaction
from crm.domain.access import Actor, Permission, require
from crm.domain.errors import CrmError, RefusedError
from crm.domain.reminder_plan import CONTACT_MAIL
from crm.firms.use_cases.mail_address import flag_address
from crm.mail.delivery import Channel, DeliveryError
from crm.mail.message import recipient as recipient_of
from crm.mail.transport import MailUrl, open_channel
from crm.reminders.models import Delivery, DeliveryAttempt, Reminder
from crm.reminders.use_cases.claim import Claim, claim, sweep_lost
from crm.reminders.use_cases.plan_day import database_now
from crm.reminders.use_cases.prepare import Prepared, prepare
from crm.reminders.use_cases.release import may_mail_from_here, pause
from crm.reminders.use_cases.retry import ATTEMPTS_MOST, PAUSE_MINUTES, in_doubt_values, wait_after
from crm.reminders.worker_name import host_name, this_worker

log = logging.getLogger(__name__)


class NotReleasedError(CrmError):
    """This machine may not mail: the database was brought here from another one."""


class LostClaimError(CrmError):
    """Another worker took this mail over while we slept: leave it alone."""


@dataclass
class DeliveryRun:
    """Delivery ids by outcome (sent, deferred, refused, suppressed, in_doubt, paused, lost)."""

    outcomes: dict[int, str] = field(default_factory=dict)
    is_released: bool = True

    def counts(self) -> Counter[str]:
        """Outcome -> how many mails."""
        return Counter(self.outcomes.values())

    def require_release(self) -> None:
        """Raise NotReleasedError where nothing was sent because this machine may not."""
        if not self.is_released:
            raise NotReleasedError(f"{host_name()} mails nobody: run flask reminders release if it should")


def deliver_due(
    actor: Actor, *, today: date, seconds: float | None = None, most: int | None = None
) -> DeliveryRun:
    """Deliver until nothing is due, the channel pauses, or the time or number given is used up.

    today: the day the mails speak of ("3 days left"). Also takes back what dead workers held.
    """
    require(actor, Permission.SYSTEM_ADMIN)
    settings = current_app.config["CRM"]
    run = DeliveryRun()
    if not may_mail_from_here():
        run.is_released = False
        return run
    db.session.rollback()
    sweep_lost()
    url = MailUrl.parse(settings.mail_url)
    until = None if seconds is None else time.monotonic() + seconds
    with open_channel(url, outbox_dir=settings.outbox_dir) as channel:
        while (until is None or time.monotonic() < until) and (most is None or len(run.outcomes) < most):
            done = deliver_next(channel, this_worker(), today, paced=url.scheme != "outbox")
            if done is None:
                break
            run.outcomes[done[0]] = done[1]
            if done[1] == "paused":
                break
    return run


def deliver_next(
    channel: Channel, worker: str, today: date, *, now: datetime | None = None, paced: bool = False
) -> tuple[int, str] | None:
    """Deliver one mail that is due; returns its id and how it ended, None where nothing is due."""
    claims = claim(now, 1, worker, paced=paced)
    if not claims:
        return None
    mine = claims[0]
    if mine.wait_seconds:
        time.sleep(mine.wait_seconds)
    try:
        return mine.delivery_id, _deliver(channel, mine, today)
    except LostClaimError:
        log.warning("delivery %s was taken over by another worker", mine.delivery_id)
        return mine.delivery_id, "lost"


def _deliver(channel: Channel, mine: Claim, today: date) -> str:
    try:
        prepared = prepare(mine, today)
    except SQLAlchemyError:
        raise
    except Exception as error:
        # One bad row says why and stops nobody: a name that breaks a header, a template's fault.
        log.exception("delivery %s cannot be written", mine.delivery_id)
        db.session.rollback()
        return _fail(mine, _fault_reason(error), "fault", permanent=isinstance(error, RefusedError))
    if prepared.message is None:
        return _nothing_left(mine, prepared)
    _begin(mine, prepared)
    try:
        queue_text = channel.send(
            prepared.message,
            prepared.envelope_from,
            recipient_of(prepared.message),
            before_data=lambda: _enter_data(mine),
        )
    except DeliveryError as error:
        return _settle_failure(mine, prepared, error)
    except (LostClaimError, SQLAlchemyError):
        raise
    except Exception as error:
        log.exception("delivery %s was not sent", mine.delivery_id)
        return _fail(mine, _fault_reason(error), "fault", permanent=isinstance(error, RefusedError))
    return _settle_sent(mine, queue_text)


def _begin(mine: Claim, prepared: Prepared) -> None:
    """The attempt stands in the database before the socket opens."""
    assert prepared.text is not None
    with transaction():
        now = database_now()
        _write(
            mine,
            phase="connect",
            lease_until=_lease(now),
            address=prepared.address,
            subject=prepared.text.subject[:300],
            body_text=prepared.text.text,
            body_html=prepared.text.html,
        )
        _suppress(prepared.stale)
        db.session.execute(
            sa.insert(DeliveryAttempt).values(
                delivery_id=mine.delivery_id,
                attempt=mine.attempt,
                started_at=now,
                worker=mine.worker[:80],
                phase="connect",
            )
        )


def _enter_data(mine: Claim) -> None:
    """Committed before the final dot: from here on a crash leaves the mail in doubt."""
    with transaction():
        _write(mine, phase="data", lease_until=_lease(database_now()))
        _attempt(mine, phase="data")


def _settle_sent(mine: Claim, queue_text: str) -> str:
    with transaction():
        now = utc_now()
        _write(
            mine, state="sent", phase="done", queue_text=queue_text[:300], reason=None, sent_at=now,
            lease_until=None, claimed_by=None,
        )  # fmt: skip
        db.session.execute(
            sa.update(Reminder)
            .where(Reminder.delivery_id == mine.delivery_id, Reminder.state == "planned")
            .values(state="sent")
            .execution_options(synchronize_session=False)
        )
        _attempt(mine, phase="done", outcome="sent", finished_at=now, code=250, text=queue_text[:300])
    return "sent"


def _settle_failure(mine: Claim, prepared: Prepared, error: DeliveryError) -> str:
    text = f"{error.code or ''} {error.text}".strip()
    if error.ours:
        return _pause(mine, text)
    if error.in_doubt:
        with transaction():
            now = database_now()
            values = in_doubt_values(now + wait_after(mine.attempt))
            if mine.attempt >= ATTEMPTS_MOST:
                values = {"state": "in_doubt", "reason": "in_doubt"}
            _write(mine, lease_until=None, claimed_by=None, **values)
            _attempt(mine, outcome="in_doubt", finished_at=now, code=error.code, text=text[:300])
        return "in_doubt" if values["state"] == "in_doubt" else "deferred"
    outcome = _fail(mine, text, error.phase, permanent=error.permanent, code=error.code)
    if error.blames_address and mine.channel == CONTACT_MAIL:
        flag_address(int(mine.recipient.partition(":")[2]), prepared.address, "bounced")
    return outcome


def _fail(mine: Claim, text: str, phase: str, *, permanent: bool, code: int | None = None) -> str:
    """The mail surely did not go out: refused for good or after too many tries, else tried again later."""
    gave_up = not permanent and mine.attempt >= ATTEMPTS_MOST
    with transaction():
        now = database_now()
        values: dict[str, Any] = {"state": "refused", "reason": text[:300]}
        if not permanent and not gave_up:
            values = {"state": "deferred", "reason": text[:300], "next_at": now + wait_after(mine.attempt)}
        _write(mine, lease_until=None, claimed_by=None, **values)
        _attempt(mine, outcome=values["state"], finished_at=now, code=code, text=text[:300], phase=phase[:8])
        if values["state"] == "refused":
            db.session.execute(
                sa.update(Reminder)
                .where(Reminder.delivery_id == mine.delivery_id, Reminder.state == "planned")
                .values(state="refused", reason=text[:300])
                .execution_options(synchronize_session=False)
            )
    return str(values["state"])


def _pause(mine: Claim, text: str) -> str:
    """The relay refuses us: the mail is due as before, its attempt not spent; all wait."""
    with transaction():
        now = database_now()
        _write(
            mine, state="planned" if mine.attempt == 1 else "deferred", phase="none",
            attempts=mine.attempt - 1,
            next_at=now, lease_until=None, claimed_by=None,
        )  # fmt: skip
        db.session.execute(
            sa.delete(DeliveryAttempt).where(
                DeliveryAttempt.delivery_id == mine.delivery_id, DeliveryAttempt.attempt == mine.attempt
            )
        )
        pause(text, PAUSE_MINUTES)
    log.error("mail channel paused for %s minutes: %s", PAUSE_MINUTES, text)
    return "paused"


def _nothing_left(mine: Claim, prepared: Prepared) -> str:
    with transaction():
        _write(mine, state="suppressed", reason="nothing_left", lease_until=None, claimed_by=None)
        _suppress(prepared.stale)
    return "suppressed"


def _suppress(stale: Iterable[tuple[int, str]]) -> None:
    for reminder_id, reason in stale:
        db.session.execute(
            sa.update(Reminder)
            .where(Reminder.id == reminder_id, Reminder.state == "planned")
            .values(state="suppressed", reason=reason)
            .execution_options(synchronize_session=False)
        )


def _write(mine: Claim, **values: Any) -> None:
    """A fenced write. Raises LostClaimError where the claim is no longer ours."""
    written = db.session.execute(
        sa.update(Delivery)
        .where(*mine.held())
        .values(**values)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    if written.first() is None:
        raise LostClaimError(mine.delivery_id, mine.attempt)


def _attempt(mine: Claim, **values: Any) -> None:
    db.session.execute(
        sa.update(DeliveryAttempt)
        .where(DeliveryAttempt.delivery_id == mine.delivery_id, DeliveryAttempt.attempt == mine.attempt)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _lease(now: datetime) -> datetime:
    return now + timedelta(seconds=current_app.config["CRM"].lease_seconds)


def _fault_reason(error: Exception) -> str:
    if isinstance(error, RefusedError):
        return error.reason
    return f"{type(error).__name__}: {error}"
