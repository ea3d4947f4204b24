"""Plan a day and deliver what is due: what the scheduled task and the command line both do."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from crm.database import db
from crm.domain.access import Actor
from crm.reminders.models import Delivery, Reminder
from crm.reminders.use_cases.deliver import DeliveryRun, deliver_due
from crm.reminders.use_cases.plan_day import PlanCounts, plan_day


@dataclass(frozen=True)
class DispatchCounts:
    """All in reminders: a digest of five counts five. failed: not sent, for now or for good."""

    planned: int
    sent: int
    failed: int
    suppressed: int
    is_released: bool = True


def dispatch(actor: Actor, day: date) -> DispatchCounts:
    """Write what is due on that day, whatever the hour, and send it."""
    plan = plan_day(actor, day)
    run = deliver_due(actor, today=day)
    return _counts(plan, run)


def _counts(plan: PlanCounts, run: DeliveryRun) -> DispatchCounts:
    """Read back from the rows, so that what another worker delivered meanwhile counts as it is."""
    ids = sorted(plan.delivery_ids | run.outcomes.keys())
    found: Counter[tuple[str, str]] = Counter()
    for start in range(0, len(ids), 500):
        statement = (
            sa.select(Reminder.state, Delivery.state, sa.func.count())
            .join(Delivery, Delivery.id == Reminder.delivery_id)
            .where(Delivery.id.in_(ids[start : start + 500]))
            .group_by(Reminder.state, Delivery.state)
        )
        for reminder_state, delivery_state, count in db.session.execute(statement):
            found[reminder_state, delivery_state] += count
    suppressed = sum(n for (reminder, _), n in found.items() if reminder == "suppressed")
    sent = sum(n for (reminder, _), n in found.items() if reminder == "sent")
    failed = sum(
        n
        for (reminder, delivery), n in found.items()
        if reminder == "refused" or (reminder == "planned" and delivery != "claimed")
    )
    return DispatchCounts(plan.planned, sent, failed, plan.suppressed + suppressed, run.is_released)
