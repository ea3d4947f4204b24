"""Deadlines read, always within the actor's territory."""

from __future__ import annotations

import sqlalchemy as sa

from crm.database import db
from crm.deadlines.models import Deadline
from crm.domain.access import Actor
from crm.domain.errors import NotFoundError
from crm.firms.models import Firm
from crm.firms.queries import in_scope


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
