"""Who is written down to hear of what."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from flask import Flask

from crm.accounts.models import User
from crm.accounts.queries import system_actor
from crm.clock import utc_now
from crm.database import db, transaction
from crm.deadlines.models import Deadline
from crm.firms.models import Contact, Firm
from crm.reminders.use_cases import plan_day
from crm.reminders.use_cases.plan_day import PlanCounts
from crm.support_plans.models import PlanMeasure, SupportPlan
from crm.territories.models import Territory
from crm.territories.queries import forget_tree
from tests.factories.firms import make_firm
from tests.factories.people import Cast
from tests.factories.reminders import DAY, change, deliveries, make_deadline, reminders, user_key

pytestmark = pytest.mark.both_databases


def planned(day: date = DAY) -> PlanCounts:
    return plan_day(system_actor("test"), day)


def test_a_person_gets_one_digest_of_a_day_and_a_contact_one_mail_a_reminder(cast: Cast) -> None:
    for days in (0, 3, 7):
        make_deadline(DAY + timedelta(days=days), owner=cast.officer)
    make_deadline(
        DAY + timedelta(days=30), kind="certificate_expiry", owner=cast.officer, contact="li@firm.test"
    )

    counts = planned()

    assert (counts.planned, counts.suppressed) == (5, 0)
    assert [(d.channel, d.recipient) for d in deliveries()].count(
        ("owner_digest", user_key(cast.officer))
    ) == 1
    assert sum(d.channel == "contact_mail" for d in deliveries()) == 1


def test_planning_twice_writes_nothing_new(cast: Cast) -> None:
    make_deadline(DAY, owner=cast.officer)
    planned()

    assert planned().planned == 0
    assert len(reminders()) == 1


def test_two_planners_at_once_write_each_reminder_once(app: Flask, cast: Cast) -> None:
    for _ in range(30):
        make_deadline(
            DAY + timedelta(days=30), kind="certificate_expiry", owner=cast.officer, contact="li@firm.test"
        )
    gate, written, faults = threading.Barrier(2), [], []

    def one() -> None:
        try:
            with app.app_context():
                gate.wait()
                written.append(planned().planned)
                db.session.remove()
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not faults
    assert sum(written) == len(reminders()) == 60
    assert len(deliveries()) == 31


def test_a_deactivated_owner_is_followed_by_the_territorys_lead(cast: Cast) -> None:
    make_deadline(DAY, owner=cast.colleague)
    change(User, cast.colleague.user_id, is_active=False)
    planned()

    assert [r.recipient for r in reminders()] == [user_key(cast.officer)]


def test_a_named_lead_goes_before_the_longest_serving_officer(cast: Cast) -> None:
    deadline = make_deadline(DAY)
    firm = db.session.get_one(Firm, deadline.firm_id)
    change(Territory, firm.district_id, lead_user_id=cast.colleague.user_id)
    forget_tree()
    planned()

    assert [r.recipient for r in reminders()] == [user_key(cast.colleague)]


def test_an_owner_who_moved_to_another_county_hears_nothing_more(cast: Cast) -> None:
    make_deadline(DAY, owner=cast.stranger)
    planned()

    assert [r.recipient for r in reminders()] == [user_key(cast.officer)]


def test_the_person_responsible_for_a_measure_hears_of_it(cast: Cast) -> None:
    firm = make_firm(system_actor("test"))
    with transaction():
        plan = SupportPlan(firm_id=firm.id, target_rung=2, target_year=2027, created_at=utc_now())
        measure = PlanMeasure(
            plan=plan, position=1, kind="training", title="培训", responsible_id=cast.colleague.user_id
        )
        db.session.add_all([plan, measure])
    make_deadline(DAY, firm=firm, owner=cast.officer, source_id=measure.id)
    planned()

    assert [r.recipient for r in reminders()] == [user_key(cast.colleague)]


@pytest.mark.parametrize(
    ("address", "reason"),
    [("li，wang@firm.test", "address_chinese_comma"), ("li＠firm.test", "address_full_width_at")],
)
def test_a_bad_address_is_kept_with_its_reason_and_stops_nobody(
    cast: Cast, address: str, reason: str
) -> None:
    due_on = DAY + timedelta(days=30)
    make_deadline(due_on, kind="certificate_expiry", owner=cast.officer, contact=address)
    make_deadline(due_on, kind="certificate_expiry", owner=cast.officer, contact="good@firm.test")

    counts = planned()

    assert (counts.planned, counts.suppressed) == (3, 1)
    assert [r.reason for r in reminders() if r.state == "suppressed"] == [reason]


def test_a_mended_address_hears_of_what_was_held_back(cast: Cast) -> None:
    due_on = DAY + timedelta(days=30)
    make_deadline(due_on, kind="certificate_expiry", owner=cast.officer, contact="li@@firm.test")
    planned()
    contact = db.session.query(Contact).one()
    change(Contact, contact.id, email="li@firm.test")

    assert planned(DAY + timedelta(days=1)).planned == 1
    assert {r.state for r in reminders()} == {"planned"}


def test_archived_firms_and_settled_deadlines_are_not_spoken_of(cast: Cast) -> None:
    archived = make_firm(system_actor("test"))
    make_deadline(DAY, firm=archived)
    change(Firm, archived.id, is_archived=True)
    for state in ("done", "waived", "closed"):
        change(Deadline, make_deadline(DAY, owner=cast.officer).id, state=state)

    assert planned().planned == 0


def test_after_five_days_without_service_only_the_newest_stage_speaks_marked_late(cast: Cast) -> None:
    make_deadline(DAY + timedelta(days=5), kind="certificate_expiry", owner=cast.officer)
    planned()

    (only,) = reminders()
    assert (only.lead_days, only.is_late) == (7, True)


def test_digests_that_could_not_go_out_join_the_next_one(cast: Cast) -> None:
    make_deadline(DAY, owner=cast.officer)
    planned(DAY)
    make_deadline(DAY + timedelta(days=8), owner=cast.officer)
    planned(DAY + timedelta(days=1))

    old, new = deliveries()
    assert (old.state, old.reason, new.state) == ("suppressed", "consolidated", "planned")
    assert {r.delivery_id for r in reminders()} == {new.id}
    assert [r.is_late for r in reminders()] == [True, False]


def test_a_deadline_found_after_the_digest_has_gone_waits_for_the_next(cast: Cast) -> None:
    make_deadline(DAY, owner=cast.officer)
    planned()
    change(type(deliveries()[0]), deliveries()[0].id, state="sent")
    make_deadline(DAY + timedelta(days=1), owner=cast.officer)

    counts = planned()

    assert (counts.planned, counts.waiting) == (0, 1)
    assert planned(DAY + timedelta(days=1)).planned == 1


def test_a_lead_on_a_holiday_goes_out_on_the_last_working_day_before(cast: Cast) -> None:
    # 2026-10-01 to 07 are holidays, 2026-10-10 a make-up Saturday
    make_deadline(date(2026, 10, 8), kind="certificate_expiry", owner=cast.officer)

    assert planned(date(2026, 10, 1)).planned == 0
    assert planned(date(2026, 9, 30)).planned == 1
    assert reminders()[0].lead_days == 1
