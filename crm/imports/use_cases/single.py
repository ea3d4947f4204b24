"""A file in one go, as the command line does it: read, settle, write or nothing, report."""

from __future__ import annotations

from pathlib import Path

from crm.clock import utc_now
from crm.database import db, transaction
from crm.domain.access import Actor
from crm.domain.errors import RefusedError
from crm.imports import files
from crm.imports.importer import ImportOptions, Tick
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
    refuse_bad_rows,
    report_of,
    tried_again,
)
from crm.imports.use_cases.settled import keep_report


def import_file(
    actor: Actor, kind: str, path: Path, options: ImportOptions, *, dry_run: bool, tick: Tick
) -> tuple[ImportReport, ReadList]:
    """Bring a list in; without options.skip_bad_rows a refused row means that nothing is written.

    Returns the report (import_id None where nothing was written) and the list as read, for refused rows.
    Raises NotAllowedError, RefusedError on file, encoding, sheet, header_row, map or columns.
    """
    importer = importer_of(kind)
    may_import(actor, importer)
    if not path.is_file():
        raise RefusedError("file", "file_missing", filename=str(path))
    read = read_list(actor, importer, path, path.name, options, tick)
    if dry_run:
        return check(actor, read, tick), read
    stored = files.store_copy(path)

    def once() -> ImportReport:
        with transaction():
            one_at_a_time()
            batch = _batch(actor, kind, path.name, stored, options)
            report = report_of(actor, read, batch.id, tick)
            refuse_bad_rows(report, options)
            keep_report(batch, report, read.source, "applied")
        return report

    try:
        report = tried_again(once)
    except BaseException as error:
        files.discard(stored.name)
        if isinstance(error, NothingWrittenError):
            return error.report, read
        raise
    files.write_results(stored.name, report.results)
    return report, read


def _batch(
    actor: Actor, kind: str, filename: str, stored: files.StoredFile, options: ImportOptions
) -> ImportBatch:
    batch = ImportBatch(
        kind=kind,
        state="applying",
        filename=filename[:200],
        stored_name=stored.name,
        sha256=stored.sha256,
        territory_id=actor.territory_id,
        created_by=actor.user_id,
        created_at=utc_now(),
        options=options.document(),
    )
    db.session.add(batch)
    db.session.flush()
    return batch
