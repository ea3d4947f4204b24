"""Writes of a worker that holds a claim: each names the attempt and the holder, or it does not count.

The statements run for every mail, so each shape is built once.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import sqlalchemy as sa

from crm.database import db
from crm.domain.errors import CrmError
from crm.reminders.models import Delivery, DeliveryAttempt, Reminder
from crm.reminders.use_cases.claim import Claim

_deliveries = Delivery.__table__
_attempts = DeliveryAttempt.__table__
_reminders = Reminder.__table__


class LostClaimError(CrmError):
    """Another worker took this mail over while we slept: leave it alone."""


def write(mine: Claim, **values: Any) -> None:
    """Change the mail's row. Raises LostClaimError where the claim is no longer ours."""
    fence = {"b_id": mine.delivery_id, "b_attempts": mine.attempt, "b_worker": mine.worker}
    written = db.session.execute(_delivery_update(tuple(values)), fence | _named(values))
    if written.first() is None:
        raise LostClaimError(mine.delivery_id, mine.attempt)


def begin_attempt(mine: Claim, **values: Any) -> None:
    """Write the attempt down, before the socket opens."""
    row = {"delivery_id": mine.delivery_id, "attempt": mine.attempt, "worker": mine.worker[:80], **values}
    db.session.execute(sa.insert(_attempts), row)


def note_attempt(mine: Claim, **values: Any) -> None:
    """Change the attempt's row, where there is one."""
    key = {"b_id": mine.delivery_id, "b_attempt": mine.attempt}
    db.session.execute(_attempt_update(tuple(values)), key | _named(values))


def forget_attempt(mine: Claim) -> None:
    """Take the attempt back: it was not the mail's fault."""
    db.session.execute(
        sa.delete(_attempts).where(
            _attempts.c.delivery_id == mine.delivery_id, _attempts.c.attempt == mine.attempt
        )
    )


def settle_reminders(mine: Claim, state: str, reason: str | None = None) -> None:
    """Give what the mail spoke of its final state."""
    values = {"state": state, "reason": reason}
    db.session.execute(_told_update(), {"b_id": mine.delivery_id} | _named(values))


def suppress(stale: Iterable[tuple[int, str]]) -> None:
    """Mark reminders (id, reason) that fall away."""
    for reminder_id, reason in stale:
        db.session.execute(
            sa.update(_reminders)
            .where(_reminders.c.id == reminder_id, _reminders.c.state == "planned")
            .values(state="suppressed", reason=reason)
        )


def _named(values: dict[str, Any]) -> dict[str, Any]:
    return {f"v_{name}": value for name, value in values.items()}


def _set(names: Iterable[str]) -> dict[str, Any]:
    return {name: sa.bindparam(f"v_{name}") for name in names}


@cache
def _delivery_update(names: tuple[str, ...]) -> Any:
    return (
        sa.update(_deliveries)
        .where(
            _deliveries.c.id == sa.bindparam("b_id"),
            _deliveries.c.attempts == sa.bindparam("b_attempts"),
            _deliveries.c.state == "claimed",
            _deliveries.c.claimed_by == sa.bindparam("b_worker"),
        )
        .values(_set(names))
        .returning(_deliveries.c.id)
    )


@cache
def _attempt_update(names: tuple[str, ...]) -> Any:
    return (
        sa.update(_attempts)
        .where(
            _attempts.c.delivery_id == sa.bindparam("b_id"), _attempts.c.attempt == sa.bindparam("b_attempt")
        )
        .values(_set(names))
    )


@cache
def _told_update() -> Any:
    return (
        sa.update(_reminders)
        .where(_reminders.c.delivery_id == sa.bindparam("b_id"), _reminders.c.state == "planned")
        .values(_set(("state", "reason")))
    )
