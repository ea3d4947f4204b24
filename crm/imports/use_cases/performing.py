"""Check or write one batch, by whoever holds its attempt; a dead worker's attempt writes nothing any more."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta

import sqlalchemy as sa

from crm.clock import utc_now
from crm.database import db, transaction
from crm.domain.access import Actor
from crm.domain.errors import CrmError, RefusedError
from crm.imports import files
from crm.imports.importer import CancelledError, ImportOptions
from crm.imports.models import ImportBatch
from crm.imports.results import ImportReport
from crm.imports.use_cases.running import (
    NothingWrittenError,
    ReadList,
    check,
    importer_of,
    may_import,
    one_at_a_time,
    read_list,
    report_of,
    tried_again,
)
from crm.imports.use_cases.settled import keep_report
from crm.territories.queries import forget_tree

log = logging.getLogger(__name__)

# Renewed with each step of progress; running twice is harmless, see _hold.
LEASE = timedelta(minutes=2)
_STEP_SECONDS = 0.4


class LostError(CrmError):
    """Another attempt has taken the batch up meanwhile."""


def renewed_lease() -> datetime:
    """Until when whoever works on a batch may be believed alive."""
    return utc_now() + LEASE


def perform(actor: Actor, batch_id: int, attempt: int) -> None:
    """Do what the batch's state asks for: check or write; the outcome stands in the batch."""
    batch = db.session.get_one(ImportBatch, batch_id, populate_existing=True)
    state, stored_name = batch.state, batch.stored_name
    options = ImportOptions.of(batch.options)
    progress = Progress(batch_id, attempt, batch.progress_total // 2)
    try:
        importer = importer_of(batch.kind)
        may_import(actor, importer)
        path = files.path_of(stored_name)
        read = read_list(actor, importer, path, batch.filename, options, progress.read)
        if state == "checking":
            report, settled = check(actor, read, progress.written), "checked"
            # before the state says so: a page that sees "checked" finds the rows
            files.write_results(stored_name, report.results)
            with transaction():
                keep_report(_hold(batch_id, attempt, state), report, read.source, settled)
        else:
            _write(actor, batch_id, attempt, read, progress)
    except LostError:
        log.info("import %s: another worker has it", batch_id)
    except CancelledError:
        _settle(batch_id, attempt, "cancelled", None)
    except CrmError as error:
        _settle(batch_id, attempt, "failed", error)


def _write(actor: Actor, batch_id: int, attempt: int, read: ReadList, progress: Progress) -> None:
    def once() -> ImportReport:
        with transaction():
            one_at_a_time()
            expected = (db.session.get_one(ImportBatch, batch_id).preview or {}).get("signature")
            report = report_of(actor, read, batch_id, progress.written)
            if report.signature() != expected:
                raise NothingWrittenError(report)
            keep_report(_hold(batch_id, attempt, "applying"), report, read.source, "applied")
        return report

    try:
        report = tried_again(once)
        files.write_results(db.session.get_one(ImportBatch, batch_id).stored_name, report.results)
    except NothingWrittenError as stopped:
        # Somebody wrote some of these firms since the check: shown anew, for the person to decide.
        forget_tree()
        with transaction():
            batch = _hold(batch_id, attempt, "applying")
            files.write_results(batch.stored_name, stopped.report.results)
            keep_report(batch, stopped.report, read.source, "checked")
            batch.error = {"reason": "changed_since_check", "values": {}}


def _hold(batch_id: int, attempt: int, state: str) -> ImportBatch:
    """The batch, where this attempt may still settle it: a compare-and-set inside the transaction.

    Raises LostError where another attempt took it up, CancelledError where somebody wants it stopped.
    """
    held = db.session.scalar(
        sa.update(ImportBatch)
        .where(ImportBatch.id == batch_id, ImportBatch.attempt == attempt, ImportBatch.state == state)
        .values(lease_until=None)
        .returning(ImportBatch.cancel_wanted)
        .execution_options(synchronize_session=False)
    )
    if held is None:
        raise LostError
    if held:
        raise CancelledError
    return db.session.get_one(ImportBatch, batch_id, populate_existing=True)


def _settle(batch_id: int, attempt: int, state: str, error: CrmError | None) -> None:
    kept = None
    if error is not None:
        refused = error if isinstance(error, RefusedError) else RefusedError(None, "import_not_allowed")
        shown = {key: str(value) for key, value in refused.values.items()}
        kept = {"field": refused.field, "reason": refused.reason, "values": shown}
    with transaction():
        db.session.execute(
            sa.update(ImportBatch)
            .where(ImportBatch.id == batch_id, ImportBatch.attempt == attempt)
            .values(state=state, error=kept, lease_until=None, cancel_wanted=False)
            .execution_options(synchronize_session=False)
        )
    db.session.expire_all()


class Progress:
    """Says now and then how far it is, renews the lease and hears whether to stop.

    By a connection of its own, so that it is seen while the list's transaction is open. SQLite has one
    writer at a time: there the figure stands still while rows are written, and a stop is heard before.
    """

    def __init__(self, batch_id: int, attempt: int, rows: int) -> None:
        self._batch_id, self._attempt, self._rows = batch_id, attempt, rows
        self._next = time.monotonic()
        self._alone = db.engine.dialect.name == "sqlite"

    def read(self, rows: int) -> None:
        """So many rows were read."""
        self._tell(rows)

    def written(self, rows: int) -> None:
        """So many rows were settled and written."""
        if not self._alone:
            self._tell(self._rows + rows)

    def _tell(self, done: int) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _STEP_SECONDS
        with db.engine.begin() as connection:
            row = connection.execute(
                sa.update(ImportBatch)
                .where(ImportBatch.id == self._batch_id, ImportBatch.attempt == self._attempt)
                .values(progress_done=done, lease_until=renewed_lease())
                .returning(ImportBatch.cancel_wanted)
            ).one_or_none()
        if row is None:
            raise LostError
        if row.cancel_wanted:
            raise CancelledError
