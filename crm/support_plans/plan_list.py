"""The list of plans over a territory: filters, counts, keyset pages; a fixed number of statements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from crm.accounts.models import User
from crm.database import db
from crm.domain.access import Actor, Permission, may
from crm.domain.support_plan import PLAN_STATES
from crm.firms.models import Firm
from crm.firms.queries import in_scope
from crm.support_plans.models import PlanMeasure, SupportPlan
from crm.support_plans.queries import overdue_on, to_be_decided_by
from crm.territories.queries import tree

PAGE_SIZE = 50
# What the list can be narrowed to, besides a state.
VIEWS = ("decide", "overdue", "mine")


@dataclass(frozen=True)
class PlanFilter:
    """What the address says. view: one of VIEWS, a state, "" for all; after, before: id of the edge row."""

    view: str = ""
    after: int | None = None
    before: int | None = None


@dataclass(frozen=True)
class PlanRow:
    """One line of the list; next_*: the open measure due first."""

    id: int
    firm_id: int
    firm_name: str
    place: str
    rung: int
    target_rung: int
    target_year: int
    state: str
    version_no: int
    owner: str | None
    submitted_at: datetime | None
    done: int
    total: int
    late: int
    next_due_on: date | None
    next_title: str | None


@dataclass(frozen=True)
class PlanPage:
    """A page of plans, newest first. counts: view or state -> number of plans ("" is all)."""

    rows: tuple[PlanRow, ...]
    total: int
    counts: Mapping[str, int]
    before: int | None
    after: int | None


def page_of_plans(actor: Actor, wanted: PlanFilter, today: date, size: int = PAGE_SIZE) -> PlanPage:
    """One page, with the exact number of plans in each view; an unknown view shows all."""
    conditions = _conditions(actor, today)
    counts = _counts(actor, conditions)
    view = wanted.view if wanted.view in counts else ""
    statement = (
        sa.select(SupportPlan, Firm, User.display_name)
        .join(Firm, Firm.id == SupportPlan.firm_id)
        .outerjoin(User, User.id == SupportPlan.owner_id)
        .where(in_scope(actor), conditions[view])
    )
    backwards = wanted.before is not None
    if wanted.before is not None:
        statement = statement.where(SupportPlan.id > wanted.before).order_by(SupportPlan.id)
    else:
        if wanted.after is not None:
            statement = statement.where(SupportPlan.id < wanted.after)
        statement = statement.order_by(SupportPlan.id.desc())
    found = list(db.session.execute(statement.limit(size + 1)))
    more = len(found) > size
    found = found[:size][::-1] if backwards else found[:size]
    progress = _progress([plan.id for plan, _, _ in found], today)
    rows = tuple(_row(plan, firm, owner, progress) for plan, firm, owner in found)
    has_newer, has_older = (more, True) if backwards else (wanted.after is not None, more)
    return PlanPage(
        rows,
        counts[view],
        counts,
        rows[0].id if rows and has_newer else None,
        rows[-1].id if rows and has_older else None,
    )


def _conditions(actor: Actor, today: date) -> dict[str, sa.ColumnElement[bool]]:
    conditions: dict[str, sa.ColumnElement[bool]] = {"": sa.true()}
    conditions |= {state: SupportPlan.state == state for state in PLAN_STATES}
    conditions["overdue"] = overdue_on(today)
    conditions["mine"] = SupportPlan.owner_id == actor.user_id
    if may(actor, Permission.PLAN_APPROVE):
        conditions["decide"] = sa.and_(SupportPlan.state == "submitted", to_be_decided_by(actor))
    return conditions


def _counts(actor: Actor, conditions: Mapping[str, sa.ColumnElement[bool]]) -> dict[str, int]:
    sums = [sa.func.sum(sa.case((condition, 1), else_=0)) for condition in conditions.values()]
    row = db.session.execute(
        sa.select(*sums)
        .select_from(SupportPlan)
        .join(Firm, Firm.id == SupportPlan.firm_id)
        .where(in_scope(actor))
    ).one()
    return {key: int(number or 0) for key, number in zip(conditions, row, strict=True)}


@dataclass(frozen=True)
class _Progress:
    done: int = 0
    total: int = 0
    late: int = 0
    due_on: date | None = None
    title: str | None = None


def _progress(plan_ids: list[int], today: date) -> dict[int, _Progress]:
    """Measures of the page's plans, counted here: a page has some hundreds at most."""
    found: dict[int, _Progress] = {}
    statement = (
        sa.select(PlanMeasure.plan_id, PlanMeasure.state, PlanMeasure.due_on, PlanMeasure.title)
        .where(PlanMeasure.plan_id.in_(plan_ids), PlanMeasure.state != "cancelled")
        .order_by(PlanMeasure.due_on.is_(None), PlanMeasure.due_on, PlanMeasure.id)
    )
    for plan_id, state, due_on, title in db.session.execute(statement):
        known = found.get(plan_id, _Progress())
        is_open = state != "done"
        first = is_open and known.title is None
        found[plan_id] = _Progress(
            known.done + (not is_open),
            known.total + 1,
            known.late + (is_open and due_on is not None and due_on < today),
            due_on if first else known.due_on,
            title if first else known.title,
        )
    return found


def _row(plan: SupportPlan, firm: Firm, owner: str | None, progress: dict[int, _Progress]) -> PlanRow:
    known = progress.get(plan.id, _Progress())
    in_force = plan.state in ("approved", "running")
    return PlanRow(
        id=plan.id,
        firm_id=firm.id,
        firm_name=firm.name,
        place=tree().name(firm.district_id) + tree().name(firm.township_id),
        rung=firm.rung,
        target_rung=plan.target_rung,
        target_year=plan.target_year,
        state=plan.state,
        version_no=plan.version_no,
        owner=owner,
        submitted_at=plan.submitted_at,
        done=known.done,
        total=known.total,
        late=known.late if in_force else 0,
        next_due_on=known.due_on if in_force else None,
        next_title=known.title if in_force else None,
    )
