"""A relay in place of SMTP, and the way a run of the task goes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from crm.accounts.queries import system_actor
from crm.reminders.use_cases import deliver_next, plan_day
from crm.reminders.use_cases.plan_day import PlanCounts
from crm.reminders.worker_name import this_worker
from tests.factories.reminders import DAY, FakeRelay


@pytest.fixture
def relay(app: Flask) -> FakeRelay:
    return FakeRelay()


@pytest.fixture
def run(relay: FakeRelay) -> Callable[..., list[str]]:
    """Plan a day and deliver until nothing is due; returns the outcomes in order."""

    def planned_and_delivered(day: date = DAY, *, plan: bool = True) -> list[str]:
        if plan:
            plan_day(system_actor("test"), day)
        outcomes = []
        while (done := deliver_next(relay, this_worker(), day)) is not None:
            outcomes.append(done[1])
            if done[1] == "paused":
                break
        return outcomes

    return planned_and_delivered


def planned(day: date = DAY) -> PlanCounts:
    return plan_day(system_actor("test"), day)
