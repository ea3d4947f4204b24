"""Reads of firms, always within the actor's territory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from crm.accounts.models import User
from crm.activities.models import Activity
from crm.certifications.models import Certification
from crm.database import db
from crm.deadlines.models import Deadline
from crm.domain import credit_code, firm_name
from crm.domain.access import Actor
from crm.domain.errors import NotFoundError
from crm.domain.masking import masked_phone
from crm.firms.models import NO_DEADLINE, Contact, Firm, FormerName
from crm.support_plans.models import PlanMeasure, SupportPlan
from crm.territories.queries import tree

if TYPE_CHECKING:
    from crm.firms.matching import Found as Found
    from crm.firms.matching import KnownFirms
    from crm.firms.searching import SearchResult


def in_scope(actor: Actor, table: Any = Firm) -> sa.ColumnElement[bool]:
    """Condition: the firm lies in the actor's territory.

    table: Firm, an alias of it, or any table with district_id and township_id (counts).
    """
    return within(actor.territory_id, table)


def within(territory_id: int, table: Any = Firm) -> sa.ColumnElement[bool]:
    """Condition: the firm lies in that territory (its township, its county, a county of its city)."""
    territories = tree()
    if territories.by_id[territory_id].level == "township":
        return table.township_id == territory_id
    # No firm lies in a district that has a successor; one equal sign lets a list walk the index of its order.
    districts = [
        i for i in territories.districts_of(territory_id) if territories.by_id[i].successor_id is None
    ]
    if len(districts) == 1:
        return table.district_id == districts[0]
    nodes = territories.by_id.values()
    if len(districts) == sum(n.level in ("city", "county") and n.successor_id is None for n in nodes):
        # No condition at all lets a list walk the index of its order.
        return sa.true()
    return table.district_id.in_(districts)


def firm_for(actor: Actor, firm_id: int) -> Firm:
    """The firm of that id. Raises NotFoundError where there is none in the actor's territory."""
    firm = db.session.scalar(
        sa.select(Firm).options(joinedload(Firm.owner)).where(Firm.id == firm_id, in_scope(actor))
    )
    if firm is None:
        raise NotFoundError("firm", firm_id)
    return firm


def firm_by_text(actor: Actor, text: str) -> Firm:
    """The one firm of a code or a whole name (former names too). Raises NotFoundError."""
    former = sa.select(FormerName.firm_id).where(FormerName.name_normal == firm_name.normalise(text))
    for condition in (
        Firm.code == credit_code.normalise(text),
        Firm.name_normal == firm_name.normalise(text),
        Firm.id.in_(former),
    ):
        found = db.session.scalars(sa.select(Firm).where(condition, in_scope(actor)).limit(2)).all()
        if len(found) == 1:
            return found[0]
    raise NotFoundError("firm", text)


@dataclass(frozen=True)
class PlanState:
    """State of the newest plan and how many of its measures are done."""

    state: str
    done: int
    total: int


@dataclass(frozen=True)
class FirmHeader:
    """What stands above every tab of a firm; counts: tab -> number."""

    id: int
    name: str
    code: str | None
    code_problem: str | None
    district_id: int
    district: str
    township: str
    owner_id: int | None
    owner: str | None
    rung: int
    is_branch: bool
    is_archived: bool
    archive_reason: str | None
    is_demo: bool
    due_on: date | None
    due_kind: str | None
    plan: PlanState | None
    counts: dict[str, int]


def firm_header(actor: Actor, firm_id: int) -> FirmHeader:
    """Header of a firm's pages, one statement. Raises NotFoundError."""
    plan = (
        sa.select(SupportPlan.id)
        .where(SupportPlan.firm_id == Firm.id)
        .order_by(SupportPlan.target_year.desc(), SupportPlan.id.desc())
        .limit(1)
        .correlate(Firm)
        .scalar_subquery()
    )
    # The statement joins the newest plan; counting them all needs the table under another name.
    any_plan = aliased(SupportPlan)
    measures = sa.select(sa.func.count()).where(
        PlanMeasure.plan_id == SupportPlan.id, PlanMeasure.state != "cancelled"
    )
    statement = (
        sa.select(
            Firm,
            User.display_name,
            SupportPlan.state,
            measures.where(PlanMeasure.state == "done").correlate(SupportPlan).scalar_subquery(),
            measures.correlate(SupportPlan).scalar_subquery(),
            _count(Certification.firm_id == Firm.id),
            _count(any_plan.firm_id == Firm.id),
            _count(Activity.firm_id == Firm.id),
            _count(sa.and_(Deadline.firm_id == Firm.id, Deadline.state == "open")),
        )
        .outerjoin(User, User.id == Firm.owner_id)
        .outerjoin(SupportPlan, SupportPlan.id == plan)
        .where(Firm.id == firm_id, in_scope(actor))
    )
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise NotFoundError("firm", firm_id)
    firm, owner, state, done, total, certifications, plans, activities, deadlines = row
    return FirmHeader(
        id=firm.id,
        name=firm.name,
        code=firm.code,
        code_problem=firm.code_problem,
        district_id=firm.district_id,
        district=tree().name(firm.district_id),
        township=tree().name(firm.township_id),
        owner_id=firm.owner_id,
        owner=owner,
        rung=firm.rung,
        is_branch=firm.is_branch,
        is_archived=firm.is_archived,
        archive_reason=firm.archive_reason,
        is_demo=firm.is_demo,
        due_on=None if firm.due_order == NO_DEADLINE else firm.due_order,
        due_kind=firm.next_due_kind,
        plan=PlanState(state, done, total) if state else None,
        counts={
            "certifications": certifications,
            "plans": plans,
            "activities": activities,
            "deadlines": deadlines,
        },
    )


def _count(condition: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    """How many rows of another table belong to the firm."""
    return sa.select(sa.func.count()).where(condition).correlate(Firm).scalar_subquery()


def contacts_of(firm_id: int) -> list[Contact]:
    """People of a firm, the primary one first; the caller has checked the territory."""
    return list(
        db.session.scalars(
            sa.select(Contact)
            .where(Contact.firm_id == firm_id)
            .order_by(Contact.is_primary.desc(), Contact.id)
        )
    )


def contact_for(actor: Actor, contact_id: int) -> Contact:
    """A contact of a firm in the actor's territory. Raises NotFoundError."""
    contact = db.session.scalar(
        sa.select(Contact)
        .join(Firm, Firm.id == Contact.firm_id)
        .where(Contact.id == contact_id, in_scope(actor))
    )
    if contact is None:
        raise NotFoundError("contact", contact_id)
    return contact


def former_names_of(firm_id: int) -> list[FormerName]:
    """Names the firm carried, the latest first; the caller has checked the territory."""
    return list(
        db.session.scalars(
            sa.select(FormerName)
            .where(FormerName.firm_id == firm_id)
            .order_by(FormerName.until.is_(None), FormerName.until.desc(), FormerName.id.desc())
        )
    )


@dataclass(frozen=True)
class MaskedContact:
    """The first contact of a firm as other pages may show it: the phone masked."""

    name: str | None
    phone: str


def first_contact(firm_id: int) -> MaskedContact | None:
    """Whom to ask for at the firm, or None; the caller has checked the territory."""
    contacts = contacts_of(firm_id)
    return MaskedContact(contacts[0].name, masked_phone(contacts[0].phone)) if contacts else None


def find_firms(actor: Actor, text: str, *, limit: int = 8) -> SearchResult:
    """Firms found by any part of a name, initials, code, certificate number or former name."""
    # The search itself reads the scope from here.
    from crm.firms import searching

    return searching.find(actor, text, limit=limit)


def known_firms(actor: Actor, codes: Iterable[str], names: Iterable[str]) -> KnownFirms:
    """Firms that the rows of a list may mean, by code, name and former name (as normalised)."""
    # The matching itself reads the scope from here.
    from crm.firms.matching import KnownFirms

    return KnownFirms(actor, codes, names)
