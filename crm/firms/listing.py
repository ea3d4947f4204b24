"""The list of firms: a page by keys, exact total, counts of views; a fixed number of statements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crm.accounts.models import User
from crm.database import db
from crm.domain.access import Actor
from crm.firms import searching
from crm.firms.filters import OWNER_MINE, OWNER_NONE, Filters, counted_conditions, firm_conditions
from crm.firms.models import NO_DEADLINE, Firm, FirmTally

PAGE = 50
VIEW_DAYS = 90
# A view's count on its tab stops here; the total of a list never does.
TAB_MOST = 9_999

_KEYS: Mapping[str, tuple[Any, bool]] = {
    "due": (Firm.due_order, False),
    "name": (Firm.name_order, False),
    "new": (Firm.created_at, True),
}


@dataclass(frozen=True)
class FirmRow:
    """One line of the list."""

    id: int
    name: str
    code: str | None
    code_problem: str | None
    rung: int
    due_on: date | None
    due_kind: str | None
    owner: str | None
    district_id: int
    township_id: int | None
    last_activity_on: date | None
    is_branch: bool
    is_archived: bool
    hit: searching.Hit | None = None


@dataclass(frozen=True)
class FirmPage:
    """One page; before and after are the cursors of its neighbours, None at an end.

    counts: chip -> firms that filter alone leaves; views: tab -> count (None for more than TAB_MOST).
    """

    rows: tuple[FirmRow, ...]
    total: int
    before: str | None
    after: str | None
    counts: dict[str, int]
    views: dict[str, int | None]


def firm_page(
    actor: Actor,
    filters: Filters,
    today: date,
    *,
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
) -> FirmPage:
    """A page of the list. A cursor holds sort key and id of a row, so rows that come or go shift nothing."""
    search = searching.prepare(filters.q)
    cut = firm_conditions(actor, filters, today)
    conditions = [*cut, _searched(search, filters.sort)] if search else cut
    found, has_before, has_after = _slice(conditions, filters.sort, after, before, size)
    hits = searching.hits_of({row.id: (row.name, row.code) for row in found}, search.words) if search else {}
    sums = _sums(actor, filters)
    due_soon = _due_soon(actor, today, filters.due)
    total = sums["total"]
    if search or filters.due is not None:
        whole = not has_before and not has_after
        total = len(found) if whole else searching.count([*cut, search.indexed] if search else cut)
    return FirmPage(
        rows=tuple(_row(row, hits.get(row.id)) for row in found),
        total=total,
        before=_cursor(found[0], filters.sort) if found and has_before else None,
        after=_cursor(found[-1], filters.sort) if found and has_after else None,
        counts={**sums, **due_soon["chip"]},
        views={
            "all": sums["view_all"],
            "due": due_soon["view"],
            "mine": sums["view_mine"],
            "free": sums["view_free"],
            "code": sums["view_code"],
        },
    )


def selected_ids(actor: Actor, filters: Filters, today: date) -> sa.Select[Any]:
    """Ids of everything the filters leave, across pages."""
    conditions = firm_conditions(actor, filters, today)
    search = searching.prepare(filters.q)
    if search:
        conditions.append(search.indexed)
    return sa.select(Firm.id).where(*conditions)


def _searched(search: searching.Search, sort: str) -> sa.ColumnElement[bool]:
    """The cheaper form of the search condition for a page in this order."""
    walked = search.hits >= searching.COMMON_FOR_LIST and sort != "name"
    return search.walking if walked else search.indexed


def _slice(
    conditions: list[sa.ColumnElement[bool]], sort: str, after: str | None, before: str | None, size: int
) -> tuple[list[Any], bool, bool]:
    """Rows of one page in list order, and whether there are others on either side."""
    key, descending = _KEYS[sort]
    place = _read_cursor(before or after, sort)
    backward = place is not None and before is not None
    statement = (
        sa.select(
            Firm.id,
            Firm.name,
            Firm.code,
            Firm.code_problem,
            Firm.rung,
            Firm.due_order,
            Firm.next_due_kind,
            Firm.name_order,
            Firm.created_at,
            User.display_name,
            Firm.district_id,
            Firm.township_id,
            Firm.last_activity_on,
            Firm.is_branch,
            Firm.is_archived,
        )
        .outerjoin(User, User.id == Firm.owner_id)
        .where(*conditions)
        .limit(size + 1)
    )
    downward = descending != backward
    if place is not None:
        here = sa.tuple_(key, Firm.id)
        there = sa.tuple_(sa.literal(place[0], key.type), sa.literal(place[1]))
        statement = statement.where(here < there if downward else here > there)
    columns = (key.desc(), Firm.id.desc()) if downward else (key, Firm.id)
    rows = list(db.session.execute(statement.order_by(*columns)))
    more = len(rows) > size
    rows = rows[:size]
    if backward:
        return rows[::-1], more, True
    return rows, place is not None, more


def _row(row: Any, hit: searching.Hit | None) -> FirmRow:
    return FirmRow(
        id=row.id,
        name=row.name,
        code=row.code,
        code_problem=row.code_problem,
        rung=row.rung,
        due_on=None if row.due_order == NO_DEADLINE else row.due_order,
        due_kind=row.next_due_kind,
        owner=row.display_name,
        district_id=row.district_id,
        township_id=row.township_id,
        last_activity_on=row.last_activity_on,
        is_branch=row.is_branch,
        is_archived=row.is_archived,
        hit=hit,
    )


def _cursor(row: Any, sort: str) -> str:
    value = {"due": row.due_order, "name": row.name_order, "new": row.created_at}[sort]
    text = value if isinstance(value, str) else value.isoformat()
    return f"{row.id}~{text}"


def _read_cursor(text: str | None, sort: str) -> tuple[Any, int] | None:
    """Sort key and id; None for what is no cursor of this order, which shows the first page."""
    number, parted, value = (text or "").partition("~")
    if not parted or not (number.isascii() and number.isdigit()):
        return None
    try:
        if sort == "due":
            return date.fromisoformat(value), int(number)
        if sort == "new":
            moment = datetime.fromisoformat(value)
            return (moment, int(number)) if moment.tzinfo else None
    except ValueError:
        return None
    return value, int(number)


def _sums(actor: Actor, filters: Filters) -> dict[str, int]:
    """Total, counts of views and of single filters: one statement over the tallies."""
    wanted: dict[str, list[sa.ColumnElement[bool]]] = {"total": counted_conditions(actor, filters)}
    views = {
        "view_all": Filters(),
        "view_mine": Filters(owner=OWNER_MINE),
        "view_free": Filters(owner=OWNER_NONE),
        "view_code": Filters(code="missing"),
    }
    for name, view in views.items():
        wanted[name] = counted_conditions(actor, view)
    for name in filters.active:
        if name not in ("q", "due"):
            alone = Filters(**{name: getattr(filters, name)})
            wanted[name] = counted_conditions(actor, alone)
    columns = [
        sa.func.coalesce(sa.func.sum(sa.case((sa.and_(*conditions), FirmTally.n), else_=0)), 0).label(name)
        for name, conditions in wanted.items()
    ]
    row = db.session.execute(sa.select(*columns)).one()
    return {name: int(value) for name, value in row._mapping.items()}


def _due_soon(actor: Actor, today: date, days: int | None) -> dict[str, Any]:
    """Count of the view of near deadlines, and of the chip where another span is asked for."""
    conditions = firm_conditions(actor, Filters(), today)
    soon = Firm.due_order <= today + timedelta(days=VIEW_DAYS)
    inner = sa.select(sa.literal(1).label("one")).where(*conditions, soon).limit(TAB_MOST + 1).subquery()
    view = db.session.scalar(sa.select(sa.func.count()).select_from(inner)) or 0
    chip = {}
    if days is not None:
        chip["due"] = searching.count([*conditions, Firm.due_order <= today + timedelta(days=days)])
    return {"view": view if view <= TAB_MOST else None, "chip": chip}
