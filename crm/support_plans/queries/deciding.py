"""Who may be named in a plan, who decides on it, what waits for a decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from crm.accounts.models import User
from crm.accounts.queries import possible_owners
from crm.database import db
from crm.domain.access import Actor, Permission, Role, may
from crm.firms.models import Firm
from crm.firms.queries import in_scope
from crm.support_plans.models import SupportPlan
from crm.territories.queries import tree


def possible_people(actor: Actor, *also: int | None) -> list[User]:
    """Who may be responsible: officers and liaisons of the actor's territory, and who is named already."""
    people = possible_owners(actor)
    missing = {i for i in also if i is not None} - {user.id for user in people}
    if missing:
        people += db.session.scalars(sa.select(User).where(User.id.in_(missing)).order_by(User.id))
    return people


def other_approvers(actor_id: int | None, firm: Firm) -> bool:
    """True where another active section chief covers the firm: nobody should approve his own submission."""
    chiefs = db.session.scalars(
        sa.select(User).where(User.role == Role.SECTION_CHIEF, User.is_active, User.id != (actor_id or 0))
    )
    places = [i for i in (firm.district_id, firm.township_id) if i is not None]
    return any(tree().is_within(place, chief.territory.path) for chief in chiefs for place in places)


@dataclass(frozen=True)
class PlanToDecide:
    """A submitted plan that waits for the actor's decision."""

    id: int
    firm_id: int
    firm_name: str
    firm_rung: int
    target_rung: int
    target_year: int
    version_no: int
    submitted_by: str | None
    submitted_at: datetime | None


def plans_to_decide(actor: Actor, limit: int = 50) -> list[PlanToDecide]:
    """Submitted plans that the actor may approve, the longest waiting first; none for other roles.

    A chief's own submissions are left to a colleague; where there is none, they are listed too.
    """
    if not may(actor, Permission.PLAN_APPROVE):
        return []
    submitter = sa.orm.aliased(User)
    statement = (
        sa.select(
            SupportPlan.id, Firm.id, Firm.name, Firm.rung, SupportPlan.target_rung, SupportPlan.target_year,
            SupportPlan.version_no, submitter.display_name, SupportPlan.submitted_at,
        )
        .join(Firm, Firm.id == SupportPlan.firm_id)
        .outerjoin(submitter, submitter.id == SupportPlan.submitted_by)
        .where(SupportPlan.state == "submitted", in_scope(actor), to_be_decided_by(actor))
        .order_by(SupportPlan.submitted_at, SupportPlan.id)
        .limit(limit)
    )  # fmt: skip
    return [PlanToDecide(*row) for row in db.session.execute(statement)]


def to_be_decided_by(actor: Actor) -> sa.ColumnElement[bool]:
    """Condition on SupportPlan: not the actor's own submission while another chief covers his territory."""
    chiefs = db.session.scalars(
        sa.select(User).where(
            User.role == Role.SECTION_CHIEF, User.is_active, User.id != (actor.user_id or 0)
        )
    )
    if any(actor.territory_path.startswith(chief.territory.path) for chief in chiefs):
        return sa.or_(SupportPlan.submitted_by.is_(None), SupportPlan.submitted_by != actor.user_id)
    return sa.true()
