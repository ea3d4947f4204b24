"""Deadlines by week and by day: the heat of the coming year, one month as a calendar, one day."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta

import sqlalchemy as sa

from crm.database import db
from crm.deadlines.filters import DeadlineFilters, conditions
from crm.deadlines.models import Deadline
from crm.deadlines.queries import DeadlineRow, rows_where
from crm.domain.access import Actor
from crm.domain.deadlines import KINDS, tone
from crm.domain.working_days import official_calendar
from crm.firms.models import Firm

WEEKS = 57
DAY_ROWS = 5
# A week is named beside its cell where it holds this share of its row's fullest week …
_PEAK_SHARE = 0.5
# … and at least this many, unless the whole row is as small.
_PEAK_LEAST = 5
# Cells that the words beside a peak cover.
_LABEL_WEEKS = 8


@dataclass(frozen=True)
class Week:
    """One cell: how many fall due, and the fullest day of the week."""

    monday: date
    count: int
    level: int  # 0 none, 1 to 5
    peak_day: date | None
    peak_count: int
    is_peak: bool = False
    label_right: bool = True


@dataclass(frozen=True)
class Heat:
    """months: (first day of the month, weeks it spans). rows: kind -> weeks.

    peak: the fullest day (day, kind, number). next_day: the nearest one from today on with something due.
    """

    months: list[tuple[date | None, int]]
    rows: dict[str, list[Week]]
    total: int
    peak: tuple[date, str, int] | None
    next_day: date | None


@dataclass(frozen=True)
class CalendarDay:
    """One day of the month; events: (kind, count, tone)."""

    day: date
    in_month: bool
    is_working_day: bool
    events: list[tuple[str, int, str]]

    @property
    def count(self) -> int:
        return sum(event[1] for event in self.events)


@dataclass(frozen=True)
class DayPanel:
    """One day: its deadlines by kind and state, and the first rows of them."""

    day: date
    counts: list[tuple[str, str, int]]
    rows: list[DeadlineRow]
    has_more: bool
    total: int


def heat(actor: Actor, filters: DeadlineFilters, today: date) -> Heat:
    """Open deadlines of the coming WEEKS weeks, this one first; one statement."""
    monday = today - timedelta(days=today.weekday())
    last = monday + timedelta(days=7 * WEEKS - 1)
    looked_at = replace(filters, state="open")
    days: dict[str, dict[date, int]] = {kind: {} for kind in KINDS}
    for kind, due_on, number in _by_day(actor, looked_at, today, monday, last):
        days[kind][due_on] = number
    mondays = [monday + timedelta(days=7 * i) for i in range(WEEKS)]
    most = max((sum(_week(days[kind], m).values()) for kind in KINDS for m in mondays), default=0)
    shown = [kind for kind in KINDS if days[kind] or not filters.kind or filters.kind == kind]
    peaks = [(number, due_on, kind) for kind, by_day in days.items() for due_on, number in by_day.items()]
    number, due_on, kind = max(
        peaks, key=lambda peak: (peak[0], -peak[1].toordinal()), default=(0, today, "")
    )
    return Heat(
        months=_months(mondays),
        rows={kind: _row(days[kind], mondays, most) for kind in shown},
        total=sum(peak[0] for peak in peaks),
        peak=(due_on, kind, number) if number > 1 else None,
        next_day=min((peak[1] for peak in peaks if peak[1] >= today), default=None),
    )


def _by_day(
    actor: Actor, filters: DeadlineFilters, today: date, first: date, last: date
) -> list[tuple[str, date, int]]:
    statement = (
        sa.select(Deadline.kind, Deadline.due_on, sa.func.count())
        .join(Firm, Firm.id == Deadline.firm_id)
        .where(*conditions(actor, filters, today), Deadline.due_on.between(first, last))
        .group_by(Deadline.kind, Deadline.due_on)
    )
    return [(kind, due_on, number) for kind, due_on, number in db.session.execute(statement)]


def _week(by_day: dict[date, int], monday: date) -> dict[date, int]:
    week = (monday + timedelta(days=i) for i in range(7))
    return {day: by_day[day] for day in week if day in by_day}


def _row(by_day: dict[date, int], mondays: list[date], most: int) -> list[Week]:
    weeks = []
    for monday in mondays:
        week = _week(by_day, monday)
        count = sum(week.values())
        peak = max(week, key=lambda day: week[day]) if week else None
        weeks.append(Week(monday, count, _level(count, most), peak, week[peak] if peak else 0))
    fullest = max((cell.count for cell in weeks), default=0)
    labelled: list[Week] = []
    free_from = 0
    for index, cell in enumerate(weeks):
        is_peak = index >= free_from and cell.count >= max(fullest * _PEAK_SHARE, _PEAK_LEAST)
        if is_peak:
            free_from = index + _LABEL_WEEKS
        labelled.append(replace(cell, is_peak=is_peak, label_right=index < WEEKS - _LABEL_WEEKS))
    return labelled


def _level(count: int, most: int) -> int:
    """Steps of a fifth of the fullest week, by the square root: a cliff must not blanch all the rest."""
    if not count:
        return 0
    return min(5, 1 + int(4 * (count / most) ** 0.5)) if most else 1


def _months(mondays: list[date]) -> list[tuple[date | None, int]]:
    """Month headings over the weeks: a month begins with the first Monday in it."""
    spans: list[tuple[date, int]] = []
    for monday in mondays:
        first = monday.replace(day=1)
        if spans and spans[-1][0] == first:
            spans[-1] = (first, spans[-1][1] + 1)
        else:
            spans.append((first, 1))
    # A heading over a single week has no room for its words.
    return [(first if weeks > 1 else None, weeks) for first, weeks in spans]


def month(actor: Actor, filters: DeadlineFilters, first: date, today: date) -> list[CalendarDay]:
    """Whole weeks that cover the month of `first`; one statement."""
    start = first - timedelta(days=first.weekday())
    end = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    end += timedelta(days=6 - end.weekday())
    events: dict[date, list[tuple[str, int, str]]] = defaultdict(list)
    is_open = filters.state in ("open", "overdue")
    for kind, due_on, number in _by_day(actor, filters, today, start, end):
        colour = tone(due_on, today, "open" if is_open else filters.state)
        events[due_on].append((kind, number, "run" if colour == "none" and kind == "measure_due" else colour))
    calendar = official_calendar()
    days = (start + timedelta(days=i) for i in range((end - start).days + 1))
    return [
        CalendarDay(
            day,
            day.month == first.month,
            calendar.is_working_day(day),
            sorted(events.get(day, []), key=lambda event: KINDS.index(event[0])),
        )
        for day in days
    ]


def day_panel(actor: Actor, filters: DeadlineFilters, day: date, today: date) -> DayPanel:
    """One day in all states, the first rows in the state asked for; two statements."""
    statement = (
        sa.select(Deadline.kind, Deadline.state, sa.func.count())
        .join(Firm, Firm.id == Deadline.firm_id)
        .where(*conditions(actor, filters, today, with_state=False), Deadline.due_on == day)
        .group_by(Deadline.kind, Deadline.state)
    )
    counts = [(kind, state, number) for kind, state, number in db.session.execute(statement)]
    order = ("open", "done", "waived", "closed")
    counts.sort(key=lambda count: (KINDS.index(count[0]), order.index(count[1])))
    rows = rows_where([*conditions(actor, filters, today), Deadline.due_on == day], limit=DAY_ROWS + 1)
    total = sum(number for _, _, number in counts)
    return DayPanel(day, counts, rows[:DAY_ROWS], len(rows) > DAY_ROWS, total)
