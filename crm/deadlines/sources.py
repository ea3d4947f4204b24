"""What deadlines come from: reads of firms, certifications and plans for the refresh."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from crm.certifications.models import Certification
from crm.database import db
from crm.deadlines.models import Deadline
from crm.domain.access import Actor
from crm.firms.models import Firm
from crm.firms.queries import in_scope, within
from crm.support_plans.models import SupportPlan


def locked_firms(firm_ids: Sequence[int]) -> dict[int, bool]:
    """Firm id -> whether archived; the rows are held until the transaction ends."""
    statement = (
        sa.select(Firm.id, Firm.is_archived).where(Firm.id.in_(firm_ids)).order_by(Firm.id).with_for_update()
    )
    return {firm_id: archived for firm_id, archived in db.session.execute(statement)}


def firms_with_sources(actor: Actor, territory_id: int | None, *, after: int, limit: int) -> Sequence[int]:
    """Ids of firms of the actor's territory that have, or had, something due; in order, above `after`."""
    has_something = sa.or_(
        sa.exists().where(Certification.firm_id == Firm.id),
        sa.exists().where(SupportPlan.firm_id == Firm.id),
        sa.exists().where(Deadline.firm_id == Firm.id),
    )
    statement = sa.select(Firm.id).where(Firm.id > after, in_scope(actor), has_something)
    if territory_id is not None:
        statement = statement.where(within(territory_id))
    return db.session.scalars(statement.order_by(Firm.id).limit(limit)).all()
