"""What the rules demand is final or scheduled, or it is said."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crm.accounts.queries import system_actor
from crm.clock import utc_now
from crm.operations.use_cases import task_run
from crm.reminders import queries, tasks
from crm.reminders.models import Delivery
from crm.reminders.use_cases import plan_day, reconcile
from crm.reminders.use_cases.reconcile import ReconciliationError
from tests.factories.people import Cast
from tests.factories.reminders import DAY, FakeRelay, change, delivery, make_deadline, reminders

pytestmark = pytest.mark.both_databases
OFFICE = ZoneInfo("Asia/Shanghai")
Run = Callable[..., list[str]]


def test_what_is_demanded_is_final_or_scheduled(cast: Cast, relay: FakeRelay, run: Run) -> None:
    make_deadline(DAY, owner=cast.officer)
    plan_day(system_actor("test"), DAY)
    planned = reconcile(system_actor("test"), DAY)
    assert (planned.demanded, planned.scheduled, planned.final) == (1, 1, 0)
    run(plan=False)

    sent = reconcile(system_actor("test"), DAY)
    assert (sent.demanded, sent.final, sent.missing) == (1, 1, 0)
    sent.require_agreement()


def test_a_planner_that_did_not_run_is_an_alarm(cast: Cast) -> None:
    make_deadline(DAY, owner=cast.officer)

    found = reconcile(system_actor("test"), DAY)
    assert found.missing == 1
    with pytest.raises(ReconciliationError):
        found.require_agreement()


def test_what_waits_for_the_next_digest_is_no_alarm(cast: Cast, relay: FakeRelay, run: Run) -> None:
    make_deadline(DAY, owner=cast.officer)
    run()
    make_deadline(DAY, owner=cast.officer)

    found = reconcile(system_actor("test"), DAY)
    assert (found.waiting, found.missing) == (1, 0)


def test_mails_that_no_worker_takes_are_an_alarm(cast: Cast) -> None:
    make_deadline(DAY, owner=cast.officer)
    plan_day(system_actor("test"), DAY)
    change(Delivery, delivery().id, next_at=utc_now() - timedelta(hours=2))

    assert reconcile(system_actor("test"), DAY).stuck == 1


@pytest.mark.parametrize(
    ("moment", "plans"),
    [
        (datetime(2026, 11, 25, 8, 29, tzinfo=OFFICE), False),
        (datetime(2026, 11, 25, 8, 30, tzinfo=OFFICE), True),
        (datetime(2026, 11, 25, 23, 59, tzinfo=OFFICE), True),
        (datetime(2026, 11, 28, 9, 0, tzinfo=OFFICE), False),  # Saturday
        (datetime(2026, 10, 10, 9, 0, tzinfo=OFFICE), True),  # Saturday worked in exchange
        (datetime(2026, 10, 1, 9, 0, tzinfo=OFFICE), False),  # holiday
    ],
)
def test_the_task_plans_on_working_days_from_half_past_eight(
    cast: Cast, moment: datetime, plans: bool
) -> None:
    make_deadline(moment.date(), owner=cast.officer)

    assert tasks.plan_if_time(system_actor("test"), moment) is plans
    assert len(reminders()) == plans


def test_the_task_does_not_plan_again_within_minutes(cast: Cast) -> None:
    now = datetime.combine(utc_now().astimezone(OFFICE).date(), datetime.min.time(), OFFICE)
    assert queries.last_planned_at() is None
    last = utc_now()
    while not tasks.plan_if_time(system_actor("test"), now + timedelta(hours=9)):
        now += timedelta(days=1)
    planned_at = queries.last_planned_at()
    assert planned_at is not None and planned_at >= last


def test_a_difference_stands_on_the_administrators_page(cast: Cast, sign_in) -> None:
    make_deadline(DAY, owner=cast.officer)
    plan_day(system_actor("test"), DAY)
    change(Delivery, delivery().id, next_at=utc_now() - timedelta(hours=2))
    with contextlib.suppress(ReconciliationError), task_run("crm.reminders.reconcile"):
        reconcile(system_actor("test"), DAY).require_agreement()

    page = sign_in("administrator").get("/system").get_data(as_text=True)
    assert "stuck mails 1" in page
