"""Reads of activities, always within the actor's territory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from crm.accounts.models import User
from crm.activities.models import Activity
from crm.database import db
from crm.domain.access import Actor
from crm.domain.errors import NotFoundError
from crm.firms.models import Firm
from crm.firms.queries import in_scope

PAGE_SIZE = 30


@dataclass(frozen=True)
class ActivityRow:
    """One service rendered, as lists show it; minutes: how long, where known."""

    id: int
    firm_id: int
    firm_name: str
    kind: str
    happened_on: date
    minutes: int | None
    firm_people: str | None
    summary: str
    next_step: str | None
    next_step_due: date | None
    next_step_done_on: date | None
    user_id: int | None
    user: str | None
    created_at: datetime

    @property
    def has_open_step(self) -> bool:
        return self.next_step is not None and self.next_step_done_on is None


@dataclass(frozen=True)
class ActivityPage:
    """A page of a firm's activities, newest first; after: edge of the next page, None on the last."""

    rows: tuple[ActivityRow, ...]
    total: int
    after: str | None


def _rows() -> Any:
    a = Activity
    return (
        sa.select(
            a.id, a.firm_id, Firm.name, a.kind, a.happened_on, a.minutes, a.firm_people, a.summary,
            a.next_step, a.next_step_due, a.next_step_done_on, a.user_id, User.display_name, a.created_at,
        )
        .join(Firm, Firm.id == a.firm_id)
        .outerjoin(User, User.id == a.user_id)
    )  # fmt: skip


def page_of_activities(
    actor: Actor, firm_id: int, *, kind: str = "", after: str | None = None, size: int = PAGE_SIZE
) -> ActivityPage:
    """Activities of one firm. after: "2026-11-25.17", the day and id of the last row seen."""
    conditions = [Activity.firm_id == firm_id, in_scope(actor)]
    if kind:
        conditions.append(Activity.kind == kind)
    total = db.session.scalar(
        sa.select(sa.func.count())
        .select_from(Activity)
        .join(Firm, Firm.id == Activity.firm_id)
        .where(*conditions)
    )
    statement = _rows().where(*conditions).order_by(Activity.happened_on.desc(), Activity.id.desc())
    edge = _edge(after)
    if edge is not None:
        statement = statement.where(sa.tuple_(Activity.happened_on, Activity.id) < sa.tuple_(*edge))
    found = [ActivityRow(*row) for row in db.session.execute(statement.limit(size + 1))]
    rows = tuple(found[:size])
    more = len(found) > size
    return ActivityPage(rows, total or 0, f"{rows[-1].happened_on}.{rows[-1].id}" if more else None)


def _edge(after: str | None) -> tuple[date, int] | None:
    day, _, number = (after or "").partition(".")
    try:
        return date.fromisoformat(day), int(number)
    except ValueError:
        return None


def recent(firm_id: int, limit: int = 4) -> list[ActivityRow]:
    """The latest activities of a firm, for its overview; the caller has checked the territory."""
    statement = (
        _rows()
        .where(Activity.firm_id == firm_id)
        .order_by(Activity.happened_on.desc(), Activity.id.desc())
        .limit(limit)
    )
    return [ActivityRow(*row) for row in db.session.execute(statement)]


def open_next_steps(
    actor: Actor, *, firm_id: int | None = None, until: date | None = None, limit: int = 100
) -> list[ActivityRow]:
    """Next steps the actor wrote down and has not done, the earliest first; of a firm: everybody's."""
    statement = (
        _rows()
        .where(
            Activity.next_step.is_not(None),
            Activity.next_step_done_on.is_(None),
            Firm.is_archived.is_(False),
            in_scope(actor),
        )
        .order_by(Activity.next_step_due.is_(None), Activity.next_step_due, Activity.id)
        .limit(limit)
    )
    statement = statement.where(
        Activity.firm_id == firm_id if firm_id is not None else Activity.user_id == actor.user_id
    )
    if until is not None:
        statement = statement.where(Activity.next_step_due <= until)
    return [ActivityRow(*row) for row in db.session.execute(statement)]


@dataclass(frozen=True)
class VisitedFirm:
    """A firm the actor served lately."""

    id: int
    name: str
    district_id: int
    township_id: int | None
    rung: int
    last_on: date


def lately_visited(actor: Actor, limit: int = 8) -> list[VisitedFirm]:
    """Firms the actor himself served last, for the picker: one goes to the same ones again."""
    last = sa.func.max(Activity.happened_on)
    statement = (
        sa.select(Firm.id, Firm.name, Firm.district_id, Firm.township_id, Firm.rung, last)
        .join(Activity, Activity.firm_id == Firm.id)
        .where(Activity.user_id == actor.user_id, Firm.is_archived.is_(False), in_scope(actor))
        .group_by(Firm.id, Firm.name, Firm.district_id, Firm.township_id, Firm.rung)
        .order_by(last.desc(), Firm.id)
        .limit(limit)
    )
    return [VisitedFirm(*row) for row in db.session.execute(statement)]


def activity_for(actor: Actor, activity_id: int) -> Activity:
    """One activity of the actor's territory. Raises NotFoundError."""
    row = db.session.scalar(
        sa.select(Activity)
        .join(Firm, Firm.id == Activity.firm_id)
        .where(Activity.id == activity_id, in_scope(actor))
    )
    if row is None:
        raise NotFoundError("activity", activity_id)
    return row
