"""The ladder timeline of one firm: lanes, bars, the stair of its rung, as percents of an axis of years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import sqlalchemy as sa
from flask_babel import gettext, ngettext

from crm.certifications.labels import scheme_word
from crm.certifications.queries.certificates import grants_of
from crm.database import db
from crm.domain.access import Actor
from crm.domain.certification import Grant, in_force, schemes, state
from crm.domain.errors import NotFoundError
from crm.domain.ladder import Step, rung_on, steps
from crm.domain.units import months_later
from crm.firms.models import Firm
from crm.firms.queries import in_scope
from crm.support_plans.models import SupportPlan

AXIS_HEIGHT = 28
LANE_HEIGHTS = {3: 58, 2: 88, 1: 100, 0: 36}
NOTCH_DAYS = 31
YEARS_AHEAD = 3
_PLAN_YEARS = {1: 1, 2: 3, 3: 5}


@dataclass(frozen=True)
class Bar:
    """One certification (or the planned one) on its lane. left, width: percent of the axis.

    kind: row of the lane (short: a yearly number, up: an open-ended one above it, wide: all others).
    update_left, update_width: from the last day in force to the day of update, for a yearly number.
    """

    left: float
    width: float
    kind: str
    is_past: bool
    text: str
    number: str
    short: str
    title: str
    is_open: bool = False
    is_plan: bool = False
    update_left: float | None = None
    update_width: float | None = None
    revoked_left: float | None = None
    revoked_text: str = ""


@dataclass
class Lane:
    """One rung; notes are the lines under its badge, gaps the notches (left in percent, words)."""

    rung: int
    height: int
    notes: list[str] = field(default_factory=list)
    number: str = ""
    bars: list[Bar] = field(default_factory=list)
    gaps: list[tuple[float, str]] = field(default_factory=list)


@dataclass(frozen=True)
class StepRow:
    """A stretch of days on one rung, for the table; because: titles and numbers that give it."""

    from_: date
    to: date | None
    rung: int
    because: str


@dataclass(frozen=True)
class Timeline:
    """Everything the fragment draws. years: (year, left, whether it may be left out on a narrow screen)."""

    first: date
    last: date
    today: date
    today_left: float
    today_top: int
    height: int
    years: list[tuple[int, float, bool]]
    lanes: list[Lane]
    path: str
    path_ahead: str
    rows: list[StepRow]
    is_empty: bool
    is_branch: bool


@dataclass(frozen=True)
class _Plan:
    rung: int
    year: int
    version_no: int

    @property
    def from_(self) -> date:
        # Cohorts are recognised in December; the plan knows the year only.
        return date(self.year, 12, 1)

    @property
    def to(self) -> date:
        return months_later(self.from_, 12 * _PLAN_YEARS[self.rung])


class _Axis:
    def __init__(self, first: date, last: date) -> None:
        self.first, self.last = first, last
        self._days = (last - first).days + 1

    def left(self, day: date) -> float:
        """Percent of the axis at the beginning of a day, kept inside it."""
        return round(min(max((day - self.first).days / self._days, 0), 1) * 100, 3)

    def width(self, from_: date, to: date) -> float:
        """Percent from the beginning of one day to the end of another."""
        return max(round(self.left(to + timedelta(days=1)) - self.left(from_), 3), 0.4)


def timeline(actor: Actor, firm_id: int, today: date) -> Timeline:
    """The firm's climb: three statements. Raises NotFoundError outside the actor's territory."""
    is_branch = db.session.scalar(sa.select(Firm.is_branch).where(Firm.id == firm_id, in_scope(actor)))
    if is_branch is None:
        raise NotFoundError("firm", firm_id)
    grants = [grant for grant in grants_of([firm_id])[firm_id] if _rung(grant)]
    return draw(grants, today, plan=_plan(firm_id, today), is_branch=is_branch)


def draw(
    grants: Sequence[Grant], today: date, *, plan: _Plan | None = None, is_branch: bool = False
) -> Timeline:
    """The timeline of these grants of ladder schemes; no database, so that any day can be tried."""
    if plan is not None and plan.rung <= rung_on(grants, date(plan.year, 1, 1), is_branch=is_branch).rung:
        plan = None
    axis = _axis(grants, today, plan)
    found = steps(grants, axis.first, axis.last, is_branch=is_branch)
    lanes = {rung: Lane(rung, height) for rung, height in LANE_HEIGHTS.items()}
    for rung in (1, 2, 3):
        _fill(lanes[rung], [g for g in grants if _rung(g) == rung], axis, today, plan)
    notches = _notches(found)
    for step in notches:
        days = (step.to - step.from_).days + 1
        above = lanes[notches[step] - 1]
        above.gaps.append((axis.left(step.from_), ngettext("空档 %(num)d 天", "空档 %(num)d 天", days)))
    past, ahead = _paths(found, notches, axis, today, plan)
    return Timeline(
        first=axis.first,
        last=axis.last,
        today=today,
        today_left=axis.left(today),
        today_top=_floor(rung_on(grants, today, is_branch=is_branch).rung),
        height=AXIS_HEIGHT + sum(LANE_HEIGHTS.values()),
        years=_years(axis),
        lanes=list(lanes.values()),
        path=past,
        path_ahead=ahead,
        rows=_rows(grants, found, axis, is_branch),
        is_empty=not grants and plan is None,
        is_branch=is_branch,
    )


def _rung(grant: Grant) -> int:
    scheme = schemes().get(grant.scheme)
    return (scheme.rung or 0) if scheme else 0


def _plan(firm_id: int, today: date) -> _Plan | None:
    """The nearest target of a plan that has not ended."""
    row = db.session.execute(
        sa.select(SupportPlan.target_rung, SupportPlan.target_year, SupportPlan.version_no)
        .where(
            SupportPlan.firm_id == firm_id,
            SupportPlan.state != "closed",
            SupportPlan.target_year >= today.year,
            SupportPlan.target_rung.in_(tuple(_PLAN_YEARS)),
        )
        .order_by(SupportPlan.target_year, SupportPlan.target_rung.desc())
        .limit(1)
    ).first()
    return _Plan(*row) if row else None


def _axis(grants: Sequence[Grant], today: date, plan: _Plan | None) -> _Axis:
    first = min([grant.valid_from.year for grant in grants] + [today.year - 3])
    ends = [day.year for grant in grants for day in (grant.valid_to, grant.update_due) if day]
    if plan is not None:
        ends.append(plan.year + _PLAN_YEARS[plan.rung])
    return _Axis(date(first, 1, 1), date(max([*ends, today.year + YEARS_AHEAD]), 12, 31))


def _years(axis: _Axis) -> list[tuple[int, float, bool]]:
    years = range(axis.first.year, axis.last.year + 1)
    every = 3 if len(years) <= 16 else 6
    return [(y, axis.left(date(y, 1, 1)), (y - axis.first.year) % every != every // 3) for y in years]


def _fill(lane: Lane, grants: list[Grant], axis: _Axis, today: date, plan: _Plan | None) -> None:
    yearly = any(grant.update_due for grant in grants)
    for index, grant in enumerate(grants):
        following = next((g for g in grants[index + 1 :] if g.scheme == grant.scheme), None)
        lane.bars.append(_bar(grant, following, axis, today, yearly))
    if plan is not None and plan.rung == lane.rung:
        lane.bars.append(
            Bar(
                left=axis.left(plan.from_),
                width=axis.width(plan.from_, min(plan.to, axis.last)),
                kind="wide",
                is_past=False,
                text=gettext("计划 %(year)s 年认定", year=plan.year),
                number=gettext("帮扶方案第 %(version)s 版", version=plan.version_no),
                short=gettext("计划"),
                title=gettext("计划 %(year)s 年认定", year=plan.year),
                is_plan=True,
            )
        )
        lane.notes.append(gettext("目标 %(year)s 年认定", year=plan.year))
    holding = [grant for grant in grants if in_force(grant, today)]
    if holding:
        newest = max(holding, key=lambda grant: grant.granted_on)
        lane.number = newest.number or ""
        lane.notes.append(
            gettext("有效期至 %(day)s", day=newest.valid_to) if newest.valid_to else gettext("长期有效")
        )
        if newest.update_due:
            lane.notes.append(gettext("更新截止 %(day)s", day=newest.update_due))
    elif grants:
        last = max(grants, key=lambda grant: grant.valid_to or date.max)
        if last.revoked_from is not None:
            lane.notes.append(gettext("%(day)s 起撤销", day=last.revoked_from))
        elif state(last, today) == "to_update":
            lane.notes.append(gettext("待更新，截止 %(day)s", day=last.update_due))
        elif last.valid_to is not None and last.valid_to < today:
            lane.notes.append(gettext("原证书 %(day)s 到期", day=last.valid_to))
    if not lane.notes:
        lane.notes.append(gettext("没有记录"))


def _bar(grant: Grant, following: Grant | None, axis: _Axis, today: date, yearly: bool) -> Bar:
    end = grant.valid_to or axis.last
    if following is not None and following.valid_from <= end:
        end = following.valid_from - timedelta(days=1)
    if grant.revoked_from is not None and grant.revoked_from <= end:
        end = max(grant.revoked_from - timedelta(days=1), grant.valid_from)
    title = scheme_word(grant.scheme, grant.granted_on)
    is_open = grant.valid_to is None and end == axis.last
    kind = "short" if grant.update_due else ("up" if yearly else "wide")
    width = axis.width(grant.valid_from, end)
    bar = {
        "left": axis.left(grant.valid_from),
        "width": width,
        "kind": kind,
        "is_past": not in_force(grant, today) and grant.valid_from <= today,
        "number": grant.number or "",
        "is_open": is_open,
    }
    if is_open:
        period = gettext("%(day)s 起长期有效", day=grant.valid_from)
    else:
        period = gettext("%(from_)s 至 %(to)s", from_=grant.valid_from, to=grant.valid_to or end)
    if kind == "short":
        bar |= {"text": str(end.year), "short": f"{end.year % 100:02d}"}
    elif is_open:
        bar |= {"text": f"{title} {period}", "short": f"{title} {grant.valid_from.year}–"}
    else:
        narrow = gettext("%(from_)s 至 %(to)s", from_=f"{grant.valid_from:%Y-%m}", to=f"{end:%Y-%m}")
        years = f"{grant.valid_from.year}–{end.year % 100:02d}"
        bar |= {"text": period if width >= 16 else narrow if width >= 11 else years, "short": years}
    if grant.update_due and following is None and grant.revoked_from is None:
        after = end + timedelta(days=1)
        bar |= {"update_left": axis.left(after), "update_width": axis.width(after, grant.update_due)}
    if grant.revoked_from is not None:
        words = gettext("%(day)s 撤销", day=grant.revoked_from)
        bar |= {"revoked_left": axis.left(grant.revoked_from), "revoked_text": words}
    number = f" {grant.number}" if grant.number else ""
    return Bar(title=f"{title}{number} {period}", **bar)  # type: ignore[arg-type]


def _notches(found: Sequence[Step]) -> dict[Step, int]:
    """Short breaks between two stretches of one rung -> that rung: drawn as a notch with its length."""
    return {
        step: before.rung
        for before, step, after in zip(found, found[1:], found[2:], strict=False)
        if before.rung == after.rung > step.rung and (step.to - step.from_).days + 1 < NOTCH_DAYS
    }


def _floor(rung: int) -> int:
    """Where the stair runs for a rung: the floor of its lane, in pixels from the top."""
    total = AXIS_HEIGHT
    for lane, height in LANE_HEIGHTS.items():
        total += height
        if lane == rung:
            return total if rung else total - 2
    return total


def _paths(
    found: Sequence[Step], notches: dict[Step, int], axis: _Axis, today: date, plan: _Plan | None
) -> tuple[str, str]:
    """The stair up to today, and as it will run if nothing but the plan happens."""

    def y(step: Step) -> float:
        return _floor(notches[step]) + 9 if step in notches else _floor(step.rung)

    past, ahead = "", ""
    x_today = axis.left(today) * 10
    for step in found:
        x, x_end = axis.left(step.from_) * 10, axis.left(step.to + timedelta(days=1)) * 10
        if x < x_today:
            past += f"{'V' if past else f'M{x:g},'}{y(step):g}H{min(x_end, x_today):g}"
        if x_end > x_today:
            for from_x, to_x, level in _ahead(step, y(step), max(x, x_today), x_end, axis, plan):
                ahead += f"{'V' if ahead else f'M{from_x:g},'}{level:g}H{to_x:g}"
    return past, ahead


def _ahead(
    step: Step, level: float, x: float, x_end: float, axis: _Axis, plan: _Plan | None
) -> list[tuple[float, float, float]]:
    """One stretch to come, lifted where the plan lies above it."""
    if plan is None or plan.rung <= step.rung:
        return [(x, x_end, level)]
    start = min(max(axis.left(plan.from_) * 10, x), x_end)
    stop = min(max(axis.left(plan.to + timedelta(days=1)) * 10, x), x_end)
    parts = [(x, start, level), (start, stop, float(_floor(plan.rung))), (stop, x_end, level)]
    return [part for part in parts if part[1] > part[0]]


def _rows(grants: Sequence[Grant], found: Sequence[Step], axis: _Axis, is_branch: bool) -> list[StepRow]:
    rows = []
    for step in found:
        because = rung_on(grants, step.from_, is_branch=is_branch).because
        words = gettext("、").join(
            f"{scheme_word(g.scheme, g.granted_on)} {g.number or ''}".strip() for g in because
        )
        rows.append(StepRow(step.from_, None if step.to == axis.last else step.to, step.rung, words))
    return rows[::-1]
