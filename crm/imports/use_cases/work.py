"""What the worker does with long lists: claim, perform; a sweep takes up what a dead worker left."""

from __future__ import annotations

import logging

import sqlalchemy as sa

from crm.accounts.queries import actor_by_id
from crm.clock import utc_now
from crm.database import db, transaction
from crm.domain.errors import NotFoundError
from crm.imports.models import ImportBatch
from crm.imports.queries import RUNNING
from crm.imports.use_cases.performing import perform, renewed_lease

log = logging.getLogger(__name__)
# A list that brings its worker down each time is not tried for ever.
MOST_ATTEMPTS = 5


def work_on(batch_id: int) -> bool:
    """Check or write a batch unless somebody else holds it; returns whether it was taken up."""
    claimed = _claim(batch_id)
    if claimed is None:
        return False
    attempt, created_by = claimed
    if attempt > MOST_ATTEMPTS:
        _fail(batch_id, "import_gave_up")
        return True
    try:
        actor = actor_by_id(created_by, via="task", source="crm.imports.run")
    except NotFoundError:
        _fail(batch_id, "import_person_gone")
        return True
    perform(actor, batch_id, attempt)
    return True


def sweep() -> int:
    """Take up every batch that waits and that nobody holds; returns how many."""
    waiting = db.session.scalars(
        sa.select(ImportBatch.id).where(ImportBatch.state.in_(RUNNING), _is_free()).order_by(ImportBatch.id)
    ).all()
    return sum(work_on(batch_id) for batch_id in waiting)


def _is_free() -> sa.ColumnElement[bool]:
    return sa.or_(ImportBatch.lease_until.is_(None), ImportBatch.lease_until < utc_now())


def _claim(batch_id: int) -> tuple[int, int] | None:
    """One conditional update: of several workers one gets it."""
    with transaction():
        row = db.session.execute(
            sa.update(ImportBatch)
            .where(ImportBatch.id == batch_id, ImportBatch.state.in_(RUNNING), _is_free())
            .values(lease_until=renewed_lease(), attempt=ImportBatch.attempt + 1)
            .returning(ImportBatch.attempt, ImportBatch.created_by)
            .execution_options(synchronize_session=False)
        ).one_or_none()
    return (row.attempt, row.created_by) if row else None


def _fail(batch_id: int, reason: str) -> None:
    log.warning("import %s: %s", batch_id, reason)
    with transaction():
        db.session.execute(
            sa.update(ImportBatch)
            .where(ImportBatch.id == batch_id)
            .values(state="failed", error={"field": None, "reason": reason, "values": {}}, lease_until=None)
            .execution_options(synchronize_session=False)
        )
    db.session.expire_all()
