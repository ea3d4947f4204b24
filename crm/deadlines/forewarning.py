"""Who hears of one day's deadlines, when and how; and who cannot be reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from crm.database import db
from crm.deadlines.filters import DeadlineFilters, conditions
from crm.deadlines.models import Deadline
from crm.domain.access import Actor
from crm.domain.reminder_plan import CONTACT_MAIL, OWNER_DIGEST, send_day
from crm.domain.working_days import official_calendar
from crm.firms.models import Contact, Firm
from crm.reminders.models import Reminder
from crm.reminders.queries import active_policies


@dataclass(frozen=True)
class Stage:
    """One stage: when, how many days before, by what, to how many; sent: how many have gone out."""

    send_on: date
    lead_days: int
    channel: str
    recipients: int
    sent: int


@dataclass(frozen=True)
class Forewarning:
    """All stages of a day's deadlines; unreachable: firms without a usable mail address."""

    stages: list[Stage]
    unreachable: int


def forewarning(actor: Actor, filters: DeadlineFilters, day: date, today: date) -> Forewarning:
    """Stages of all policies for the open deadlines of that day; three statements."""
    where = [*conditions(actor, filters, today, with_state=False), Deadline.due_on == day]
    reach = _reach(where)
    sent = _sent(where)
    policies = active_policies()
    stages: dict[tuple[date, int, str], list[int]] = {}
    calendar = official_calendar()
    for policy in policies:
        people, _ = reach.get((policy.kind, policy.channel), (0, 0))
        for lead in policy.leads:
            send_on = send_day(day, lead, calendar)
            went = sent.pop((policy.kind, lead, policy.channel), 0)
            if went or (people and send_on >= max(policy.effective_from, today)):
                stage = stages.setdefault((send_on, lead, policy.channel), [0, 0])
                stage[0] += max(people, went)
                stage[1] += went
    missed = sum(lost for (_, channel), (_, lost) in reach.items() if channel == CONTACT_MAIL)
    with_contact = any(policy.channel == CONTACT_MAIL for policy in policies)
    return Forewarning(
        [Stage(*key, *numbers) for key, numbers in sorted(stages.items())], missed if with_contact else 0
    )


def _reach(where: list[sa.ColumnElement[bool]]) -> dict[tuple[str, str], tuple[int, int]]:
    """(kind, channel) -> how many hear of it, how many firms cannot be reached that way."""
    usable = (
        sa.exists()
        .where(
            Contact.firm_id == Firm.id,
            Contact.is_primary,
            Contact.email.is_not(None),
            Contact.email != "",
            Contact.email_problem.is_(None),
        )
        .correlate(Firm)
    )
    by_firm = (
        sa.select(Deadline.kind, Firm.id, Firm.owner_id, sa.case((usable, 1), else_=0).label("usable"))
        .join(Firm, Firm.id == Deadline.firm_id)
        .where(*where, Deadline.state == "open")
        .distinct()
        .subquery()
    )
    statement = sa.select(
        by_firm.c.kind,
        # Firms without an owner are told to one lead of their territory.
        sa.func.count(sa.distinct(sa.func.coalesce(by_firm.c.owner_id, 0))),
        sa.func.sum(by_firm.c.usable),
        sa.func.count(),
    ).group_by(by_firm.c.kind)
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for kind, owners, reached, firms in db.session.execute(statement):
        found[kind, OWNER_DIGEST] = (owners, 0)
        found[kind, CONTACT_MAIL] = (int(reached), firms - int(reached))
    return found


def _sent(where: list[sa.ColumnElement[bool]]) -> dict[tuple[str, int, str], int]:
    """(kind, lead, channel) -> recipients already told."""
    statement = (
        sa.select(
            Deadline.kind,
            Reminder.lead_days,
            Reminder.channel,
            sa.func.count(sa.distinct(Reminder.recipient)),
        )
        .join(Deadline, sa.and_(Deadline.id == Reminder.deadline_id, Deadline.due_on == Reminder.due_on))
        .join(Firm, Firm.id == Deadline.firm_id)
        .where(*where, Reminder.state == "sent")
        .group_by(Deadline.kind, Reminder.lead_days, Reminder.channel)
    )
    return {(kind, lead, channel): number for kind, lead, channel, number in db.session.execute(statement)}
