"""What is done with lists on their way in; features bring their part as an Importer."""

from crm.imports.importer import CancelledError, Importer, ImportOptions, ListSource, RowReader, Tick
from crm.imports.results import CellNote, ImportReport, RowResult
from crm.imports.use_cases.batches import (
    apply_batch,
    cancel_batch,
    check_batch,
    discard_batch,
    receive,
    set_options,
)
from crm.imports.use_cases.refused import refused_file, refused_file_of
from crm.imports.use_cases.single import import_file
from crm.imports.use_cases.work import sweep, work_on

__all__ = [
    "CancelledError",
    "CellNote",
    "ImportOptions",
    "ImportReport",
    "Importer",
    "ListSource",
    "RowReader",
    "RowResult",
    "Tick",
    "apply_batch",
    "cancel_batch",
    "check_batch",
    "discard_batch",
    "import_file",
    "receive",
    "refused_file",
    "refused_file_of",
    "set_options",
    "sweep",
    "work_on",
]
