"""What a batch keeps of its report: counts, the first problems, what the preview says of the file."""

from __future__ import annotations

from typing import Any

from crm.clock import utc_now
from crm.imports import reading
from crm.imports.importer import ListSource
from crm.imports.models import ImportBatch
from crm.imports.results import ImportReport

PROBLEMS_KEPT = 500


def keep_report(batch: ImportBatch, report: ImportReport, source: ListSource, state: str) -> None:
    """Settle the batch inside the running transaction; the rows themselves go to the results file."""
    batch.state = state
    batch.counts = report.counts
    batch.problems = report.problems(PROBLEMS_KEPT)
    batch.preview = {
        **(batch.preview or {}),
        "headings": report.headings,
        "sheet": source.table.sheet,
        "header_row": source.table.header_row,
        "looks": sum(bool(r.notes) or r.state == "changed" for r in report.results),
        "warned": sum(any(not note.refuses for note in r.notes) for r in report.results),
        "changes": sum(len(r.changes) for r in report.results),
        "signature": report.signature(),
    }
    batch.error = None
    batch.lease_until = None
    batch.progress_done = batch.progress_total
    batch.finished_at = utc_now() if state == "applied" else None


def notes_of(opened: reading.OpenedList) -> list[list[Any]]:
    """What to tell of the file, as kept with the batch."""
    return [[note.reason, note.values] for note in opened.notes]
