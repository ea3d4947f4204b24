"""The one path of every list: open, decide columns, read rows, settle and write them in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.exc import IntegrityError

from crm.database import db, transaction
from crm.domain.access import Actor, Permission, require
from crm.domain.errors import RefusedError
from crm.imports import reading
from crm.imports.importer import Importer, ImportOptions, ListSource, Tick
from crm.imports.results import ImportReport
from crm.territories.queries import forget_tree
from crm.web.sentences import sentence

# Whoever writes a list waits for whoever does; two at once would not see each other's new firms.
_LOCK = 0x43524D01
_TRIES = 3


@dataclass(frozen=True)
class ReadList:
    """A list read into values, not yet held against what is stored."""

    importer: Importer
    source: ListSource
    rows: Any
    opened: reading.OpenedList

    @property
    def notes(self) -> list[str]:
        """Sentences on the file as a whole: hidden sheets, rows left out, columns that mean nothing."""
        told = [sentence(RefusedError(None, note.reason, **note.values)) for note in self.opened.notes]
        if unknown := self.opened.guess.unknown:
            headings = "、".join(column.header for column in unknown)
            told.append(sentence(RefusedError(None, "columns_unknown", headings=headings)))
        return told


class NothingWrittenError(Exception):
    """Rolls the transaction back and carries the report of what would have been."""

    def __init__(self, report: ImportReport) -> None:
        super().__init__()
        self.report = report


def importer_of(kind: str) -> Importer:
    """The feature's part for a kind of list. Raises RefusedError import_kind."""
    importers: dict[str, Importer] = current_app.extensions["importers"]
    if kind not in importers:
        raise RefusedError("kind", "import_kind")
    return importers[kind]


def may_import(actor: Actor, importer: Importer) -> None:
    """Raise NotAllowedError unless the actor may import this kind of list."""
    require(actor, Permission.FIRM_IMPORT)
    require(actor, importer.permission)


def read_list(
    actor: Actor, importer: Importer, path: Path, filename: str, options: ImportOptions, tick: Tick
) -> ReadList:
    """Open the file and read its rows; takes no lock and writes nothing. Raises RefusedError."""
    workbook = reading.open_file(path, filename, options)
    opened = reading.open_list(workbook, importer, options)
    source = reading.decided(opened, importer, options)
    return ReadList(importer, source, importer.read(actor, source, tick), opened)


def check(actor: Actor, read: ReadList, tick: Tick) -> ImportReport:
    """What writing the list would do: the same code, rolled back at the end."""

    def once() -> ImportReport:
        with transaction(dry_run=True):
            one_at_a_time()
            return report_of(actor, read, None, tick)

    try:
        return replace(tried_again(once), dry_run=True)
    finally:
        # townships made on the way are gone again
        forget_tree()


def report_of(actor: Actor, read: ReadList, import_id: int | None, tick: Tick) -> ImportReport:
    """Settle and write the rows inside the running transaction."""
    results = read.importer.write(actor, read.rows, import_id=import_id, tick=tick)
    titles = {spec.name: spec.zh for spec in read.importer.fields}
    return ImportReport(read.source.headings, results, import_id=import_id, titles=titles)


def refuse_bad_rows(report: ImportReport, options: ImportOptions) -> None:
    """Roll back where a row is refused and the person did not say that such rows may stay out."""
    if report.counts["refused"] and not options.skip_bad_rows:
        raise NothingWrittenError(replace(report, import_id=None))


def one_at_a_time() -> None:
    """Wait until no other list is being written; what it wrote is seen from here on."""
    if db.engine.dialect.name == "postgresql":
        # the wait, and the rows of a long list, may take longer than a page is allowed to
        db.session.execute(sa.text("SET LOCAL statement_timeout = 0"))
        db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def tried_again(write: Callable[[], ImportReport]) -> ImportReport:
    """Run a writing function anew where somebody entered one of its rows by hand in that second."""
    for _ in range(_TRIES - 1):
        try:
            return write()
        except IntegrityError:
            forget_tree()
    return write()
