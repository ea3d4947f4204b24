"""What the rules demand on a day: policies and deadlines read, the domain's plan asked, nothing written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
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
from crm.reminders.models import Reminder, ReminderPolicy
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
    """planned: what is to be written; facts, recipients: by deadline id and by (deadline id, channel)."""

    day: date
    planned: tuple[PlannedReminder, ...]
    facts: dict[int, DeadlineFacts]
    recipients: dict[tuple[int, str], Recipient]
    known: dict[ReminderKey, KnownReminder]
    unreachable_firms: frozenset[int] = field(default=frozenset())

    def recipient(self, reminder: PlannedReminder) -> Recipient:
        return self.recipients[reminder.deadline_id, reminder.channel]


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
    unreachable = {
        f.firm_id
        for f in facts.values()
        if f.kind in by_mail and ((r := recipients.get((f.deadline_id, CONTACT_MAIL))) is None or r.problem)
    }
    return Demand(day, planned, facts, recipients, known, frozenset(unreachable))


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
