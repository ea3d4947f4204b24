"""Working days of mainland China: weekends, public holidays and the make-up days 调休 set for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from crm.domain.strict_yaml import Record, read_file, refuse_overlaps

_LONGEST_BREAK_DAYS = 60


@dataclass(frozen=True)
class WorkingCalendar:
    """holidays: days off by decree; make_up_days: weekend days worked; known_years: years decreed so far.

    In a year not known, Monday to Friday are taken for working days; ask is_known before relying on it.
    """

    holidays: frozenset[date]
    make_up_days: frozenset[date]
    known_years: frozenset[int]

    def is_known(self, day: date) -> bool:
        """Whether the schedule of that day's year has been published and entered."""
        return day.year in self.known_years

    def is_working_day(self, day: date) -> bool:
        """Whether offices work that day."""
        if day in self.make_up_days:
            return True
        return day.weekday() < 5 and day not in self.holidays

    def last_working_day(self, day: date) -> date:
        """The day itself if worked, else the nearest working day before it.

        Raises ValueError for a calendar without any working day in two months: such data is a mistake.
        """
        for back in range(_LONGEST_BREAK_DAYS):
            candidate = day - timedelta(days=back)
            if self.is_working_day(candidate):
                return candidate
        raise ValueError(f"no working day in the {_LONGEST_BREAK_DAYS} days up to {day}")


@cache
def official_calendar() -> WorkingCalendar:
    """The calendar of the State Council's yearly notices, from data/working_days.yaml; read once."""
    return read_calendar(Path(__file__).parent / "data" / "working_days.yaml")


def read_calendar(path: Path) -> WorkingCalendar:
    """A calendar from a file, read strictly.

    Raises DataFileError with file and place: unknown key, missing citation, a holiday outside its year,
    overlapping holidays, a make-up day that is no weekend day or lies in a holiday.
    """
    file = read_file(path)
    holidays: set[date] = set()
    make_up_days: set[date] = set()
    known_years: set[int] = set()
    for record in file.records("years"):
        year = record.optional_number("year")
        if year is None or year in known_years:
            raise record.refuse("year", "is missing or stands twice")
        known_years.add(year)
        for key in ("citation", "mark"):
            record.text(key)
        record.day("checked_on")
        off = {day for period in _periods(record, year) for day in _days(*period)}
        worked = record.days("make_up_days")
        for day in worked:
            if day.year != year or day.weekday() < 5 or day in off:
                raise record.refuse("make_up_days", f"{day} is no weekend day of {year} outside its holidays")
        holidays |= off
        make_up_days.update(worked)
        record.done()
    file.done()
    return WorkingCalendar(frozenset(holidays), frozenset(make_up_days), frozenset(known_years))


def _periods(record: Record, year: int) -> list[tuple[date, date]]:
    periods: list[tuple[date, date]] = []
    for holiday in record.records("holidays"):
        first, last = holiday.day("from"), holiday.day("to")
        for key in ("zh", "en"):
            holiday.text(key)
        if first.year != year or last.year != year:
            raise holiday.refuse("from", f"{first} to {last} is not within {year}")
        holiday.done()
        periods.append((first, last))
    refuse_overlaps(periods, record.at("holidays"))
    return periods


def _days(first: date, last: date) -> Iterator[date]:
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)
