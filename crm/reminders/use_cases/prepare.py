"""Look once more before a mail goes out: what is stale falls away, the rest becomes the mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from email.utils import formataddr, parseaddr
from functools import cache
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import aliased

from crm.clock import utc_now
from crm.database import db
from crm.domain.reminder_plan import OWNER_DIGEST
from crm.mail.mail_url import MailUrl
from crm.mail.message import MailText, build, return_path
from crm.reminders import mail_text
from crm.reminders.demand import directory
from crm.reminders.facts import DEADLINE_ID, FACTS_WIDTH, DeadlineFacts, facts_of, facts_statement
from crm.reminders.models import Reminder
from crm.reminders.queries import active_policies
from crm.reminders.recipients import Directory, Recipient
from crm.reminders.use_cases.claim import Claim

_SETTLED_REASONS = {"done": "deadline_done", "waived": "deadline_waived", "closed": "deadline_closed"}


@dataclass(frozen=True)
class Prepared:
    """A mail ready to send. stale: (reminder id, reason) of what fell away; message None: nothing is left."""

    stale: tuple[tuple[int, str], ...]
    address: str = ""
    text: MailText | None = None
    message: EmailMessage | None = None
    envelope_from: str = ""


@dataclass(frozen=True)
class Surroundings:
    """Who may be written to today, and which (kind, channel, lead) the policies in use have."""

    people: Directory
    leads: frozenset[tuple[str, str, int]]


def read_surroundings() -> Surroundings:
    """People and policies as they are now."""
    leads = frozenset((p.kind, p.channel, lead) for p in active_policies() for lead in p.leads)
    return Surroundings(directory(), leads)


def prepare(claim: Claim, today: date, around: Surroundings) -> Prepared:
    """Read, judge and render; no transaction is left open behind it."""
    settings = current_app.config["CRM"]
    rows = _rows(claim.delivery_id)
    told: list[tuple[DeadlineFacts, bool]] = []
    stale: list[tuple[int, str]] = []
    recipient: Recipient | None = None
    for facts, row in rows:
        reason = _stale(facts, row, around)
        if reason:
            stale.append((row.id, reason))
        else:
            recipient = around.people.recipient(facts, row.channel)
            told.append((facts, row.is_late))
    officer = _officer(around.people, told)
    # The reads are over: rendering and SMTP must not hold a snapshot open.
    db.session.rollback()
    if not told or recipient is None:
        return Prepared(tuple(stale))
    text = _text(claim, recipient, told, officer, today)
    message = build(
        sender=_sender(settings),
        to=recipient.address,
        mail_text=text,
        message_id=claim.message_id,
        only_to=settings.mail_only_to,
        date=utc_now(),
    )
    if claim.is_repeat:
        message["X-Possible-Repeat"] = "yes"
    return Prepared(
        tuple(stale), recipient.address, text, message, _envelope_from(settings, claim.delivery_id)
    )


def _rows(delivery_id: int) -> list[tuple[DeadlineFacts, _Told]]:
    found = db.session.execute(_told_statement(), {"delivery_id": delivery_id})
    return [(facts_of(row), _Told(*row[FACTS_WIDTH:])) for row in found]


@cache
def _told_statement() -> Any:
    """What a mail is to say, with what it must be judged by; built once, it runs for every mail."""
    newer = aliased(Reminder)
    is_overtaken = (
        sa.select(newer.id)
        .where(
            newer.deadline_id == Reminder.deadline_id,
            newer.due_on == Reminder.due_on,
            newer.recipient == Reminder.recipient,
            newer.channel == Reminder.channel,
            newer.lead_days < Reminder.lead_days,
            newer.state.in_(("planned", "sent")),
        )
        .correlate(Reminder)
        .exists()
    )
    return (
        facts_statement(
            Reminder.id, Reminder.due_on.label("told_due_on"), Reminder.lead_days, Reminder.recipient,
            Reminder.channel, Reminder.is_late, is_overtaken.label("is_overtaken"),
        )
        .join(Reminder, Reminder.deadline_id == DEADLINE_ID)
        .where(Reminder.delivery_id == sa.bindparam("delivery_id"), Reminder.state == "planned")
        .order_by(Reminder.id)
    )  # fmt: skip


@dataclass(frozen=True)
class _Told:
    id: int
    due_on: date
    lead_days: int
    recipient: str
    channel: str
    is_late: bool
    is_overtaken: bool


def _stale(facts: DeadlineFacts, told: _Told, around: Surroundings) -> str | None:
    """Why this reminder must not be sent any more, or None."""
    if facts.state != "open":
        return _SETTLED_REASONS.get(facts.state, "deadline_closed")
    if facts.due_on != told.due_on:
        return "deadline_moved"
    if facts.is_archived:
        return "firm_archived"
    if told.is_overtaken:
        return "newer_stage"
    if (facts.kind, told.channel, told.lead_days) not in around.leads:
        return "policy_off"
    recipient = around.people.recipient(facts, told.channel)
    if recipient is None or recipient.key != told.recipient:
        return "recipient_changed"
    return recipient.problem


def _officer(people: Directory, told: Sequence[tuple[DeadlineFacts, bool]]) -> Recipient | None:
    return people.recipient(told[0][0], OWNER_DIGEST) if told else None


def _text(
    claim: Claim,
    recipient: Recipient,
    told: Sequence[tuple[DeadlineFacts, bool]],
    officer: Recipient | None,
    today: date,
) -> MailText:
    if claim.channel == OWNER_DIGEST:
        return mail_text.digest(
            recipient.name, told, day=today, language=recipient.language, is_repeat=claim.is_repeat
        )
    return mail_text.single(
        recipient.name,
        told[0][0],
        day=today,
        officer=officer.name if officer else "",
        officer_mail=officer.address if officer and officer.problem is None else "",
        language="zh",
        is_repeat=claim.is_repeat,
    )


def _sender(settings: Any) -> str:
    name, address = parseaddr(settings.mail_from)
    return settings.mail_from if name else formataddr((settings.bureau_name, address))


def _envelope_from(settings: Any, delivery_id: int) -> str:
    """Where bounces go, naming the row; a relay with login mostly refuses any other sender."""
    address = parseaddr(settings.mail_from)[1]
    if MailUrl.parse(settings.mail_url).user:
        return address
    return return_path(address, "delivery", delivery_id)
