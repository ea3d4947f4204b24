"""What the rules demand on a day: policies and deadlines read, the domain's plan asked, nothing written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app

from crm.database import db
from crm.deadlines.models import Deadline
from crm.domain.access import Actor
from crm.domain.reminder_plan import (
    CONTACT_MAIL,
    LAST_STAGE_OPEN_DAYS,
    OWNER_DIGEST,
    DueDeadline,
    PlannedReminder,
    Policy,
    ReminderKey,
    plan,
)
from crm.domain.working_days import official_calendar
from crm.firms.models import Firm
from crm.firms.queries import in_scope
from crm.mail.addresses import ADDRESS_PROBLEMS
from crm.mail.transport import MailUrl
from crm.reminders.facts import DeadlineFacts, facts_of, facts_statement
from crm.reminders.models import Reminder
from crm.reminders.queries import active_policies
from crm.reminders.recipients import DEMO_CONTACT, NO_RECIPIENT, Directory, Recipient

# A send day moves back over a long holiday by this much at most.
_HOLIDAY_SLACK_DAYS = 15
# What was held back for one of these is planned anew once the cause is gone.
REVIVABLE = frozenset(
    {
        *ADDRESS_PROBLEMS,
        "bounced",
        NO_RECIPIENT,
        DEMO_CONTACT,
        "recipient_changed",
        "policy_off",
        "firm_archived",
    }
)


@dataclass(frozen=True)
class KnownReminder:
    """A reminder that stands in the table already."""

    id: int
    state: str
    reason: str | None

    @property
    def may_revive(self) -> bool:
        return self.state == "suppressed" and self.reason in REVIVABLE


@dataclass(frozen=True)
class Demand:
    """planned: what is to be written; facts, recipients: by deadline id and by (deadline id, channel).

    unreachable: the first thing due of each firm whose contact gets no mail, and why.
    """

    day: date
    planned: tuple[PlannedReminder, ...]
    facts: dict[int, DeadlineFacts]
    recipients: dict[tuple[int, str], Recipient]
    known: dict[ReminderKey, KnownReminder]
    unreachable: tuple[tuple[DeadlineFacts, str], ...] = ()

    def recipient(self, reminder: PlannedReminder) -> Recipient:
        return self.recipients[reminder.deadline_id, reminder.channel]


def directory() -> Directory:
    """Today's recipients; invented firms are written to only where the mail stays on this machine."""
    settings = current_app.config["CRM"]
    url = MailUrl.parse(settings.mail_url)
    stays_here = url.scheme == "outbox" or url.is_loopback or settings.mail_only_to is not None
    return Directory(demo_contacts=stays_here)


def due_facts(policies: Iterable[Policy], day: date, actor: Actor | None = None) -> list[DeadlineFacts]:
    """Open deadlines that a policy may speak of on that day; of the actor's territory, else of all."""
    rules = list(policies)
    if not rules:
        return []
    return [
        facts_of(row) for row in db.session.execute(facts_statement().where(*_speaking(rules, day, actor)))
    ]


def demand(day: date, actor: Actor | None = None, *, ignore_known: bool = False) -> Demand:
    """The plan of a day; a fixed number of statements.

    ignore_known: what the rules ask for as if nothing had been written (reconciliation).
    """
    policies = active_policies()
    if not policies:
        return Demand(day, (), {}, {}, {})
    facts = {f.deadline_id: f for f in due_facts(policies, day, actor)}
    known = _known(policies, day, actor)
    people = directory()
    recipients: dict[tuple[int, str], Recipient] = {}
    due: list[DueDeadline] = []
    for f in facts.values():
        keys: dict[str, str | None] = {}
        for channel in (OWNER_DIGEST, CONTACT_MAIL):
            recipient = people.recipient(f, channel)
            keys[channel] = recipient.key if recipient else None
            if recipient:
                recipients[f.deadline_id, channel] = recipient
        due.append(DueDeadline(f.deadline_id, f.kind, f.due_on, keys[OWNER_DIGEST], keys[CONTACT_MAIL]))
    settled = frozenset(k for k, r in known.items() if not r.may_revive)
    planned = plan(due, policies, official_calendar(), day, frozenset() if ignore_known else settled)
    by_mail = {policy.kind for policy in policies if policy.channel == CONTACT_MAIL}
    unreachable: dict[int, tuple[DeadlineFacts, str]] = {}
    for f in sorted(facts.values(), key=lambda f: (f.due_on, f.deadline_id)):
        contact = recipients.get((f.deadline_id, CONTACT_MAIL))
        problem = "address_empty" if contact is None else contact.problem
        if f.kind in by_mail and problem and f.firm_id not in unreachable:
            unreachable[f.firm_id] = (f, problem)
    return Demand(day, planned, facts, recipients, known, tuple(unreachable.values()))


def _known(policies: list[Policy], day: date, actor: Actor | None) -> dict[ReminderKey, KnownReminder]:
    statement = (
        sa.select(
            Reminder.deadline_id, Reminder.due_on, Reminder.lead_days, Reminder.recipient, Reminder.channel,
            Reminder.id, Reminder.state, Reminder.reason,
        )
        .join(Deadline, Deadline.id == Reminder.deadline_id)
        .join(Firm, Firm.id == Deadline.firm_id)
        .where(*_speaking(policies, day, actor))
    )  # fmt: skip
    return {tuple(row[:5]): KnownReminder(*row[5:]) for row in db.session.execute(statement)}  # type: ignore[misc]


def _speaking(policies: list[Policy], day: date, actor: Actor | None) -> list[Any]:
    """Conditions over Deadline and Firm: what the policies can reach from that day at all."""
    leads = [lead for policy in policies for lead in policy.leads]
    conditions: list[Any] = [
        Deadline.state == "open",
        Deadline.kind.in_(sorted({policy.kind for policy in policies})),
        Deadline.due_on <= day + timedelta(days=max(leads) + _HOLIDAY_SLACK_DAYS),
        Deadline.due_on
        >= day - timedelta(days=LAST_STAGE_OPEN_DAYS + max(0, -min(leads)) + _HOLIDAY_SLACK_DAYS),
        Firm.is_archived.is_(False),
    ]
    if actor is not None:
        conditions.append(in_scope(actor))
    return conditions
