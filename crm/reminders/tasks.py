"""Periodic work of reminders; the command line calls the same functions."""

from __future__ import annotations

import logging
from datetime import datetime, time, timedelta

from celery import shared_task

from crm.accounts.queries import system_actor
from crm.clock import local_time, utc_now
from crm.domain.access import Actor
from crm.domain.working_days import official_calendar
from crm.operations.use_cases import task_run
from crm.reminders import queries, use_cases
from crm.reminders.use_cases.deliver import NotReleasedError
from crm.reminders.use_cases.reconcile import ReconciliationError

log = logging.getLogger(__name__)

SENDING_BEGINS = time(8, 30)
# A deadline found later in the day is planned within this; the whole is not read every minute.
PLAN_EVERY = timedelta(minutes=10)
# Below the schedule's 60 s: a long queue is worked off tick by tick and leaves room for other tasks.
DELIVER_SECONDS = 50.0


@shared_task(name="crm.reminders.send_due")  # type: ignore[untyped-decorator]
def send_due() -> None:
    """On working days from 08:30 plan the day; at any time deliver what is due. Safe to run twice at once."""
    actor = system_actor("crm.reminders.send_due")
    try:
        with task_run("crm.reminders.send_due"):
            plan_if_time(actor, utc_now())
            run = use_cases.deliver_due(actor, today=local_time(utc_now()).date(), seconds=DELIVER_SECONDS)
            run.require_release()
    except NotReleasedError as error:
        log.warning("%s", error)


def plan_if_time(actor: Actor, now: datetime) -> bool:
    """Plan the day of `now` unless it is a day off, before 08:30, or done within the last minutes."""
    local = local_time(now)
    if local.time() < SENDING_BEGINS or not official_calendar().is_working_day(local.date()):
        return False
    last = queries.last_planned_at()
    if last is not None and now - last < PLAN_EVERY and local_time(last).date() == local.date():
        return False
    with task_run(queries.PLAN_RUN):
        use_cases.plan_day(actor, local.date())
    return True


@shared_task(name="crm.reminders.reconcile")  # type: ignore[untyped-decorator]
def reconcile() -> None:
    """What the rules demand today must be final or scheduled; a difference is shown to the administrator."""
    actor = system_actor("crm.reminders.reconcile")
    try:
        with task_run("crm.reminders.reconcile"):
            day = local_time(utc_now()).date()
            if official_calendar().is_working_day(day):
                use_cases.reconcile(actor, day).require_agreement()
    except ReconciliationError as error:
        log.error("reminders do not agree: %s", error)
