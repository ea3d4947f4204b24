"""A file sent in the browser: received, its settings chosen, checked, written, stopped or thrown away.

A long list is handed to the worker: the row says what is wanted, the message is only a nudge.
"""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from pathlib import PurePosixPath, PureWindowsPath
from typing import IO

from crm.celery_app import nudge
from crm.clock import utc_now
from crm.database import after_commit, db, transaction
from crm.domain.access import Actor
from crm.domain.errors import RefusedError
from crm.imports import files, queries, reading
from crm.imports.importer import ImportOptions
from crm.imports.models import ImportBatch
from crm.imports.use_cases.performing import perform, renewed_lease
from crm.imports.use_cases.running import importer_of, may_import
from crm.imports.use_cases.settled import notes_of
from crm.spreadsheets.reading import Workbook

IN_WORKER_ABOVE = 1_000
RESTING = ("uploaded", "checked", "failed", "cancelled")


def receive(
    actor: Actor, kind: str, filename: str, stream: IO[bytes], *, previous_id: int | None = None
) -> ImportBatch:
    """Keep a file that was sent. previous_id: the import whose refused rows were mended, for its columns.

    Raises RefusedError on file where it is no list at all; an undecided encoding is asked for later.
    """
    may_import(actor, importer_of(kind))
    options = ImportOptions()
    if previous_id is not None:
        former = ImportOptions.of(queries.batch_for(actor, previous_id).options)
        options = replace(options, mapping=former.mapping, defaults=former.defaults)
    name = _base_name(filename)
    stored = files.store(stream)
    try:
        options = _fitting(kind, reading.open_file(files.path_of(stored.name), name, options), options)
    except RefusedError as error:
        if error.field != "encoding":
            files.discard(stored.name)
            raise
    with transaction():
        batch = ImportBatch(
            kind=kind,
            state="uploaded",
            filename=name,
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


def _fitting(kind: str, workbook: Workbook, options: ImportOptions) -> ImportOptions:
    """The former choice of columns as far as this file has them."""
    if not options.mapping:
        return options
    try:
        opened = reading.open_list(workbook, importer_of(kind), replace(options, mapping={}))
    except RefusedError:
        # sheet or heading are asked for first
        return replace(options, mapping={})
    return replace(options, mapping=reading.still_fitting(options.mapping, opened.table))


def set_options(actor: Actor, batch_id: int, options: ImportOptions) -> ImportBatch:
    """Keep how the file is to be read; an earlier check counts no more."""
    with transaction():
        batch = queries.own_batch(actor, batch_id)
        _refuse_busy(batch)
        batch.options = options.document()
        batch.state = "uploaded"
        batch.error = None
    return batch


def check_batch(actor: Actor, batch_id: int) -> ImportBatch:
    """See what writing would do; at once for a short list, in the worker for a long one.

    Raises RefusedError where the file, its sheet, heading or columns are not decided.
    """
    batch = queries.own_batch(actor, batch_id)
    importer = importer_of(batch.kind)
    may_import(actor, importer)
    _refuse_busy(batch)
    options = ImportOptions.of(batch.options)
    workbook = reading.open_file(files.path_of(batch.stored_name), batch.filename, options)
    opened = reading.open_list(workbook, importer, options)
    source = reading.decided(opened, importer, options)
    told: dict[str, object] = {
        "kind": workbook.kind,
        "encoding": workbook.encoding,
        "notes": notes_of(opened),
        "above": list(opened.table.above)[:3],
        "sheet": source.table.sheet,
        "header_row": source.table.header_row,
        "headings": source.headings,
    }
    return _start(actor, batch_id, "checking", opened.table.row_count, told=told)


def apply_batch(actor: Actor, batch_id: int) -> ImportBatch:
    """Write what the check showed; refused rows stay out, as the page said before the button was pressed.

    Raises RefusedError import_not_checked, nothing_to_write.
    """
    batch = queries.own_batch(actor, batch_id)
    may_import(actor, importer_of(batch.kind))
    if batch.state != "checked":
        raise RefusedError(None, "import_not_checked")
    counts = batch.counts or {}
    if not counts.get("new") and not counts.get("changed"):
        raise RefusedError(None, "nothing_to_write")
    return _start(actor, batch_id, "applying", counts["rows"])


def _start(
    actor: Actor, batch_id: int, state: str, rows: int, *, told: dict[str, object] | None = None
) -> ImportBatch:
    in_worker = rows > IN_WORKER_ABOVE
    with transaction():
        batch = queries.own_batch(actor, batch_id)
        _refuse_busy(batch)
        batch.state = state
        batch.error = None
        batch.cancel_wanted = False
        # each row is read once and written once
        batch.progress_done, batch.progress_total = 0, rows * 2
        batch.preview = {**(batch.preview or {}), **(told or {}), "asked_at": utc_now().isoformat()}
        batch.attempt = batch.attempt + (0 if in_worker else 1)
        batch.lease_until = None if in_worker else renewed_lease()
        attempt = batch.attempt
        if in_worker:
            after_commit(lambda: nudge("crm.imports.run", batch_id))
    if not in_worker:
        perform(actor, batch_id, attempt)
    return queries.own_batch(actor, batch_id)


def cancel_batch(actor: Actor, batch_id: int) -> ImportBatch:
    """Ask the worker to stop; at once where none has taken it up. Nothing is written then.

    Raises RefusedError import_not_running.
    """
    with transaction():
        batch = queries.own_batch(actor, batch_id)
        if batch.state not in queries.RUNNING:
            raise RefusedError(None, "import_not_running")
        batch.cancel_wanted = True
        if batch.lease_until is None or batch.lease_until < utc_now():
            batch.state = "cancelled"
            batch.lease_until = None
    return batch


def discard_batch(actor: Actor, batch_id: int) -> None:
    """Throw away a file that was not written. Raises RefusedError import_busy, import_written."""
    with transaction():
        batch = queries.own_batch(actor, batch_id)
        if batch.state == "applied":
            raise RefusedError(None, "import_written")
        _refuse_busy(batch)
        stored_name = batch.stored_name
        db.session.delete(batch)
    files.discard(stored_name)


def _refuse_busy(batch: ImportBatch) -> None:
    if batch.state == "applied":
        raise RefusedError(None, "import_written")
    if batch.state not in RESTING:
        raise RefusedError(None, "import_busy")


def _base_name(filename: str) -> str:
    """The name without any folder or control sign, at most as long as it is kept."""
    name = PureWindowsPath(PurePosixPath(filename).name).name
    shown = "".join(c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c)[0] != "C")
    stem, dot, extension = shown.strip().rpartition(".")
    return f"{stem[:180]}{dot}{extension[:16]}" if stem else (shown.strip()[:200] or "list")
