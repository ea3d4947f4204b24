"""Reminders and mails read: what went out, what waits for a person. Always within the territory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import defer
from sqlalchemy.sql.elements import True_

from crm.accounts.models import User
from crm.database import db
from crm.deadlines.models import Deadline
from crm.domain.access import Actor
from crm.domain.errors import NotFoundError
from crm.domain.masking import masked_email
from crm.domain.reminder_plan import CONTACT_MAIL, Policy
from crm.firms.models import Contact, Firm
from crm.firms.queries import in_scope
from crm.mail.addresses import ADDRESS_PROBLEMS
from crm.operations.models import TaskRun
from crm.reminders.models import Delivery, DeliveryAttempt, MailChannel, Reminder, ReminderPolicy
from crm.reminders.recipients import NO_RECIPIENT

PAGE = 50
PLAN_RUN = "crm.reminders.plan_day"
WAITING_FOR_A_PERSON = ("refused", "in_doubt")
UNREACHABLE = (*ADDRESS_PROBLEMS, "bounced", NO_RECIPIENT)


def visible(actor: Actor) -> sa.ColumnElement[bool]:
    """Condition over Delivery: every firm the mail speaks of lies in the actor's territory."""
    inside = in_scope(actor)
    if isinstance(inside, True_):
        return sa.true()
    firms = (
        sa.select(Reminder.id)
        .join(Deadline, Deadline.id == Reminder.deadline_id)
        .join(Firm, Firm.id == Deadline.firm_id)
        .where(Reminder.delivery_id == Delivery.id)
        .correlate(Delivery)
    )
    return sa.and_(firms.where(inside).exists(), ~firms.where(~inside).exists())


@dataclass(frozen=True)
class SentMail:
    """One line of the list of mails; to: a name, never a contact's whole address."""

    id: int
    channel: str
    to: str
    address: str
    subject: str
    day: date
    state: str
    reason: str | None
    attempts: int
    is_repeat: bool
    sent_at: datetime | None
    next_at: datetime
    reminders: int


def mails(
    actor: Actor, *, states: Sequence[str] = (), channel: str | None = None, before: int | None = None
) -> list[SentMail]:
    """Mails of the territory, newest first, PAGE + 1 at most; before: id of the last one above."""
    conditions: list[Any] = [visible(actor)]
    if states:
        conditions.append(Delivery.state.in_(states))
    if channel:
        conditions.append(Delivery.channel == channel)
    if before is not None:
        conditions.append(Delivery.id < before)
    told = sa.select(sa.func.count()).where(Reminder.delivery_id == Delivery.id).correlate(Delivery)
    statement = (
        sa.select(Delivery, told.scalar_subquery())
        .where(*conditions)
        .order_by(Delivery.id.desc())
        .limit(PAGE + 1)
        .options(defer(Delivery.body_text), defer(Delivery.body_html))
    )
    rows = [(row[0], row[1]) for row in db.session.execute(statement)]
    names = recipient_names([row.recipient for row, _ in rows])
    return [_sent_mail(row, count, names) for row, count in rows]


def _sent_mail(row: Delivery, count: int, names: dict[str, str]) -> SentMail:
    is_contact = row.channel == CONTACT_MAIL
    return SentMail(
        id=row.id,
        channel=row.channel,
        to=names.get(row.recipient, row.recipient),
        address=(masked_email(row.address) if is_contact else row.address) if row.address else "",
        subject=row.subject or "",
        day=row.day,
        state=row.state,
        reason=row.reason,
        attempts=row.attempts,
        is_repeat=row.is_repeat,
        sent_at=row.sent_at,
        next_at=row.next_at,
        reminders=count,
    )


def recipient_addresses(keys: Sequence[str]) -> dict[str, str]:
    """Recipient key -> mail address as it stands now, for the administrator's command line."""
    found: dict[str, str] = {}
    for prefix, key, address in (("user:", User.id, User.email), ("contact:", Contact.id, Contact.email)):
        ids = sorted({int(k.removeprefix(prefix)) for k in keys if k.startswith(prefix)})
        for start in range(0, len(ids), 500):
            rows = db.session.execute(sa.select(key, address).where(key.in_(ids[start : start + 500])))
            found |= {f"{prefix}{row[0]}": row[1] for row in rows if row[1]}
    return found


def recipient_names(keys: Sequence[str]) -> dict[str, str]:
    """Recipient key -> name of the person, or of the contact's firm; two statements at most."""
    found: dict[str, str] = {}
    users = sorted({int(key[5:]) for key in keys if key.startswith("user:")})
    contacts = sorted({int(key[8:]) for key in keys if key.startswith("contact:")})
    for start in range(0, len(users), 500):
        rows = db.session.execute(
            sa.select(User.id, User.display_name).where(User.id.in_(users[start : start + 500]))
        )
        found |= {f"user:{key}": name for key, name in rows}
    for start in range(0, len(contacts), 500):
        named = (
            sa.select(Contact.id, Firm.name)
            .join(Firm, Firm.id == Contact.firm_id)
            .where(Contact.id.in_(contacts[start : start + 500]))
        )
        found |= {f"contact:{key}": name for key, name in db.session.execute(named)}
    return found


@dataclass(frozen=True)
class ToldLine:
    """One deadline a mail speaks of."""

    firm_id: int
    firm: str
    kind: str
    due_on: date
    lead_days: int
    is_late: bool
    state: str
    reason: str | None


@dataclass(frozen=True)
class MailPage:
    """A mail with what it said, what it spoke of, and every attempt."""

    mail: SentMail
    message_id: str
    queue_text: str | None
    body_text: str
    body_html: str
    lines: list[ToldLine]
    attempts: list[DeliveryAttempt]


def mail_for(actor: Actor, delivery_id: int) -> MailPage:
    """One mail of the territory. Raises NotFoundError."""
    row = db.session.scalar(
        sa.select(Delivery)
        .where(Delivery.id == delivery_id, visible(actor))
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFoundError("delivery", delivery_id)
    lines = [
        ToldLine(*line)
        for line in db.session.execute(
            sa.select(
                Firm.id, Firm.name, Deadline.kind, Reminder.due_on, Reminder.lead_days, Reminder.is_late,
                Reminder.state, Reminder.reason,
            )
            .join(Deadline, Deadline.id == Reminder.deadline_id)
            .join(Firm, Firm.id == Deadline.firm_id)
            .where(Reminder.delivery_id == delivery_id)
            .order_by(Reminder.due_on, Reminder.id)
            .limit(500)
        )
    ]  # fmt: skip
    attempts = db.session.scalars(
        sa.select(DeliveryAttempt)
        .where(DeliveryAttempt.delivery_id == delivery_id)
        .order_by(DeliveryAttempt.attempt)
    ).all()
    mail = _sent_mail(row, len(lines), recipient_names([row.recipient]))
    return MailPage(
        mail, row.message_id, row.queue_text, row.body_text or "", row.body_html or "", lines, list(attempts)
    )


@dataclass(frozen=True)
class HeldBack:
    """A reminder that has no mail because nobody can be reached."""

    firm_id: int
    firm: str
    kind: str
    due_on: date
    channel: str
    reason: str | None


def held_back(actor: Actor) -> list[HeldBack]:
    """Reminders of open deadlines that reach nobody, nearest first; PAGE at most, a firm once a channel."""
    statement = (
        sa.select(
            Firm.id, Firm.name, sa.func.min(Deadline.kind), sa.func.min(Reminder.due_on), Reminder.channel,
            Reminder.reason,
        )
        .select_from(Reminder)
        .join(Deadline, Deadline.id == Reminder.deadline_id)
        .join(Firm, Firm.id == Deadline.firm_id)
        .where(
            Reminder.state == "suppressed",
            Reminder.reason.in_(UNREACHABLE),
            Deadline.state == "open",
            Deadline.due_on == Reminder.due_on,
            Firm.is_archived.is_(False),
            in_scope(actor),
        )
        .group_by(Firm.id, Firm.name, Reminder.channel, Reminder.reason)
        .order_by(sa.func.min(Reminder.due_on), Firm.id)
        .limit(PAGE)
    )  # fmt: skip
    return [HeldBack(*row) for row in db.session.execute(statement)]


def waiting_count(actor: Actor) -> int:
    """Mails that wait for a person."""
    statement = sa.select(sa.func.count()).where(Delivery.state.in_(WAITING_FOR_A_PERSON), visible(actor))
    return db.session.scalar(statement) or 0


def policies() -> list[ReminderPolicy]:
    """All policies, by kind and channel."""
    return list(
        db.session.scalars(
            sa.select(ReminderPolicy)
            .order_by(ReminderPolicy.kind, ReminderPolicy.channel.desc())
            .execution_options(populate_existing=True)
        )
    )


def mail_channel() -> MailChannel | None:
    """State of the way out."""
    return db.session.get(MailChannel, 1, populate_existing=True)


@dataclass(frozen=True)
class ListedReminder:
    """A reminder with its mail, as the command line lists it.

    recipient: mail address; the key ("user:5") where there is none.
    """

    id: int
    recipient: str
    state: str
    attempts: int
    message_id: str | None
    sent_at: datetime | None
    reason: str | None


def all_reminders(actor: Actor, state: str | None = None) -> list[ListedReminder]:
    """Reminders of the territory with their mails, oldest first.

    state: of the reminder, or of its mail while that is under way.
    """
    shown = sa.case(
        (sa.and_(Reminder.state == "planned", Delivery.state.is_not(None)), Delivery.state),
        else_=Reminder.state,
    )
    statement = (
        sa.select(
            Reminder.id,
            Reminder.recipient,
            shown,
            sa.func.coalesce(Delivery.attempts, 0),
            Delivery.message_id,
            Delivery.sent_at,
            sa.func.coalesce(Reminder.reason, Delivery.reason),
        )
        .select_from(Reminder)
        .join(Deadline, Deadline.id == Reminder.deadline_id)
        .join(Firm, Firm.id == Deadline.firm_id)
        .outerjoin(Delivery, Delivery.id == Reminder.delivery_id)
        .where(in_scope(actor))
        .order_by(Reminder.id)
    )
    if state:
        statement = statement.where(shown == state)
    rows = db.session.execute(statement).all()
    addresses = recipient_addresses([row.recipient for row in rows])
    return [
        ListedReminder(key, addresses.get(recipient, recipient), shown_state, *more)
        for key, recipient, shown_state, *more in (tuple(row) for row in rows)
    ]


def visible_mails(actor: Actor, message_ids: Sequence[str]) -> dict[str, tuple[int, bool]]:
    """Message-ID -> (delivery id, whether to a firm's contact) of those mails that the actor may see."""
    statement = sa.select(Delivery.message_id, Delivery.id, Delivery.channel).where(
        Delivery.message_id.in_(list(message_ids)), visible(actor)
    )
    return {key: (number, way == CONTACT_MAIL) for key, number, way in db.session.execute(statement)}


def last_planned_at() -> datetime | None:
    """When the periodic task last planned."""
    return db.session.scalar(sa.select(TaskRun.ok_at).where(TaskRun.name == PLAN_RUN))


def policies_of(rows: Iterable[ReminderPolicy]) -> list[Policy]:
    """Stored policies as the domain's. A lead stored as [lead, "2026-11-25"] counts from its own day."""
    found: list[Policy] = []
    for row in rows:
        by_start: dict[date, list[int]] = {}
        for entry in row.leads:
            lead, start = (
                (entry, row.effective_from)
                if isinstance(entry, int)
                else (entry[0], date.fromisoformat(entry[1]))
            )
            by_start.setdefault(start, []).append(lead)
        found += [
            Policy(row.id, row.kind, tuple(leads), row.channel, start) for start, leads in by_start.items()
        ]
    return found


def active_policies() -> list[Policy]:
    """Policies in use."""
    return policies_of(
        db.session.scalars(
            sa.select(ReminderPolicy)
            .where(ReminderPolicy.is_active)
            .execution_options(populate_existing=True)
        )
    )
