"""Invented firms: the same each time, of every texture, none that could be taken for a real one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from crm.demo.certificates import certificates, cohort_day
from crm.demo.invention import code_of, invent
from crm.demo.words import SHARES
from crm.domain import credit_code

DAYS = (date(2026, 11, 25), date(2027, 1, 4), date(2027, 6, 30), date(2028, 2, 29), date(2026, 12, 31))


def test_the_same_number_and_day_give_the_same_firms():
    first, again = (list(invent(120, DAYS[0])) for _ in range(2))
    assert first == again
    assert [list(certificates(f, DAYS[0])) for f in first] == [list(certificates(f, DAYS[0])) for f in again]


def test_every_name_says_demo_and_stands_alone():
    names = [firm.name for firm in invent(3000, DAYS[0])]
    assert all("演示" in name for name in names)
    assert len(set(names)) == len(names)


def test_former_names_say_demo_too():
    former = [firm.former[0] for firm in invent(600, DAYS[0]) if firm.former]
    assert former and all("演示" in name for name in former)


def test_codes_pass_the_check_but_stand_for_no_office():
    assert all(credit_code.is_valid(code_of(index)) for index in range(1, 2000))
    # 330699 is no registration authority; no organisation code begins with DEM
    assert code_of(1)[:11] == "91330699DEM"


def test_all_counties_and_all_textures_are_there():
    firms = list(invent(240, DAYS[0]))
    assert {firm.county for firm in firms} == set(SHARES)
    assert {firm.climb for firm in firms} == {"none", "past", "sme", "hnte", "leading"}
    assert any(firm.values["code"] is None for firm in firms)
    assert any(
        firm.values["code"] and credit_code.problem(firm.values["code"]) == "check_character"
        for firm in firms
    )
    assert any(firm.is_branch for firm in firms)
    assert any(firm.archive_reason for firm in firms)
    assert any(not firm.contacts for firm in firms)
    assert any(person.bounced for firm in firms for person in firm.contacts)
    assert max(len(firm.name) for firm in firms) >= 40
    assert any("（" in firm.name for firm in firms) and any("(" in firm.name for firm in firms)


@pytest.mark.parametrize("day", DAYS)
def test_certificates_make_sense_on_any_day(day):
    firms = list(invent(600, day))
    grants = {firm.index: list(certificates(firm, day)) for firm in firms}
    every = [grant for found in grants.values() for grant in found]
    numbers = [(grant.scheme, grant.number) for grant in every if grant.number]
    assert len(set(numbers)) == len(numbers)
    for firm in firms:
        assert all(firm.registered_on <= grant.granted_on <= day for grant in grants[firm.index])
        assert not (firm.is_branch and grants[firm.index])
    assert any(grant.revoked for grant in every)


@pytest.mark.parametrize("day", DAYS)
def test_something_ends_within_weeks_whatever_the_season(day):
    soon = [
        grant
        for firm in invent(240, day)
        for grant in certificates(firm, day)
        if grant.scheme == "hnte"
        and timedelta(0) <= grant.granted_on.replace(year=grant.granted_on.year + 3) - day < timedelta(70)
    ]
    assert len(soon) >= 3


def test_a_cohort_ends_on_one_day_of_this_year():
    day = DAYS[0]
    cliff = [
        grant
        for firm in invent(240, day)
        for grant in certificates(firm, day)
        if grant.scheme == "hnte" and grant.granted_on == cohort_day(2023)
    ]
    assert cohort_day(2023) == date(2023, 12, 8)
    assert len(cliff) >= 10
