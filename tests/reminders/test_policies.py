"""A new lead reaches back only where somebody said so."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from crm.accounts.queries import system_actor
from crm.audit.models import AuditEntry
from crm.database import db
from crm.domain.errors import ChangedMeanwhileError, NotAllowedError, RefusedError
from crm.reminders.models import ReminderPolicy
from crm.reminders.use_cases import change_policy, late_if_changed, plan_day
from tests.factories.people import Cast
from tests.factories.reminders import DAY, make_deadline, reminders

pytestmark = pytest.mark.both_databases


def measures() -> ReminderPolicy:
    return db.session.scalars(
        sa.select(ReminderPolicy)
        .where(ReminderPolicy.kind == "measure_due")
        .execution_options(populate_existing=True)
    ).one()


def save(cast: Cast, leads: list[int], **values: object) -> ReminderPolicy:
    row = measures()
    arguments = {"version": row.version, "is_active": True, "today": DAY, **values}
    return change_policy(cast.chief, row.id, leads=leads, **arguments)  # type: ignore[arg-type]


def test_the_administrator_is_told_how_many_would_be_late_and_must_choose(cast: Cast) -> None:
    for _ in range(3):
        make_deadline(DAY + timedelta(days=50), owner=cast.officer)

    assert late_if_changed(cast.chief, measures().id, [60, 7, 0], DAY) == 3
    with pytest.raises(RefusedError) as refused:
        save(cast, [60, 7, 0])
    assert (refused.value.reason, refused.value.values["late"]) == ("policy_reach_wanted", 3)
    assert measures().leads == [7, 0]


def test_from_today_sends_nothing_at_once_and_speaks_of_what_comes(cast: Cast) -> None:
    make_deadline(DAY + timedelta(days=50), owner=cast.officer)
    make_deadline(DAY + timedelta(days=61), owner=cast.officer)
    save(cast, [60, 7, 0], reach="from_today")

    assert plan_day(system_actor("test"), DAY).planned == 0
    assert plan_day(system_actor("test"), DAY + timedelta(days=1)).planned == 1
    # the leads it had before still make up for an outage
    make_deadline(DAY + timedelta(days=5), owner=cast.officer)
    assert plan_day(system_actor("test"), DAY).planned == 1


def test_catching_up_speaks_at_once_in_one_digest(cast: Cast) -> None:
    for _ in range(3):
        make_deadline(DAY + timedelta(days=50), owner=cast.officer)
    save(cast, [60, 7, 0], reach="catch_up")

    assert plan_day(system_actor("test"), DAY).planned == 3
    assert {(r.lead_days, r.is_late) for r in reminders()} == {(60, True)}
    assert len({r.delivery_id for r in reminders()}) == 1


def test_a_policy_switched_off_says_nothing(cast: Cast) -> None:
    make_deadline(DAY, owner=cast.officer)
    save(cast, [7, 0], is_active=False)

    assert plan_day(system_actor("test"), DAY).planned == 0


def test_a_change_is_audited_and_a_second_writer_is_told(cast: Cast) -> None:
    row = measures()
    save(cast, [0])
    assert db.session.scalar(sa.select(sa.func.count()).where(AuditEntry.action == "reminder.policy")) == 1
    with pytest.raises(ChangedMeanwhileError):
        save(cast, [7], version=row.version - 1)


def test_an_officer_may_not_change_it(cast: Cast) -> None:
    with pytest.raises(NotAllowedError):
        change_policy(cast.officer, measures().id, version=1, leads=[7], is_active=True, today=DAY)


def test_leads_kept_with_their_own_day_survive_another_change(cast: Cast) -> None:
    save(cast, [60, 7, 0], reach="from_today")
    save(cast, [60, 0])

    assert measures().leads == [[60, DAY.isoformat()], 0]
