"""The refused rows of a list as a file, ready to be mended and dropped again."""

from __future__ import annotations

from collections.abc import Mapping

from crm.imports import files, reading
from crm.imports.importer import ImportOptions
from crm.imports.models import ImportBatch
from crm.imports.results import ImportReport
from crm.imports.use_cases.running import ReadList, importer_of
from crm.spreadsheets.reading import Table
from crm.spreadsheets.writing import refused_rows_csv


def refused_file(report: ImportReport, read: ReadList) -> bytes:
    """From a list that has just been read."""
    return _csv(read.source.table, {r.number: r.reasons for r in report.results if r.is_refused})


def refused_file_of(batch: ImportBatch) -> bytes:
    """From a kept list and what became of its rows. Raises RefusedError where the file cannot be read."""
    importer, options = importer_of(batch.kind), ImportOptions.of(batch.options)
    workbook = reading.open_file(files.path_of(batch.stored_name), batch.filename, options)
    return _csv(reading.open_list(workbook, importer, options).table, files.refused(batch.stored_name))


def _csv(table: Table, reasons: Mapping[int, str]) -> bytes:
    rows = ((row.cells, reasons[row.number]) for row in table.rows if row.number in reasons)
    return refused_rows_csv(table.headers, rows)
