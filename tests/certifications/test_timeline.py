"""The timeline as figures: bars, stair, notch, update mark, plan."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from crm.certifications.queries.timeline import _Plan, draw
from crm.domain.certification import Grant

TODAY = date(2026, 11, 25)


@pytest.fixture(autouse=True)
def _in_application(app: Flask) -> None:
    """Words need the application."""


def hnte(number: int, granted: date, ends: date, **values: object) -> Grant:
    return Grant(number, "hnte", f"GR{granted.year}33{number:06d}", granted, granted, ends, None, **values)  # type: ignore[arg-type]


def national(number: int, granted: date) -> Grant:
    ends, due = date(granted.year, 12, 31), date(granted.year + 1, 3, 31)
    return Grant(number, "tech_sme_national", str(number), granted, granted, ends, due)


def lane(timeline, rung: int):  # type: ignore[no-untyped-def]
    return next(lane for lane in timeline.lanes if lane.rung == rung)


def test_a_break_under_31_days_is_a_notch_with_its_length() -> None:
    first = hnte(1, date(2018, 11, 30), date(2021, 11, 30))
    drawn = draw([first, hnte(2, date(2021, 12, 16), date(2024, 12, 16))], TODAY)
    assert [words for _, words in lane(drawn, 1).gaps] == ["空档 15 天"]
    apart = draw([first, hnte(2, date(2022, 1, 5), date(2025, 1, 5))], TODAY)
    assert lane(apart, 1).gaps == []


def test_a_technology_sme_number_ends_with_its_year_and_is_to_be_updated_by_march() -> None:
    drawn = draw([national(1, date(2025, 7, 8)), national(2, date(2026, 6, 5))], TODAY)
    old, new = lane(drawn, 1).bars
    assert old.update_left is None and new.update_left is not None
    assert new.left + new.width == pytest.approx(new.update_left, abs=0.01)
    days = (drawn.last - drawn.first).days + 1
    assert new.update_width == pytest.approx(90 / days * 100, abs=0.01)
    assert old.is_past and not new.is_past
    assert "更新截止 2027-03-31" in lane(drawn, 1).notes


def test_the_plan_lifts_the_stair_to_come_and_only_that() -> None:
    grants = [national(1, date(2026, 6, 5))]
    without, planned = draw(grants, TODAY), draw(grants, TODAY, plan=_Plan(2, 2027, 2))
    assert without.path.split("H")[0] == planned.path.split("H")[0]
    assert lane(planned, 2).bars[-1].is_plan and lane(planned, 2).notes == ["目标 2027 年认定"]
    assert planned.path_ahead != without.path_ahead
    # A plan for what is held already draws nothing.
    held = draw([hnte(1, date(2025, 12, 1), date(2028, 12, 1))], TODAY, plan=_Plan(2, 2027, 1))
    assert not lane(held, 2).bars[-1].is_plan


def test_revoked_bars_end_on_the_day_before() -> None:
    drawn = draw([hnte(1, date(2023, 12, 8), date(2026, 12, 8), revoked_from=date(2025, 1, 1))], TODAY)
    (bar,) = lane(drawn, 2).bars
    assert bar.left + bar.width == pytest.approx(bar.revoked_left, abs=0.01)
    assert bar.is_past and "撤销" in bar.revoked_text


def test_rows_say_the_same_as_the_picture() -> None:
    drawn = draw([hnte(1, date(2023, 12, 8), date(2026, 12, 8))], TODAY)
    assert [(row.from_, row.to, row.rung) for row in drawn.rows] == [
        (date(2026, 12, 9), None, 0),
        (date(2023, 12, 8), date(2026, 12, 8), 2),
        (date(2023, 1, 1), date(2023, 12, 7), 0),
    ]
    assert "GR202333000001" in drawn.rows[1].because


def test_nothing_recorded_and_many_recorded() -> None:
    assert draw([], TODAY).is_empty
    many = draw([national(year, date(year, 6, 5)) for year in range(2004, 2027)], TODAY)
    assert len(lane(many, 1).bars) == 23
    assert all(0 <= bar.left <= 100 and bar.left + bar.width <= 100.5 for bar in lane(many, 1).bars)


def test_title_of_old_years_is_the_old_title() -> None:
    old = Grant(1, "leading_zhejiang", None, date(2017, 12, 20), date(2017, 12, 20), date(2022, 12, 20), None)
    assert "创新型领军企业" in lane(draw([old], TODAY), 3).bars[0].title
