"""Take one mail to deliver, so that nobody else does; give back what a dead or lost worker held.

The claim is one conditional UPDATE. Each later write of the holder names the attempt number and itself,
so a worker that slept through its lease changes nothing any more.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from flask import current_app

from crm.clock import utc_now
from crm.database import db, transaction
from crm.reminders.models import Delivery, DeliveryAttempt, MailChannel, Reminder
from crm.reminders.use_cases.plan_day import database_now
from crm.reminders.use_cases.retry import ATTEMPTS_MOST, in_doubt_values
from crm.reminders.worker_name import is_surely_dead

# So many seconds' worth of mails may go out in one breath after a rest.
_BURST_SECONDS = 10


@dataclass(frozen=True)
class Claim:
    """A mail this worker may deliver until lease_until; wait_seconds: its turn in the pace of all workers."""

    delivery_id: int
    attempt: int
    worker: str
    channel: str
    recipient: str
    day: date
    message_id: str
    is_repeat: bool
    wait_seconds: float = 0.0
    claimed_at: datetime | None = None
    _since: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        """The database's time, counted on from the claim: not this host's clock, nor a question each time."""
        passed = timedelta(seconds=time.monotonic() - self._since)
        return (self.claimed_at or utc_now()) + passed


def claim(now: datetime | None, limit: int, worker: str, *, paced: bool = False) -> list[Claim]:
    """Claim up to `limit` mails that are due, oldest first; [] where nothing is due or the channel is paused.

    now: the database's time unless a test gives another.
    """
    settings = current_app.config["CRM"]
    with transaction():
        moment = now or database_now()
        wait = _turn(moment, settings.mails_per_minute if paced else None)
        if wait is None:
            return []
        lease = moment + timedelta(seconds=settings.lease_seconds)
        wanted = {"b_now": moment, "b_limit": limit, "b_worker": worker, "b_lease": lease}
        rows = db.session.execute(_claim_statement(), wanted).all()
        if rows and paced:
            _take_turn(moment, settings.mails_per_minute)
    return [
        Claim(
            delivery_id=row.id,
            attempt=row.attempts,
            worker=worker,
            channel=row.channel,
            recipient=row.recipient,
            day=row.day,
            message_id=row.message_id,
            is_repeat=row.is_repeat,
            wait_seconds=wait,
            claimed_at=moment,
        )
        for row in rows
    ]


@cache
def _claim_statement() -> Any:
    """One conditional UPDATE … RETURNING; PostgreSQL passes over rows that another worker holds."""
    rows = Delivery.__table__.c
    due = (
        sa.select(rows.id)
        .where(rows.state.in_(("planned", "deferred")), rows.next_at <= sa.bindparam("b_now"))
        .order_by(rows.next_at, rows.id)
        .limit(sa.bindparam("b_limit"))
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    return (
        sa.update(Delivery.__table__)
        .where(rows.id.in_(sa.select(due.c.id)), rows.state.in_(("planned", "deferred")))
        .values(
            state="claimed",
            phase="none",
            attempts=rows.attempts + 1,
            claimed_by=sa.bindparam("b_worker"),
            lease_until=sa.bindparam("b_lease"),
        )
        .returning(
            rows.id, rows.attempts, rows.channel, rows.recipient, rows.day, rows.message_id, rows.is_repeat
        )
    )


def _turn(now: datetime, per_minute: int | None) -> float | None:
    """Seconds until the next mail may go, None while the channel is paused; holds the channel's row."""
    statement = sa.select(MailChannel.paused_until, MailChannel.next_slot_at).where(MailChannel.id == 1)
    row = db.session.execute(statement.with_for_update() if per_minute else statement).one_or_none()
    if row is None:
        return 0.0
    if row.paused_until is not None and row.paused_until > now:
        return None
    if per_minute is None or row.next_slot_at is None:
        return 0.0
    return max(0.0, (row.next_slot_at - now).total_seconds())


def _take_turn(now: datetime, per_minute: int) -> None:
    slot = db.session.scalar(sa.select(MailChannel.next_slot_at).where(MailChannel.id == 1))
    rested = now - timedelta(seconds=_BURST_SECONDS)
    following = max(slot or rested, rested) + timedelta(seconds=60 / per_minute)
    db.session.execute(sa.update(MailChannel).where(MailChannel.id == 1).values(next_slot_at=following))


def sweep_lost(now: datetime | None = None) -> int:
    """Take back the claims of workers that are gone: lease over, or their process on this machine dead.

    Before the final dot nothing can have gone out: the mail is due again at once. After it the mail is in
    doubt and the policy says whether it goes again. Returns how many were taken back.
    """
    with transaction():
        moment = now or database_now()
        held = db.session.execute(
            sa.select(
                Delivery.id, Delivery.attempts, Delivery.phase, Delivery.claimed_by, Delivery.lease_until,
                Delivery.is_repeat,
            )
            .where(Delivery.state == "claimed")
            .with_for_update(skip_locked=True)
        ).all()  # fmt: skip
        lost = [row for row in held if _is_lost(row, moment)]
        for row in lost:
            _take_back(row, moment)
    return len(lost)


def _is_lost(row: Any, now: datetime) -> bool:
    return row.lease_until is None or row.lease_until <= now or is_surely_dead(row.claimed_by)


def _take_back(row: Any, now: datetime) -> None:
    if row.phase == "data":
        outcome, values = "in_doubt", in_doubt_values(now)
    elif row.attempts >= ATTEMPTS_MOST:
        # A mail that kills its workers must not go on killing them.
        outcome, values = "lost", {"state": "refused", "reason": "worker_lost"}
    else:
        outcome, values = "lost", {"state": "deferred", "next_at": now, "reason": "worker_lost"}
    fence: Sequence[Any] = (
        Delivery.id == row.id,
        Delivery.attempts == row.attempts,
        Delivery.state == "claimed",
    )
    db.session.execute(
        sa.update(Delivery)
        .where(*fence)
        .values(lease_until=None, claimed_by=None, **values)
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        sa.update(DeliveryAttempt)
        .where(
            DeliveryAttempt.delivery_id == row.id,
            DeliveryAttempt.attempt == row.attempts,
            DeliveryAttempt.outcome.is_(None),
        )
        .values(outcome=outcome, finished_at=now, phase=row.phase)
    )
    if values["state"] == "refused":
        db.session.execute(
            sa.update(Reminder)
            .where(Reminder.delivery_id == row.id, Reminder.state == "planned")
            .values(state="refused", reason=values["reason"])
            .execution_options(synchronize_session=False)
        )
