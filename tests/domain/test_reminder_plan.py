"""Reminders: neither lost nor doubled nor stale, as properties over days, outages and calendars."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.domain.errors import DataFileError, RefusedError
from crm.domain.reminder_plan import (
    CONTACT_MAIL,
    LAST_STAGE_OPEN_DAYS,
    OWNER_DIGEST,
    DueDeadline,
    Policy,
    default_policies,
    late_if_reaching_back,
    outlook,
    plan,
    read_policies,
    send_day,
)
from crm.domain.working_days import WorkingCalendar, official_calendar

LONG_AGO = date(2000, 1, 1)
PLAIN = WorkingCalendar(frozenset(), frozenset(), frozenset())  # weekends only
EXPIRY = Policy(1, "certificate_expiry", (90, 30, 7, 1, -1), OWNER_DIGEST, LONG_AGO)
THURSDAY = date(2026, 11, 26)


def due(due_on, id_=1, kind="certificate_expiry", owner="lin", contact=None, state="open"):
    return DueDeadline(id_, kind, due_on, owner, contact, state)


def leads(reminders):
    return [reminder.lead_days for reminder in reminders]


def test_stage_is_planned_on_its_day():
    (reminder,) = plan([due(THURSDAY)], [EXPIRY], PLAIN, THURSDAY - timedelta(days=30))
    assert (reminder.lead_days, reminder.recipient, reminder.channel, reminder.late) == (
        30,
        "lin",
        OWNER_DIGEST,
        False,
    )


def test_nothing_before_the_first_stage_and_after_the_last_has_closed():
    assert plan([due(THURSDAY)], [EXPIRY], PLAIN, THURSDAY - timedelta(days=91)) == ()
    sent_on = send_day(THURSDAY, -1, PLAIN)
    last_open = sent_on + timedelta(days=LAST_STAGE_OPEN_DAYS - 1)
    always = replace(EXPIRY, channel=CONTACT_MAIL)
    deadlines = [due(THURSDAY, contact="a@example.com")]
    assert leads(plan(deadlines, [always], PLAIN, last_open)) == [-1]
    assert plan(deadlines, [always], PLAIN, last_open + timedelta(days=1)) == ()


def test_stage_on_a_weekend_goes_out_on_the_friday_before():
    due_on = date(2026, 11, 29)  # a Sunday
    assert send_day(due_on, 0, PLAIN) == date(2026, 11, 27)
    assert send_day(due_on, 7, PLAIN) == date(2026, 11, 20)


def test_stage_after_the_due_date_never_slips_before_it():
    friday = date(2026, 11, 27)
    assert send_day(friday, -1, PLAIN) == date(2026, 11, 30)
    assert send_day(friday, -3, PLAIN) == date(2026, 11, 30)
    assert send_day(friday, -9, PLAIN) == date(2026, 12, 4)  # a Sunday again: the Friday before will do


def test_stage_in_the_spring_festival_goes_out_before_it():
    calendar = official_calendar()
    in_festival = date(2026, 2, 18)
    assert not calendar.is_working_day(in_festival)
    sent_on = send_day(in_festival, 0, calendar)
    assert sent_on < in_festival
    assert calendar.is_working_day(sent_on)


def test_of_two_stages_on_one_day_the_later_speaks():
    sunday = date(2026, 11, 29)
    policy = Policy(1, "measure_due", (1, 0), OWNER_DIGEST, LONG_AGO)
    assert leads(plan([due(sunday, kind="measure_due")], [policy], PLAIN, date(2026, 11, 27))) == [0]


def test_digest_waits_for_a_working_day_and_contact_mail_does_not():
    saturday = date(2026, 11, 28)
    policies = [EXPIRY, replace(EXPIRY, channel=CONTACT_MAIL)]
    deadlines = [due(saturday + timedelta(days=20), contact="a@example.com")]
    assert [r.channel for r in plan(deadlines, policies, PLAIN, saturday)] == [CONTACT_MAIL]
    monday = plan(deadlines, policies, PLAIN, saturday + timedelta(days=2))
    assert {(r.channel, r.lead_days, r.late) for r in monday} == {
        (CONTACT_MAIL, 30, True),
        (OWNER_DIGEST, 30, True),
    }


def test_nobody_to_tell_plans_nothing():
    assert plan([due(THURSDAY, owner=None)], [EXPIRY], PLAIN, THURSDAY) == ()
    contact = replace(EXPIRY, channel=CONTACT_MAIL)
    assert plan([due(THURSDAY, contact="")], [contact], PLAIN, THURSDAY) == ()


@pytest.mark.parametrize("state", ["done", "waived", "closed"])
def test_settled_deadlines_are_not_spoken_of(state):
    assert plan([due(THURSDAY, state=state)], [EXPIRY], PLAIN, THURSDAY) == ()


def test_moved_date_is_spoken_of_anew():
    day = THURSDAY - timedelta(days=7)
    (before,) = plan([due(THURSDAY)], [EXPIRY], PLAIN, day)
    moved = due(THURSDAY + timedelta(days=1))
    assert len(plan([moved], [EXPIRY], PLAIN, day + timedelta(days=1), frozenset({before.key}))) == 1


def test_new_owner_hears_the_newest_stage_and_the_old_one_nothing_more():
    (old,) = plan([due(THURSDAY)], [EXPIRY], PLAIN, THURSDAY - timedelta(days=7))
    day = THURSDAY - timedelta(days=6)
    (new,) = plan([due(THURSDAY, owner="shen")], [EXPIRY], PLAIN, day, {old.key})
    assert (new.recipient, new.lead_days, new.late) == ("shen", 7, True)


def test_new_stage_does_not_reach_back_but_its_number_can_be_told():
    today = THURSDAY
    deadlines = [due(today + timedelta(days=60), id_=number) for number in range(2000)]
    existing = replace(EXPIRY, leads=(30, 7))
    added = Policy(2, "certificate_expiry", (90,), OWNER_DIGEST, today)
    assert plan(deadlines, [existing, added], PLAIN, today) == ()
    assert len(late_if_reaching_back(deadlines, [existing], added, PLAIN, today)) == 2000


def test_stage_too_new_to_count_leaves_the_older_policy_in_force():
    older = Policy(1, "certificate_expiry", (70,), OWNER_DIGEST, LONG_AGO)
    newer = Policy(2, "certificate_expiry", (60,), OWNER_DIGEST, THURSDAY)
    deadlines = [due(THURSDAY + timedelta(days=59))]
    assert leads(plan(deadlines, [older, newer], PLAIN, THURSDAY)) == [70]


def test_default_policies_are_those_of_the_bureau():
    table = {(policy.kind, policy.channel): policy.leads for policy in default_policies()}
    assert table == {
        ("certificate_expiry", OWNER_DIGEST): (90, 30, 7, 1, -1),
        ("certificate_expiry", CONTACT_MAIL): (90, 30, 7, 1, -1),
        ("hnte_annual_report", OWNER_DIGEST): (60, 15, 5),
        ("hnte_annual_report", CONTACT_MAIL): (60, 15, 5),
        ("sme_update", OWNER_DIGEST): (60, 15),
        ("sme_update", CONTACT_MAIL): (60, 15),
        ("measure_due", OWNER_DIGEST): (7, 0),
        ("hnte_reapplication", OWNER_DIGEST): (90, 30, 7),
    }


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"kind": "birthday"}, "policy_kind"),
        ({"channel": "pigeon"}, "policy_channel"),
        ({"leads": ()}, "policy_leads_empty"),
        ({"leads": (7, 7)}, "policy_leads_repeated"),
        ({"leads": (731,)}, "policy_lead_range"),
        ({"leads": (-31,)}, "policy_lead_range"),
    ],
)
def test_policy_that_makes_no_sense_is_refused(change, reason):
    with pytest.raises(RefusedError) as refused:
        replace(EXPIRY, **change)
    assert refused.value.reason == reason


def test_policy_file_names_the_place_of_its_fault(tmp_path):
    path = tmp_path / "policies.yaml"
    path.write_text(
        "policies:\n  - {kind: birthday, channels: [owner_digest], leads: [1], "
        "effective_from: 2000-01-01, note: x}\n"
    )
    with pytest.raises(DataFileError, match=r"policies\[0\]\.kind"):
        read_policies(path)


# Properties. A calendar of arbitrary days off and worked; a deadline; a policy; days with the service down.
START = date(2026, 1, 1)
calendars = st.builds(
    lambda off, worked: WorkingCalendar(
        frozenset(START + timedelta(days=n) for n in off),
        frozenset(START + timedelta(days=n) for n in worked - off),
        frozenset({2026}),
    ),
    st.frozensets(st.integers(0, 200), max_size=40),
    st.frozensets(st.integers(0, 200), max_size=10),
)
policies = st.builds(
    lambda stages, channel: Policy(1, "certificate_expiry", tuple(stages), channel, LONG_AGO),
    st.lists(st.integers(-20, 60), min_size=1, max_size=5, unique=True),
    st.sampled_from([OWNER_DIGEST, CONTACT_MAIL]),
)
due_days = st.integers(70, 120).map(lambda n: START + timedelta(days=n))
RUN_DAYS = 230


def run(deadline, policy, calendar, days):
    """What consecutive runs plan; each day is planned twice, the second time must add nothing."""
    already, heard = set(), []
    for day in days:
        planned = plan([deadline], [policy], calendar, day, already)
        assert len(planned) <= 1, "a flood"
        already |= {reminder.key for reminder in planned}
        assert plan([deadline], [policy], calendar, day, already) == ()
        heard += [(day, reminder) for reminder in planned]
    return heard


@settings(max_examples=60, deadline=None)
@given(calendars, policies, due_days)
def test_each_stage_is_planned_once_on_its_day_or_superseded(calendar, policy, due_on):
    days = [START + timedelta(days=n) for n in range(RUN_DAYS)]
    heard = run(due(due_on, contact="a@example.com"), policy, calendar, days)
    assert len({reminder.key for _, reminder in heard}) == len(heard)
    by_day = {}
    for lead in sorted(policy.leads, reverse=True):
        by_day[send_day(due_on, lead, calendar)] = lead  # a later stage of the same day supersedes
    assert {day: reminder.lead_days for day, reminder in heard} == by_day
    assert not any(reminder.late for _, reminder in heard)


@settings(max_examples=60, deadline=None)
@given(calendars, policies, due_days, st.integers(0, 200), st.integers(1, 60))
def test_an_outage_loses_no_newest_stage_and_brings_no_flood(calendar, policy, due_on, first, length):
    deadline = due(due_on, contact="a@example.com")
    all_days = [START + timedelta(days=n) for n in range(RUN_DAYS + 60)]
    up = [day for n, day in enumerate(all_days) if not first <= n < first + length]
    heard = run(deadline, policy, calendar, up)
    back = all_days[first + length]
    # the first day on which the channel speaks again
    speaks = next(
        d for d in up if d >= back and (policy.channel == CONTACT_MAIL or calendar.is_working_day(d))
    )
    stages = sorted((send_day(due_on, lead, calendar), -lead) for lead in policy.leads)
    come = [stage for stage in stages if stage[0] <= speaks]
    if come and (come[-1] != stages[-1] or (speaks - come[-1][0]).days < LAST_STAGE_OPEN_DAYS):
        assert -come[-1][1] in {reminder.lead_days for day, reminder in heard if day <= speaks}
    # what was missed and superseded in the meantime is not made up for
    for day, reminder in heard:
        assert reminder.late == (reminder.send_on < day)
        newer = [
            stage for stage in stages if (reminder.send_on, -reminder.lead_days) < stage and stage[0] <= day
        ]
        assert newer == []


@settings(max_examples=30, deadline=None)
@given(calendars, policies, due_days, st.integers(0, RUN_DAYS - 1))
def test_outlook_is_what_the_days_will_bring(calendar, policy, due_on, settled_after):
    deadline = due(due_on, contact="a@example.com")
    days = [START + timedelta(days=n) for n in range(settled_after + 1)]
    foreseen = list(outlook([deadline], [policy], calendar, days[0], days[-1]))
    assert foreseen == run(deadline, policy, calendar, days)
    assert run(replace(deadline, state="done"), policy, calendar, days) == []


@settings(max_examples=30, deadline=None)
@given(calendars, due_days, st.integers(0, RUN_DAYS))
def test_digest_is_planned_on_working_days_only(calendar, due_on, offset):
    day = START + timedelta(days=offset)
    if plan([due(due_on)], [EXPIRY], calendar, day):
        assert calendar.is_working_day(day)
