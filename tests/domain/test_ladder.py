"""The ladder: rung on a day by data, and steps that agree with it on every day."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from crm.domain.certification import Grant, schemes, validity
from crm.domain.ladder import Step, rung_on, steps

CASES = yaml.safe_load((Path(__file__).parent / "cases/ladder/rungs.yaml").read_text("utf-8"))


def grants_of(case: dict[str, Any]) -> list[Grant]:
    return [Grant(**{"number": None, "update_due": None, **facts}) for facts in case["grants"]]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_rung_on(case: dict[str, Any]) -> None:
    for on, (rung, because) in case["days"].items():
        found = rung_on(grants_of(case), on, is_branch=case.get("is_branch", False))
        assert (found.rung, [grant.id for grant in found.because]) == (rung, because), on


def test_p23_steps_show_the_end_of_the_old_title() -> None:
    old = Grant(1, "leading_zhejiang", None, date(2017, 12, 20), date(2017, 12, 20), date(2022, 12, 20), None)
    new = Grant(2, "leading_zhejiang", None, date(2023, 10, 27), date(2023, 10, 27), date(2028, 10, 27), None)
    assert steps([new, old], date(2017, 1, 1), date(2024, 12, 31)) == (
        Step(date(2017, 1, 1), date(2017, 12, 19), 0),
        Step(date(2017, 12, 20), date(2022, 12, 20), 3),
        Step(date(2022, 12, 21), date(2023, 10, 26), 0),
        Step(date(2023, 10, 27), date(2024, 12, 31), 3),
    )


def test_no_days_no_steps() -> None:
    assert steps([], date(2025, 1, 2), date(2025, 1, 1)) == ()
    assert steps([], date(2025, 1, 1), date(2025, 1, 1)) == (Step(date(2025, 1, 1), date(2025, 1, 1), 0),)


@st.composite
def grants(draw: st.DrawFn) -> Grant:
    scheme = draw(st.sampled_from(sorted(schemes())))
    granted_on = draw(st.dates(date(2020, 1, 1), date(2023, 12, 31)))
    period = validity(scheme, granted_on)
    revoked = draw(st.none() | st.integers(0, 900))
    return Grant(
        draw(st.integers(1, 9)),
        scheme,
        None,
        granted_on,
        period.valid_from,
        period.valid_to,
        period.update_due,
        revoked_from=None if revoked is None else granted_on + timedelta(days=revoked),
    )


@given(st.lists(grants(), max_size=4), st.booleans())
def test_steps_cover_every_day_once_and_agree_with_rung_on(held: list[Grant], is_branch: bool) -> None:
    first, last = date(2021, 6, 1), date(2022, 3, 1)
    found = steps(held, first, last, is_branch=is_branch)
    assert (found[0].from_, found[-1].to) == (first, last)
    for before, after in itertools.pairwise(found):
        assert after.from_ == before.to + timedelta(days=1)
        assert after.rung != before.rung
    for step in found:
        for offset in range((step.to - step.from_).days + 1):
            day = step.from_ + timedelta(days=offset)
            assert rung_on(held, day, is_branch=is_branch).rung == step.rung


@given(st.lists(grants(), max_size=4), grants(), st.dates(date(2020, 1, 1), date(2026, 1, 1)))
def test_one_more_grant_never_lowers_the_rung(held: list[Grant], more: Grant, on: date) -> None:
    assert rung_on([*held, more], on).rung >= rung_on(held, on).rung
