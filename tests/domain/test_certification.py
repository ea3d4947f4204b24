"""Certifications: validity, numbers, names, states, benefit years, by data."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from crm.domain.certification import (
    STATES,
    Grant,
    benefit_years,
    in_force,
    number_problem,
    scheme_named,
    schemes,
    state,
    validity,
)
from crm.domain.errors import NotFoundError, RefusedError
from crm.domain.tech_sme_number import read_number

CASES = Path(__file__).parent / "cases/certification"


def cases(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load((CASES / name).read_text("utf-8")))


def grant_of(facts: dict[str, Any]) -> Grant:
    return Grant(**{"id": 1, "number": None, "update_due": None, **facts})


def hnte(granted_on: date, **more: Any) -> Grant:
    period = validity("hnte", granted_on)
    return grant_of(
        {"scheme": "hnte", "granted_on": granted_on, "valid_from": granted_on, "valid_to": period.valid_to}
        | more
    )


@pytest.mark.parametrize("case", cases("validity.yaml"), ids=lambda case: case["id"])
def test_validity(case: dict[str, Any]) -> None:
    period = validity(
        schemes()[case["scheme"]],
        case["granted_on"],
        case.get("number"),
        minus_one_day=case.get("minus_one_day", False),
    )
    assert (period.valid_from, period.valid_to) == (case["valid_from"], case["valid_to"])
    assert period.update_due == case.get("update_due")


def test_a_number_whose_year_was_over_is_refused() -> None:
    with pytest.raises(RefusedError) as refused:
        validity("tech_sme_national", date(2025, 1, 1), "202433060200000001")
    assert refused.value.reason == "granted_after_number_year"


def test_an_unknown_scheme_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        validity("hnte2", date(2025, 1, 1))


@pytest.mark.parametrize("case", cases("numbers.yaml"), ids=lambda case: f"{case['number']} {case['why']}")
def test_number_problem(case: dict[str, Any]) -> None:
    assert number_problem(case["scheme"], case["number"], case.get("granted_on")) == case["expected"]


@pytest.mark.parametrize("case", cases("names.yaml"), ids=lambda case: case["text"])
def test_scheme_named(case: dict[str, Any]) -> None:
    if case["expected"] == "ambiguous":
        with pytest.raises(RefusedError) as refused:
            scheme_named(case["text"])
        assert (refused.value.field, refused.value.reason) == ("scheme", "scheme_ambiguous")
        return
    found = scheme_named(case["text"])
    assert (found.name if found else None) == case["expected"]


def test_every_scheme_is_found_by_each_of_its_own_names() -> None:
    for scheme in schemes().values():
        for word in (
            scheme.name,
            scheme.zh,
            scheme.en,
            *scheme.synonyms,
            *(title.zh for title in scheme.titles),
        ):
            assert scheme_named(word) is scheme


@pytest.mark.parametrize(
    ("facts", "on", "expected"),
    [(case["grant"], on, expected) for case in cases("states.yaml") for on, expected in case["days"].items()],
)
def test_state(facts: dict[str, Any], on: date, expected: str) -> None:
    assert state(grant_of(facts), on) == expected


@given(
    st.dates(date(2010, 1, 1), date(2040, 1, 1)),
    st.integers(-2000, 2000),
    st.sampled_from(sorted(schemes())),
    st.none() | st.integers(0, 1500),
)
def test_states_agree_with_being_in_force(
    granted_on: date, offset: int, scheme: str, revoked: int | None
) -> None:
    period = validity(scheme, granted_on)
    revoked_from = None if revoked is None else granted_on + timedelta(days=revoked)
    grant = Grant(
        1,
        scheme,
        None,
        granted_on,
        period.valid_from,
        period.valid_to,
        period.update_due,
        revoked_from=revoked_from,
    )
    on = granted_on + timedelta(days=offset)
    found = state(grant, on)
    assert found in STATES
    assert (found in {"in_force", "expiring"}) == in_force(grant, on)


def test_p2_benefit_years_of_a_certificate_from_september_2020() -> None:
    first = hnte(date(2020, 9, 15))
    assert benefit_years([first]) == (2020, 2021, 2022)
    assert benefit_years([first, hnte(date(2023, 12, 8))]) == (2020, 2021, 2022, 2023, 2024, 2025)


def test_p1_an_expired_certificate_without_renewal_loses_the_whole_year() -> None:
    assert 2023 not in benefit_years([hnte(date(2020, 9, 15)), hnte(date(2024, 12, 6))])


def test_a_revoked_year_is_lost() -> None:
    assert benefit_years([hnte(date(2020, 12, 1), revoked_from=date(2022, 6, 1))]) == (2020, 2021)


def test_p19_marks_of_technology_sme_numbers() -> None:
    early, late, new = (read_number(f"2025330602{mark}0000001") for mark in "0AB")
    assert early is not None and late is not None and new is not None
    assert early.settlement_year(date(2025, 6, 30)) == 2024
    assert early.settlement_year(date(2025, 7, 1)) is None
    assert late.settlement_year(date(2025, 6, 30)) is None
    assert new.settlement_year(date(2025, 6, 30)) is None
    assert (early.is_founded_that_year, new.is_founded_that_year) == (False, True)
    assert read_number("20253306020") is None


def test_p23_old_years_show_the_old_title() -> None:
    leading = schemes()["leading_zhejiang"]
    assert leading.name_on(date(2017, 12, 20)) == "创新型领军企业"
    assert leading.name_on(date(2021, 12, 31)) == "创新型领军企业"
    assert leading.name_on(date(2022, 1, 1)) == "科技领军企业"
    assert leading.name_on(date(2017, 12, 20), "en") == "Innovative leading enterprise"
    assert schemes()["hnte"].name_on(date(2017, 1, 1)) == "高新技术企业"


def test_authority_moves_with_the_day() -> None:
    found = schemes()["hnte"]
    assert "科学技术部" in (found.authority_on(date(2025, 1, 19)) or "")
    assert "工业和信息化部" in (found.authority_on(date(2025, 1, 20)) or "")
    assert "科学技术厅" in (found.authority_on(date(2023, 12, 31), provincial=True) or "")
    assert schemes()["tech_giant_zhejiang"].authority_on(date(2021, 12, 31)) is None


def test_reapplication_day_says_that_it_is_unverified() -> None:
    found = schemes()["hnte"]
    assert found.reapplication_due(2026) == date(2026, 8, 31)
    assert found.reapplication_mark(2026) == "U"
    assert schemes()["gazelle"].reapplication_due(2026) is None
