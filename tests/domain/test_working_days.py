"""Working days: the published years, the fallback after them, and the strict reading."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.domain.errors import DataFileError
from crm.domain.working_days import WorkingCalendar, official_calendar, read_calendar

CALENDAR = official_calendar()


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2024-02-09", True),  # 除夕 2024: leave was recommended, not decreed
        ("2024-02-10", False),
        ("2024-02-18", True),  # Sunday made up
        ("2024-05-11", True),
        ("2025-01-28", False),
        ("2025-01-26", True),
        ("2025-10-08", False),
        ("2025-10-09", True),
        ("2026-01-02", False),
        ("2026-01-04", True),
        ("2026-02-14", True),
        ("2026-02-23", False),
        ("2026-02-24", True),
        ("2026-09-20", True),
        ("2026-10-10", True),
        ("2026-10-11", False),
        ("2030-10-01", True),  # not published: a Tuesday is taken for a working day
    ],
)
def test_days_of_the_notices(day: str, worked: bool) -> None:
    assert CALENDAR.is_working_day(date.fromisoformat(day)) == worked


# 法定节假日 and 调休 keep the year's sum of working days: 2024 had 251, 2025 248, 2026 248
@pytest.mark.parametrize(("year", "working_days"), [(2024, 251), (2025, 248), (2026, 248)])
def test_sum_of_working_days(year: int, working_days: int) -> None:
    first = date(year, 1, 1)
    days = ((first + timedelta(days=n)) for n in range((date(year + 1, 1, 1) - first).days))
    assert sum(map(CALENDAR.is_working_day, days)) == working_days


def test_known_years() -> None:
    assert CALENDAR.is_known(date(2024, 1, 1))
    assert CALENDAR.is_known(date(2026, 12, 31))
    assert not CALENDAR.is_known(date(2023, 12, 31))
    assert not CALENDAR.is_known(date(2031, 1, 1))


@pytest.mark.parametrize(
    ("day", "before"),
    [
        ("2026-02-20", "2026-02-14"),  # 春节 back to the made-up Saturday
        ("2026-10-05", "2026-09-30"),
        ("2026-05-31", "2026-05-29"),
        ("2026-02-14", "2026-02-14"),
        ("2025-01-01", "2024-12-31"),
    ],
)
def test_last_working_day(day: str, before: str) -> None:
    assert CALENDAR.last_working_day(date.fromisoformat(day)) == date.fromisoformat(before)


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_last_working_day_is_the_nearest(day: date) -> None:
    found = CALENDAR.last_working_day(day)
    assert found <= day
    assert CALENDAR.is_working_day(found)
    assert not any(
        CALENDAR.is_working_day(found + timedelta(days=n)) for n in range(1, (day - found).days + 1)
    )


def test_a_calendar_without_work_is_a_mistake() -> None:
    start = date(2026, 1, 1)
    idle = WorkingCalendar(
        frozenset(start + timedelta(days=n) for n in range(365)), frozenset(), frozenset({2026})
    )
    with pytest.raises(ValueError, match="no working day"):
        idle.last_working_day(date(2026, 12, 1))


YEAR = """years:
  - year: 2026
    citation: a notice
    mark: read
    checked_on: 2026-01-01
    holidays: [{zh: 元旦, en: New Year, from: 2026-01-01, to: 2026-01-03}]
    make_up_days: [2026-01-04]
"""


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("citation: a notice", "", "years[0].citation"),
        ("mark: read", "mark: read\n    remark: x", "years[0].remark"),
        ("to: 2026-01-03", "to: 2027-01-03", "years[0].holidays[0].from"),
        ("to: 2026-01-03", "to: 2025-12-31", "years[0].holidays[0].from"),
        ("[2026-01-04]", "[2026-01-05]", "years[0].make_up_days"),
        ("[2026-01-04]", "[2026-01-03]", "years[0].make_up_days"),
        (
            "2026-01-03}]",
            "2026-01-03}, {zh: a, en: a, from: 2026-01-03, to: 2026-01-05}]",
            "years[0].holidays",
        ),
    ],
)
def test_a_faulty_file_is_refused_with_file_and_place(tmp_path: Path, old: str, new: str, place: str) -> None:
    path = tmp_path / "working_days.yaml"
    path.write_text(YEAR, "utf-8")
    assert read_calendar(path).is_known(date(2026, 5, 1))
    path.write_text(YEAR.replace(old, new), "utf-8")
    with pytest.raises(DataFileError) as refused:
        read_calendar(path)
    assert refused.value.path == f"{path}: {place}"
