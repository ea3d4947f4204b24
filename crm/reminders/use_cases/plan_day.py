"""Write down who is to hear of what on a day, before any mail: the rows that delivery then works off."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import parseaddr
from typing import Any

import sqlalchemy as sa
from flask import current_app

from crm.audit import use_cases as audit
from crm.clock import utc_now
from crm.database import db, insert_ignoring, transaction
from crm.domain.access import Actor, Permission, require
from crm.domain.reminder_plan import CONTACT_MAIL, OWNER_DIGEST, PlannedReminder
from crm.domain.working_days import official_calendar
from crm.mail.message import message_id
from crm.reminders.demand import Demand, demand
from crm.reminders.models import Delivery, Reminder

_CHUNK = 500
# A delivery that found nothing left to say; it opens again when there is something.
EMPTY_REASONS = ("nothing_left", "consolidated")


@dataclass(frozen=True)
class PlanCounts:
    """Reminders written to be sent, written as held back, and left for the next digest (today's is out)."""

    planned: int
    suppressed: int
    waiting: int
    delivery_ids: frozenset[int] = frozenset()


def plan_day(actor: Actor, day: date) -> PlanCounts:
    """Plan a day; doing it twice, or by two at once, adds nothing.

    A reminder whose recipient cannot be written to is kept as suppressed, with its reason. Digests of
    earlier days that could not go out join today's, so that an outage ends in one mail a person.
    """
    require(actor, Permission.SYSTEM_ADMIN)
    wanted = demand(day)
    joins = _has_left_over_digests(day)
    if not wanted.planned and not joins:
        return PlanCounts(0, 0, 0)
    with transaction():
        now = database_now()
        counts = _write(wanted, now, joins)
        if counts.planned or counts.suppressed:
            after = {"day": day, "planned": counts.planned, "suppressed": counts.suppressed}
            audit.record(actor, "reminder.plan", subject_type="reminder_day", subject_id=None, after=after)
    return counts


def database_now() -> datetime:
    """The database's clock, for leases and due times that several hosts share."""
    if db.engine.dialect.name == "postgresql":
        moment: datetime = db.session.scalars(sa.select(sa.func.clock_timestamp())).one()
        return moment
    return utc_now()


def delivery_key(reminder: PlannedReminder, day: date) -> str:
    """One digest a person and day; one mail a reminder to a firm's contact."""
    if reminder.channel == OWNER_DIGEST:
        return digest_key(reminder.recipient, day)
    return f"mail:{reminder.deadline_id}:{reminder.due_on}:{reminder.lead_days}:{reminder.recipient}"


def digest_key(recipient: str, day: date) -> str:
    """Natural key of a person's digest of a day."""
    return f"digest:{recipient}:{day}"


def _write(wanted: Demand, now: datetime, joins: bool) -> PlanCounts:
    good: list[PlannedReminder] = []
    held: list[tuple[PlannedReminder, str]] = []
    for reminder in wanted.planned:
        problem = wanted.recipient(reminder).problem
        if problem:
            held.append((reminder, problem))
        else:
            good.append(reminder)
    left_over = _left_over_digests(wanted.day) if joins else []
    keys = {delivery_key(r, wanted.day): (r.channel, r.recipient) for r in good}
    keys |= {digest_key(row.recipient, wanted.day): (OWNER_DIGEST, row.recipient) for row in left_over}
    open_ids = _open_deliveries(keys, wanted.day, now)
    _join_left_over(left_over, wanted.day, open_ids)
    ready = [(r, None, open_ids[k]) for r in good if (k := delivery_key(r, wanted.day)) in open_ids]
    planned = _insert_or_revive(wanted, ready, now)
    suppressed = _insert_or_revive(wanted, [(r, problem, None) for r, problem in held], now)
    return PlanCounts(planned, suppressed, len(good) - len(ready), frozenset(open_ids.values()))


def _open_deliveries(keys: dict[str, tuple[str, str]], day: date, now: datetime) -> dict[str, int]:
    """Ids of the deliveries that still take reminders, made where absent, locked; one under way does not."""
    settings = current_app.config["CRM"]
    domain = parseaddr(settings.mail_from)[1].rpartition("@")[2]
    found: dict[str, int] = {}
    for chunk in _chunks(sorted(keys)):
        rows = [
            {
                "natural_key": key,
                "channel": keys[key][0],
                "recipient": keys[key][1],
                "day": day,
                "state": "planned",
                "phase": "none",
                "attempts": 0,
                "next_at": now,
                "message_id": message_id("reminder", _number(key, settings.secret_key), domain),
                "is_repeat": False,
                "created_at": now,
            }
            for key in chunk
        ]
        db.session.execute(insert_ignoring(Delivery.__table__), rows)
        named = Delivery.natural_key.in_(chunk)
        db.session.execute(
            sa.update(Delivery)
            .where(named, Delivery.state == "suppressed", Delivery.reason.in_(EMPTY_REASONS))
            .values(state="planned", reason=None, next_at=now)
            .execution_options(synchronize_session=False)
        )
        waiting = (
            sa.select(Delivery.natural_key, Delivery.id)
            .where(named, Delivery.state == "planned")
            .order_by(Delivery.id)
            .with_for_update()
        )
        found |= {key: delivery_id for key, delivery_id in db.session.execute(waiting)}
    return found


def _number(key: str, secret: str) -> int:
    """A number for the Message-ID: the same for the row whenever it is written, not the same elsewhere."""
    return int(hmac.new(secret.encode(), key.encode(), hashlib.sha256).hexdigest()[:15], 16)


def _insert_or_revive(
    wanted: Demand, rows: Sequence[tuple[PlannedReminder, str | None, int | None]], now: datetime
) -> int:
    """Write reminders with their delivery, or the reason that holds them back; returns how many are new."""
    fresh: list[dict[str, Any]] = []
    written = 0
    for reminder, reason, delivery_id in rows:
        known = wanted.known.get(reminder.key)
        state = "suppressed" if reason else "planned"
        if known is None:
            fresh.append(
                {
                    "deadline_id": reminder.deadline_id,
                    "due_on": reminder.due_on,
                    "lead_days": reminder.lead_days,
                    "recipient": reminder.recipient,
                    "channel": reminder.channel,
                    "send_on": reminder.send_on,
                    "is_late": reminder.late,
                    "state": state,
                    "reason": reason,
                    "delivery_id": delivery_id,
                    "created_at": now,
                }
            )
        elif known.reason != reason:
            revived = db.session.execute(
                sa.update(Reminder)
                .where(Reminder.id == known.id, Reminder.state == "suppressed")
                .values(state=state, reason=reason, delivery_id=delivery_id, is_late=reminder.late)
                .returning(Reminder.id)
                .execution_options(synchronize_session=False)
            )
            written += len(revived.all()) if state == "planned" else 0
    for chunk in _chunks(fresh):
        statement = insert_ignoring(Reminder.__table__).returning(Reminder.__table__.c.id)
        written += len(db.session.execute(statement, chunk).all())
    return written


def _unsent(day: date) -> list[Any]:
    """Digests of earlier days that have surely not gone out."""
    return [
        Delivery.channel == OWNER_DIGEST,
        Delivery.day < day,
        Delivery.state.in_(("planned", "deferred")),
        Delivery.is_repeat.is_(False),
    ]


def _has_left_over_digests(day: date) -> bool:
    if not official_calendar().is_working_day(day):
        return False
    return db.session.scalar(sa.select(Delivery.id).where(*_unsent(day)).limit(1)) is not None


def _left_over_digests(day: date) -> list[Any]:
    statement = sa.select(Delivery.id, Delivery.recipient).where(*_unsent(day)).order_by(Delivery.id)
    return list(db.session.execute(statement.with_for_update()))


def _join_left_over(left_over: list[Any], day: date, open_ids: dict[str, int]) -> None:
    """Move what earlier digests had to say into today's; the older stages of a deadline fall away there."""
    for delivery_id, recipient in left_over:
        target = open_ids.get(digest_key(recipient, day))
        if target is None:
            continue
        db.session.execute(
            sa.update(Reminder)
            .where(Reminder.delivery_id == delivery_id, Reminder.state == "planned")
            .values(delivery_id=target, is_late=True)
            .execution_options(synchronize_session=False)
        )
        db.session.execute(
            sa.update(Delivery)
            .where(Delivery.id == delivery_id)
            .values(state="suppressed", reason="consolidated", lease_until=None)
            .execution_options(synchronize_session=False)
        )


def _chunks(items: Iterable[Any]) -> Iterable[list[Any]]:
    held = list(items)
    for start in range(0, len(held), _CHUNK):
        yield held[start : start + _CHUNK]


__all__ = ["CONTACT_MAIL", "PlanCounts", "database_now", "delivery_key", "digest_key", "plan_day"]
