"""Change who hears when: the leads of a kind of deadline, and whether a new lead reaches back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

import sqlalchemy as sa

from crm.audit import use_cases as audit
from crm.database import db, transaction
from crm.domain.access import Actor, Permission, require
from crm.domain.errors import ChangedMeanwhileError, NotFoundError, RefusedError
from crm.domain.reminder_plan import CONTACT_MAIL, OWNER_DIGEST, DueDeadline, Policy, late_if_reaching_back
from crm.domain.working_days import official_calendar
from crm.reminders.demand import demand, directory, due_facts
from crm.reminders.models import ReminderPolicy
from crm.reminders.queries import active_policies, policies_of

Reach = Literal["from_today", "catch_up"]


def late_if_changed(actor: Actor, policy_id: int, leads: Sequence[int], today: date) -> int:
    """How many reminders would be late, and go out at once, if the leads that are new reached back."""
    require(actor, Permission.REMINDER_POLICY)
    row = _policy(policy_id)
    added = [lead for lead in leads if lead not in _leads(row)]
    if not added:
        return 0
    new = Policy(None, row.kind, tuple(added), row.channel, today)
    return _late(new, today)


def change_policy(
    actor: Actor,
    policy_id: int,
    *,
    version: int,
    leads: Sequence[int],
    is_active: bool,
    today: date,
    reach: Reach | None = None,
) -> ReminderPolicy:
    """Set the leads (days before; negative after) and whether the policy is in use.

    reach: for leads that are new: "from_today" leaves stages whose day has passed alone, "catch_up" sends
    them at the next tick. Raises RefusedError("leads", "policy_reach_wanted", late=n) where some would be
    late and nothing was chosen; the domain's refusals for leads; ChangedMeanwhileError.
    """
    require(actor, Permission.REMINDER_POLICY)
    row = _policy(policy_id)
    Policy(row.id, row.kind, tuple(leads), row.channel, row.effective_from)
    late = late_if_changed(actor, policy_id, leads, today) if is_active and reach is None else 0
    if late:
        raise RefusedError("leads", "policy_reach_wanted", late=late)
    with transaction():
        row = _policy(policy_id, lock=True)
        if row.version != version:
            raise ChangedMeanwhileError("reminder_policy", policy_id)
        before = {"leads": row.leads, "is_active": row.is_active}
        row.leads = [_entry(row, lead, today, reach) for lead in sorted(set(leads), reverse=True)]
        row.is_active = is_active
        after = {"leads": row.leads, "is_active": is_active}
        if before != after:
            audit.record(
                actor, "reminder.policy", subject_type="reminder_policy", subject_id=row.id,
                before=before, after=after | {"kind": row.kind, "channel": row.channel},
            )  # fmt: skip
    return row


def _entry(row: ReminderPolicy, lead: int, today: date, reach: Reach | None) -> Any:
    """A lead as stored: its own first day beside it where it does not reach back."""
    for stored in row.leads:
        if stored == lead or (isinstance(stored, list) and stored[0] == lead):
            return stored
    return lead if reach == "catch_up" else [lead, today.isoformat()]


def _leads(row: ReminderPolicy) -> set[int]:
    return {lead for policy in policies_of([row]) for lead in policy.leads}


def _late(added: Policy, today: date) -> int:
    known = demand(today).known
    people = directory()
    rules = active_policies()
    due = [
        DueDeadline(
            f.deadline_id, f.kind, f.due_on,
            people.recipient(f, OWNER_DIGEST).key,  # type: ignore[union-attr]
            r.key if (r := people.recipient(f, CONTACT_MAIL)) and not r.problem else None,
        )
        for f in due_facts([*rules, added], today)
    ]  # fmt: skip
    return len(late_if_reaching_back(due, rules, added, official_calendar(), today, frozenset(known)))


def _policy(policy_id: int, *, lock: bool = False) -> ReminderPolicy:
    statement = sa.select(ReminderPolicy).where(ReminderPolicy.id == policy_id)
    row = db.session.scalar(
        (statement.with_for_update() if lock else statement).execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFoundError("reminder_policy", policy_id)
    return row
