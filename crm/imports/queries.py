"""Reads of imports, within the actor's territory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from crm.accounts.models import User
from crm.clock import utc_now
from crm.database import db
from crm.domain.access import Actor
from crm.domain.errors import NotFoundError, RefusedError
from crm.imports import files
from crm.imports.models import ImportBatch
from crm.imports.results import RowResult
from crm.territories.queries import tree

RUNNING = ("checking", "applying")
PAGE = 50
LISTED = 50
# A worker takes a batch up within a second; the sweep runs every minute.
SILENT_AFTER = timedelta(seconds=8)
SHOWN = ("look", "all", "new", "changed", "same", "warned", "refused")


def _visible(actor: Actor) -> sa.ColumnElement[bool]:
    return ImportBatch.territory_id.in_(tree().subtree_ids(actor.territory_id))


def batch_for(actor: Actor, batch_id: int) -> ImportBatch:
    """An import of the actor's territory. Raises NotFoundError."""
    batch = db.session.scalar(
        sa.select(ImportBatch)
        .where(ImportBatch.id == batch_id, _visible(actor))
        .execution_options(populate_existing=True)
    )
    if batch is None:
        raise NotFoundError("import", batch_id)
    return batch


def own_batch(actor: Actor, batch_id: int) -> ImportBatch:
    """An import the actor may go on with: only who sent the file. Raises NotFoundError, RefusedError."""
    batch = batch_for(actor, batch_id)
    if batch.created_by != actor.user_id:
        raise RefusedError(None, "import_of_other")
    return batch


@dataclass(frozen=True)
class BatchLine:
    """One line of the list of imports."""

    batch: ImportBatch
    by: str | None


def recent_batches(actor: Actor, *, before: int | None = None) -> tuple[list[BatchLine], int | None]:
    """The newest imports of the actor's territory, and the id to go on from (None at the end)."""
    statement = (
        sa.select(ImportBatch, User.display_name)
        .outerjoin(User, User.id == ImportBatch.created_by)
        .where(_visible(actor))
        .order_by(ImportBatch.id.desc())
        .limit(LISTED + 1)
    )
    if before is not None:
        statement = statement.where(ImportBatch.id < before)
    rows = [BatchLine(batch, name) for batch, name in db.session.execute(statement)]
    more = rows[LISTED - 1].batch.id if len(rows) > LISTED else None
    return rows[:LISTED], more


def same_file_before(actor: Actor, batch: ImportBatch) -> ImportBatch | None:
    """An earlier import of the very same file, if it was written."""
    return db.session.scalar(
        sa.select(ImportBatch)
        .where(
            _visible(actor),
            ImportBatch.sha256 == batch.sha256,
            ImportBatch.state == "applied",
            ImportBatch.kind == batch.kind,
            ImportBatch.id != batch.id,
        )
        .order_by(ImportBatch.id.desc())
        .limit(1)
    )


@dataclass(frozen=True)
class PreviewPage:
    """Some rows of a checked list. shown: one of SHOWN; total: rows of that kind in the whole list."""

    rows: Sequence[RowResult]
    shown: str
    total: int
    page: int
    pages: int
    totals: dict[str, int]


def preview_page(batch: ImportBatch, shown: str | None, page: int) -> PreviewPage:
    """A page of the results; those to look at unless asked otherwise, all where there are none."""
    counts, kept = batch.counts or {}, batch.preview or {}
    totals = {
        "look": kept.get("looks", 0),
        "all": counts.get("rows", 0),
        "warned": kept.get("warned", 0),
        **{state: counts.get(state, 0) for state in ("new", "changed", "same", "refused")},
    }
    if shown not in SHOWN:
        shown = "look" if totals["look"] else "all"
    total = totals[shown]
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    rows = files.results(
        batch.stored_name, lambda flags: shown == "all" or shown in flags, (page - 1) * PAGE, PAGE
    )
    return PreviewPage(rows, shown, total, page, pages, totals)


def is_unanswered(batch: ImportBatch) -> bool:
    """Whether a batch waits longer for a worker than it should."""
    asked = (batch.preview or {}).get("asked_at")
    free = batch.lease_until is None or batch.lease_until < utc_now()
    return bool(free and asked and utc_now() - datetime.fromisoformat(asked) > SILENT_AFTER)
