"""What certifications and measures make due. Sources stand in crm/domain/deadlines.py."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.domain.certification import Grant, schemes
from crm.domain.deadlines import (
    KINDS,
    DerivedDeadline,
    MeasureFacts,
    derive,
    tone,
    worth_creating,
)


def grant(id_, scheme, granted_on, valid_to, *, update_due=None, revoked_from=None, superseded_by=None):
    return Grant(id_, scheme, None, granted_on, granted_on, valid_to, update_due, revoked_from, superseded_by)


def hnte(id_, granted_on, **rest):
    return grant(id_, "hnte", granted_on, granted_on.replace(year=granted_on.year + 3), **rest)


def sme(id_, year, **rest):
    return grant(
        id_,
        "tech_sme_national",
        date(year, 7, 1),
        date(year, 12, 31),
        update_due=date(year + 1, 3, 31),
        **rest,
    )


def of_kind(kind, deadlines):
    return [(d.source_id, d.period, d.due_on) for d in deadlines if d.kind == kind]


def test_hnte_certificate_owes_expiry_reports_and_reapplication():
    found = derive([hnte(1, date(2023, 12, 8))], [])
    assert of_kind("certificate_expiry", found) == [(1, "", date(2026, 12, 8))]
    assert of_kind("hnte_annual_report", found) == [
        (1, str(year), date(year, 5, 31)) for year in (2024, 2025, 2026, 2027)
    ]
    assert of_kind("hnte_reapplication", found) == [(1, "", schemes()["hnte"].reapplication_due(2026))]
    assert of_kind("sme_update", found) == []


def test_report_of_a_year_touched_by_two_certificates_is_owed_by_the_later():
    old = hnte(1, date(2020, 12, 1), superseded_by=2)
    found = derive([hnte(2, date(2023, 12, 8)), old], [])
    owed = {period: source for source, period, _ in of_kind("hnte_annual_report", found)}
    assert owed == {"2021": 1, "2022": 1, "2023": 1, "2024": 2, "2025": 2, "2026": 2, "2027": 2}


def test_renewed_certificate_has_no_expiry_or_reapplication():
    old = hnte(1, date(2020, 12, 1), superseded_by=2)
    found = derive([old, hnte(2, date(2023, 12, 8))], [])
    assert [source for source, _, _ in of_kind("certificate_expiry", found)] == [2]
    assert [source for source, _, _ in of_kind("hnte_reapplication", found)] == [2]


def test_later_certificate_counts_as_renewal_without_the_mark():
    found = derive([hnte(1, date(2020, 12, 1)), hnte(2, date(2023, 12, 8))], [])
    assert [source for source, _, _ in of_kind("certificate_expiry", found)] == [2]


def test_revoked_certificate_keeps_only_reports_due_before():
    found = derive([hnte(1, date(2023, 12, 8), revoked_from=date(2025, 3, 1))], [])
    assert [(d.kind, d.period) for d in found] == [("hnte_annual_report", "2024")]


def test_report_due_on_the_day_of_revocation_is_not_owed():
    on_the_day = derive([hnte(1, date(2023, 12, 8), revoked_from=date(2025, 5, 31))], [])
    day_after = derive([hnte(1, date(2023, 12, 8), revoked_from=date(2025, 6, 1))], [])
    assert [d.period for d in on_the_day] == ["2024"]
    assert [d.period for d in day_after] == ["2024", "2025"]


def test_technology_sme_owes_its_update_and_no_expiry():
    found = derive([sme(1, 2025)], [])
    assert [(d.kind, d.due_on) for d in found] == [("sme_update", date(2026, 3, 31))]


def test_number_of_the_next_year_settles_the_update():
    found = derive([sme(1, 2025), sme(2, 2026)], [])
    assert [(d.source_id, d.due_on) for d in found] == [(2, date(2027, 3, 31))]


def test_revoked_number_owes_no_update_but_settles_the_year_before():
    found = derive([sme(1, 2025), sme(2, 2026, revoked_from=date(2026, 9, 1))], [])
    assert found == ()


def test_open_ended_provincial_recognition_owes_nothing():
    assert derive([grant(1, "tech_sme_zhejiang", date(2020, 1, 1), None)], []) == ()


def test_leading_title_owes_its_expiry():
    found = derive([grant(1, "leading_zhejiang", date(2023, 10, 30), date(2028, 10, 30))], [])
    assert [(d.kind, d.due_on) for d in found] == [("certificate_expiry", date(2028, 10, 30))]


def test_measures_settled_or_without_date_owe_nothing():
    due = date(2026, 12, 1)
    measures = [
        MeasureFacts(1, due, "planned"),
        MeasureFacts(2, due, "running"),
        MeasureFacts(3, due, "done"),
        MeasureFacts(4, due, "cancelled"),
        MeasureFacts(5, None, "planned"),
    ]
    assert [d.key for d in derive([], measures)] == [
        ("measure_due", "measure", 1, ""),
        ("measure_due", "measure", 2, ""),
    ]


def test_moved_date_keeps_the_key():
    before = derive([], [MeasureFacts(1, date(2026, 12, 1), "planned")])[0]
    after = derive([], [MeasureFacts(1, date(2026, 12, 9), "planned")])[0]
    assert before.key == after.key
    assert before.due_on != after.due_on


def test_grant_without_id_is_refused():
    with pytest.raises(ValueError, match="without id"):
        derive([hnte(None, date(2023, 12, 8))], [])


days = st.dates(date(2016, 1, 1), date(2030, 12, 28))
grants = st.lists(
    st.builds(
        lambda kind, day: sme(0, day.year) if kind else hnte(0, day.replace(day=1)), st.booleans(), days
    )
).map(lambda found: [replace(one, id=index) for index, one in enumerate(found, start=1)])


@given(grants)
def test_keys_are_unique_and_order_of_grants_does_not_matter(held):
    found = derive(held, [])
    assert len({d.key for d in found}) == len(found)
    assert {d.kind for d in found} <= set(KINDS)
    reports = [d.period for d in found if d.kind == "hnte_annual_report"]
    assert len(set(reports)) == len(reports)
    if len({(one.scheme, one.valid_from) for one in held}) == len(held):
        assert derive(reversed(held), []) == found


@pytest.mark.parametrize(
    ("due_on", "worth"),
    [
        (date(2026, 10, 24), False),
        (date(2026, 10, 25), True),
        (date(2026, 11, 25), True),
        (date(2030, 1, 1), True),
    ],
)
def test_long_past_deadlines_are_not_opened(due_on, worth):
    deadline = DerivedDeadline("certificate_expiry", "certification", 1, "", due_on)
    assert worth_creating(deadline, date(2026, 11, 25)) is worth


@pytest.mark.parametrize(
    ("due_on", "state", "expected"),
    [
        (date(2026, 11, 24), "open", "late"),
        (date(2026, 11, 25), "open", "soon"),
        (date(2026, 12, 9), "open", "soon"),
        (date(2026, 12, 10), "open", "none"),
        (date(2026, 11, 24), "done", "ok"),
        (date(2026, 11, 24), "waived", "none"),
        (date(2026, 11, 24), "closed", "none"),
    ],
)
def test_tone_turns_amber_within_fourteen_days(due_on, state, expected):
    assert tone(due_on, date(2026, 11, 25), state) == expected
