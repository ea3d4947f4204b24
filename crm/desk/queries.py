"""What one person has to do now: deadlines, next steps, approvals, mails, imports; fixed statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import load_only

from crm.activities.models import Activity
from crm.clock import local_time
from crm.database import db
from crm.deadlines.models import Deadline
from crm.domain.access import Actor, Permission, Role, may
from crm.firms.models import Firm, FirmTally
from crm.firms.queries import in_scope
from crm.imports.models import ImportBatch
from crm.reminders.models import Delivery
from crm.support_plans.models import SupportPlan

SHOWN = 40
SOON = timedelta(days=90)


@dataclass(frozen=True)
class Work:
    """One thing to do. act: settle, follow, approve; id is of the deadline, activity or plan."""

    act: str
    id: int
    firm_id: int
    firm_name: str
    rung: int
    due_on: date
    words: str
    version: int = 1


@dataclass(frozen=True)
class Counts:
    """Exact figures of the first sentence: overdue, today, the rest of this week."""

    overdue: int
    today: int
    week: int


@dataclass(frozen=True)
class Trouble:
    """A firm to look at: a certificate that ends within 90 days, or something overdue."""

    firm_id: int
    firm_name: str
    rung: int
    kind: str
    due_on: date


@dataclass(frozen=True)
class Desk:
    """Everything the first screen shows."""

    counts: Counts
    now: list[Work]
    this_week: list[tuple[str, int, list[str]]]
    troubles: list[Trouble]
    trouble_count: int
    rungs: dict[int, int]
    imports: list[ImportBatch]
    mails_for_a_person: int


def owns_firms(actor: Actor) -> bool:
    """True where the actor is owner of any firm: the desk then begins with one's own."""
    return bool(
        db.session.scalar(
            sa.select(sa.exists().where(Firm.owner_id == actor.user_id, Firm.is_archived.is_(False)))
        )
    )


def desk(actor: Actor, today: date, *, mine: bool) -> Desk:
    """The desk of that day; mine: only firms the actor owns, else the whole territory."""
    scope = sa.and_(in_scope(actor), Firm.is_archived.is_(False))
    if mine:
        scope = sa.and_(scope, Firm.owner_id == actor.user_id)
    sunday = today + timedelta(days=6 - today.weekday())
    now = _deadlines(scope, today) + _next_steps(scope, today) + _approvals(actor, today)
    return Desk(
        counts=_counts(scope, today, sunday),
        now=sorted(now, key=lambda work: (work.due_on, work.firm_name)),
        this_week=_this_week(scope, today, sunday),
        troubles=_troubles(scope, today),
        trouble_count=_trouble_count(scope, today),
        rungs=_rungs(actor, mine),
        imports=_imports(actor),
        mails_for_a_person=_mails(actor),
    )


def _open(scope: sa.ColumnElement[bool], *conditions: sa.ColumnElement[bool]) -> Any:
    return (
        sa.select(Deadline, Firm)
        .join(Firm, Firm.id == Deadline.firm_id)
        .where(Deadline.state == "open", scope, *conditions)
    )


def _counts(scope: sa.ColumnElement[bool], today: date, sunday: date) -> Counts:
    row = db.session.execute(
        sa.select(
            sa.func.coalesce(sa.func.sum(sa.case((Deadline.due_on < today, 1), else_=0)), 0),
            sa.func.coalesce(sa.func.sum(sa.case((Deadline.due_on == today, 1), else_=0)), 0),
            sa.func.coalesce(sa.func.sum(sa.case((Deadline.due_on > today, 1), else_=0)), 0),
        )
        .join(Firm, Firm.id == Deadline.firm_id)
        .where(Deadline.state == "open", Deadline.due_on <= sunday, scope)
    ).one()
    return Counts(int(row[0]), int(row[1]), int(row[2]))


def _deadlines(scope: sa.ColumnElement[bool], today: date) -> list[Work]:
    statement = (
        _open(scope, Deadline.due_on <= today).order_by(Deadline.due_on.desc(), Deadline.id).limit(SHOWN)
    )
    rows = db.session.execute(statement)
    return [Work("settle", d.id, f.id, f.name, f.rung, d.due_on, d.kind, d.version) for d, f in rows]


def _next_steps(scope: sa.ColumnElement[bool], today: date) -> list[Work]:
    statement = (
        sa.select(Activity, Firm)
        .join(Firm, Firm.id == Activity.firm_id)
        .where(
            Activity.next_step.is_not(None),
            Activity.next_step_done_on.is_(None),
            Activity.next_step_due <= today,
            scope,
        )
        .order_by(Activity.next_step_due)
        .limit(SHOWN)
    )
    return [
        Work("follow", a.id, f.id, f.name, f.rung, a.next_step_due or today, a.next_step or "", a.version)
        for a, f in db.session.execute(statement)
    ]


def _approvals(actor: Actor, today: date) -> list[Work]:
    if not may(actor, Permission.PLAN_APPROVE):
        return []
    statement = (
        sa.select(SupportPlan, Firm)
        .join(Firm, Firm.id == SupportPlan.firm_id)
        .where(SupportPlan.state == "submitted", in_scope(actor))
        .order_by(SupportPlan.submitted_at)
        .limit(SHOWN)
    )
    return [
        Work(
            act="approve",
            id=p.id,
            firm_id=f.id,
            firm_name=f.name,
            rung=f.rung,
            due_on=local_time(p.submitted_at).date() if p.submitted_at else today,
            words=str(p.target_year),
            version=p.version,
        )
        for p, f in db.session.execute(statement)
    ]


def _this_week(scope: sa.ColumnElement[bool], today: date, sunday: date) -> list[tuple[str, int, list[str]]]:
    """Kind, how many, and the first names, for the days after today."""
    between = (Deadline.state == "open", Deadline.due_on > today, Deadline.due_on <= sunday, scope)
    numbered = (
        sa.select(
            Deadline.kind,
            Firm.name,
            sa.func.count().over(partition_by=Deadline.kind).label("n"),
            sa.func.row_number()
            .over(partition_by=Deadline.kind, order_by=(Deadline.due_on, Deadline.id))
            .label("place"),
        )
        .join(Firm, Firm.id == Deadline.firm_id)
        .where(*between)
        .subquery()
    )
    grouped: dict[str, tuple[int, list[str]]] = {}
    for kind, name, n, _ in db.session.execute(
        sa.select(numbered).where(numbered.c.place <= 3).order_by(numbered.c.kind, numbered.c.place)
    ):
        grouped.setdefault(kind, (n, []))[1].append(name)
    return [(kind, n, names) for kind, (n, names) in grouped.items()]


def _trouble_condition(today: date) -> sa.ColumnElement[bool]:
    ending = sa.and_(Firm.next_due_kind == "certificate_expiry", Firm.due_order <= today + SOON)
    return sa.or_(Firm.due_order < today, ending)


def _troubles(scope: sa.ColumnElement[bool], today: date) -> list[Trouble]:
    statement = (
        sa.select(Firm.id, Firm.name, Firm.rung, Firm.next_due_kind, Firm.due_order)
        .where(scope, _trouble_condition(today))
        .order_by(Firm.due_order, Firm.id)
        .limit(6)
    )
    return [Trouble(row[0], row[1], row[2], row[3] or "", row[4]) for row in db.session.execute(statement)]


def _trouble_count(scope: sa.ColumnElement[bool], today: date) -> int:
    return int(
        db.session.scalar(
            sa.select(sa.func.count()).select_from(Firm).where(scope, _trouble_condition(today))
        )
        or 0
    )


def _rungs(actor: Actor, mine: bool) -> dict[int, int]:
    """Firms by rung, summed from the tally: no count of the firms themselves."""
    statement = sa.select(FirmTally.rung, sa.func.sum(FirmTally.n)).where(
        in_scope(actor, FirmTally), FirmTally.is_archived.is_(False)
    )
    if mine:
        statement = statement.where(FirmTally.owner_id == actor.user_id)
    found = {rung: int(n) for rung, n in db.session.execute(statement.group_by(FirmTally.rung))}
    return {rung: found.get(rung, 0) for rung in (3, 2, 1, 0)}


def _imports(actor: Actor) -> list[ImportBatch]:
    if not may(actor, Permission.FIRM_IMPORT):
        return []
    shown = load_only(
        ImportBatch.kind, ImportBatch.state, ImportBatch.filename, ImportBatch.counts, ImportBatch.created_at
    )
    statement = sa.select(ImportBatch).options(shown).where(ImportBatch.created_by == actor.user_id)
    return list(db.session.scalars(statement.order_by(ImportBatch.id.desc()).limit(1)))


def _mails(actor: Actor) -> int:
    """Mails that wait for a person; who keeps the system sees them all."""
    if actor.role is not Role.ADMINISTRATOR:
        return 0
    statement = (
        sa.select(sa.func.count()).select_from(Delivery).where(Delivery.state.in_(("refused", "in_doubt")))
    )
    return int(db.session.scalar(statement) or 0)
