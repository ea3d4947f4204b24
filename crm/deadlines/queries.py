"""Deadlines read, always within the actor's territory: one, a page of a list, those of a firm."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from crm.accounts.models import User
from crm.certifications.labels import scheme_word
from crm.certifications.models import Certification
from crm.database import db
from crm.deadlines.filters import DeadlineFilters, conditions, state_conditions
from crm.deadlines.labels import CLOSE_WORDS, KIND_WORDS, STATE_WORDS
from crm.deadlines.models import Deadline
from crm.domain.access import Actor
from crm.domain.deadlines import tone
from crm.domain.errors import NotFoundError
from crm.firms.models import Firm
from crm.firms.queries import in_scope
from crm.support_plans.models import PlanMeasure

PAGE = 50


@dataclass(frozen=True)
class DeadlineRow:
    """One deadline as pages and commands show it. source: certificate or measure it comes from."""

    id: int
    version: int
    firm_id: int
    firm: str
    code: str | None
    district_id: int
    owner: str | None
    kind: str
    period: str
    due_on: date
    moved_from: date | None
    state: str
    done_on: date | None
    evidence: str | None
    reason: str | None
    settled_at: datetime | None
    settled_by: str | None
    source_type: str
    source_id: int
    source: str

    @property
    def title(self) -> str:
        word = str(KIND_WORDS[self.kind])
        return f"{word} {int(self.period) - 1}" if self.kind == "hnte_annual_report" else word

    @property
    def reason_word(self) -> str:
        return str(CLOSE_WORDS.get(self.reason or "", self.reason or ""))

    def tone_on(self, today: date) -> str:
        """Tone of the state chip."""
        return tone(self.due_on, today, self.state)

    def state_word(self, today: date) -> str:
        """Word of the state; open and past is overdue."""
        overdue = self.state == "open" and self.due_on < today
        return str(STATE_WORDS["overdue" if overdue else self.state])


@dataclass(frozen=True)
class DeadlinePage:
    """One page of the list; before, after: cursors of its neighbours, None at an end."""

    rows: list[DeadlineRow]
    total: int
    before: str | None
    after: str | None


def deadline_for(actor: Actor, deadline_id: int, *, lock: bool = False) -> Deadline:
    """One deadline of the actor's territory, read anew. Raises NotFoundError."""
    statement = (
        sa.select(Deadline)
        .join(Firm, Firm.id == Deadline.firm_id)
        .where(Deadline.id == deadline_id, in_scope(actor))
        .execution_options(populate_existing=True)
    )
    row = db.session.scalar(statement.with_for_update(of=Deadline) if lock else statement)
    if row is None:
        raise NotFoundError("deadline", deadline_id)
    return row


def deadline_row(actor: Actor, deadline_id: int) -> DeadlineRow:
    """One deadline with its firm, source and who settled it. Raises NotFoundError."""
    rows = rows_where([in_scope(actor), Deadline.id == deadline_id])
    if not rows:
        raise NotFoundError("deadline", deadline_id)
    return rows[0]


def deadlines_of_firm(actor: Actor, firm_id: int) -> list[DeadlineRow]:
    """All deadlines of a firm: open ones by date, then settled ones, the latest first."""
    rows = rows_where([in_scope(actor), Deadline.firm_id == firm_id])
    settled = sorted((r for r in rows if r.state != "open"), key=lambda r: r.due_on, reverse=True)
    return [r for r in rows if r.state == "open"] + settled


def deadline_page(
    actor: Actor,
    filters: DeadlineFilters,
    today: date,
    *,
    total: int,
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
) -> DeadlinePage:
    """A page of the list by due date; total is counted apart (state_counts) unless one day is asked for."""
    wanted = conditions(actor, filters, today)
    if filters.day is not None:
        wanted.append(Deadline.due_on == filters.day)
        total = _count(wanted)
    place = _cursor(before or after)
    backward = place is not None and before is not None
    limited = list(wanted)
    if place is not None:
        here, there = sa.tuple_(Deadline.due_on, Deadline.id), sa.tuple_(*map(sa.literal, place))
        limited.append(here < there if backward else here > there)
    rows = rows_where(limited, limit=size + 1, backward=backward)
    more = len(rows) > size
    rows = rows[:size]
    if backward:
        rows.reverse()
    has_before, has_after = (more, True) if backward else (place is not None, more)
    return DeadlinePage(
        rows,
        total,
        _place(rows[0]) if rows and has_before else None,
        _place(rows[-1]) if rows and has_after else None,
    )


def state_counts(actor: Actor, filters: DeadlineFilters, today: date) -> dict[str, int]:
    """How many there are of each state, overdue among the open ones; one statement."""
    overdue = sa.func.sum(sa.case((Deadline.due_on < today, 1), else_=0))
    statement = (
        sa.select(Deadline.state, sa.func.count(), overdue)
        .join(Firm, Firm.id == Deadline.firm_id)
        .where(*conditions(actor, filters, today, with_state=False))
        .group_by(Deadline.state)
    )
    counts = {"open": 0, "overdue": 0, "done": 0, "waived": 0, "closed": 0}
    for state, number, late in db.session.execute(statement):
        counts[state] = number
        if state == "open":
            counts["overdue"] = int(late)
    return {**counts, "all": counts["open"] + counts["done"] + counts["waived"] + counts["closed"]}


def listed(
    actor: Actor,
    *,
    firm_id: int | None,
    first: date | None,
    last: date | None,
    state: str | None,
    today: date,
) -> list[DeadlineRow]:
    """For the command line: everything that fits, by date."""
    wanted = [in_scope(actor), *state_conditions(state or "all", today)]
    if firm_id is not None:
        wanted.append(Deadline.firm_id == firm_id)
    if first is not None:
        wanted.append(Deadline.due_on >= first)
    if last is not None:
        wanted.append(Deadline.due_on <= last)
    return rows_where(wanted)


def rows_where(
    wanted: Iterable[sa.ColumnElement[bool]], *, limit: int | None = None, backward: bool = False
) -> list[DeadlineRow]:
    """Rows by due date that meet the conditions on Deadline and Firm; one statement."""
    owner, settler = aliased(User), aliased(User)
    d = Deadline
    order: Sequence[Any] = (d.due_on.desc(), d.id.desc()) if backward else (d.due_on, d.id)
    statement = (
        sa.select(d, Firm.name, Firm.code, Firm.district_id, owner.display_name, settler.display_name,
                  Certification.scheme, Certification.granted_on, Certification.number, PlanMeasure.title)
        .join(Firm, Firm.id == d.firm_id)
        .outerjoin(owner, owner.id == Firm.owner_id)
        .outerjoin(settler, settler.id == d.settled_by)
        .outerjoin(Certification, sa.and_(d.source_type == "certification", Certification.id == d.source_id))
        .outerjoin(PlanMeasure, sa.and_(d.source_type == "measure", PlanMeasure.id == d.source_id))
        .where(*wanted)
        .order_by(*order)
        .limit(limit)
        .execution_options(populate_existing=True)
    )  # fmt: skip
    found: Iterable[Any] = db.session.execute(statement)
    return [_row(*values) for values in found]


def _row(
    d: Deadline, firm: str, code: str | None, district_id: int, owner: str | None, settled_by: str | None,
    scheme: str | None, granted_on: date | None, number: str | None, measure: str | None,
) -> DeadlineRow:  # fmt: skip
    source = measure or ""
    if scheme is not None:
        source = " ".join(filter(None, (scheme_word(scheme, granted_on), number)))
    return DeadlineRow(
        id=d.id,
        version=d.version,
        firm_id=d.firm_id,
        firm=firm,
        code=code,
        district_id=district_id,
        owner=owner,
        kind=d.kind,
        period=d.period,
        due_on=d.due_on,
        moved_from=d.moved_from,
        state=d.state,
        done_on=d.done_on,
        evidence=d.evidence,
        reason=d.reason,
        settled_at=d.settled_at,
        settled_by=settled_by,
        source_type=d.source_type,
        source_id=d.source_id,
        source=source,
    )


def _count(wanted: Sequence[sa.ColumnElement[bool]]) -> int:
    statement = sa.select(sa.func.count()).select_from(Deadline).join(Firm, Firm.id == Deadline.firm_id)
    return db.session.scalar(statement.where(*wanted)) or 0


def _place(row: DeadlineRow) -> str:
    return f"{row.due_on.isoformat()}~{row.id}"


def _cursor(text: str | None) -> tuple[date, int] | None:
    """Due date and id; None for what is no cursor, which shows the first page."""
    day, parted, number = (text or "").partition("~")
    try:
        return (date.fromisoformat(day), int(number)) if parted else None
    except ValueError:
        return None
