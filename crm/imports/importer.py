"""What a feature brings so that its lists can come in: fields, reading of rows, writing of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from crm.domain.access import Actor, Permission
from crm.domain.errors import CrmError, RefusedError
from crm.imports.results import RowResult
from crm.spreadsheets.columns import ColumnGuess, FieldSpec, unit_of
from crm.spreadsheets.reading import NoValue, SourceRow, Table, is_blank, is_clearing, text_of

Tick = Callable[[int], None]
"""Called with the number of rows done; raises CancelledError where somebody wants it stopped."""


class CancelledError(CrmError):
    """Somebody stopped the import; nothing was written."""


@dataclass(frozen=True)
class ImportOptions:
    """How a file is read; every part may be left to the guess.

    mapping: heading or column letter -> field, "-" leaves the column out.
    defaults: field -> value where the file has no such column, or an empty cell (the scheme of a list).
    """

    sheet: str | None = None
    header_row: int | None = None
    encoding: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    skip_bad_rows: bool = False

    def document(self) -> dict[str, Any]:
        """As it is kept with the batch."""
        return {
            "sheet": self.sheet,
            "header_row": self.header_row,
            "encoding": self.encoding,
            "mapping": dict(self.mapping),
            "defaults": dict(self.defaults),
            "skip_bad_rows": self.skip_bad_rows,
        }

    @classmethod
    def of(cls, document: Mapping[str, Any] | None) -> ImportOptions:
        """Back from the kept form."""
        return cls(**(document or {}))


class RowReader:
    """One row of the file as a feature reads it: text by field, refusals settled on its result."""

    def __init__(self, source: ListSource, row: SourceRow) -> None:
        self.number = row.number
        self._cells = {name: row.cells[index] for name, index in source.guess.mapping.items()}
        shown = {name: text_of(cell).strip() for name, cell in self._cells.items()}
        self.result = RowResult(row.number, shown)
        self._defaults = source.defaults
        if row.problem:
            self.result.refuse(RefusedError(None, row.problem))

    def text(self, name: str) -> str:
        """Text of the cell without outer blanks; "" where it is empty, missing or without a usable value."""
        cell = self._cells.get(name, "")
        if isinstance(cell, NoValue):
            self.result.refuse(RefusedError(name, cell.reason, shown=cell.shown))
            return ""
        if is_clearing(cell):
            return ""
        if is_blank(cell):
            return self._defaults.get(name, "")
        return text_of(cell).strip()

    def clears(self, name: str) -> bool:
        """Whether the cell explicitly asks to empty what is stored."""
        return is_clearing(self._cells.get(name, ""))


@dataclass(frozen=True)
class ListSource:
    """An opened list with its columns decided. epoch: from when the workbook counts its days."""

    table: Table
    guess: ColumnGuess
    epoch: int
    defaults: Mapping[str, str]

    @property
    def headings(self) -> dict[str, str]:
        """Field -> heading of its column."""
        return {name: self.table.headers[index] for name, index in self.guess.mapping.items()}

    def has(self, name: str) -> bool:
        """Whether a column holds this field."""
        return name in self.guess.mapping

    def unit(self, name: str) -> str | None:
        """The unit that the field's heading states."""
        index = self.guess.mapping.get(name)
        return None if index is None else unit_of(self.table.headers[index])

    def readers(self) -> Iterator[RowReader]:
        """Every row of the list."""
        return (RowReader(self, row) for row in self.table.rows)


class Importer(Protocol):
    """The part of a feature; an instance stands as IMPORTER in the feature's importing.py.

    kind: as kept with the batch. permission: what the person needs beside the right to import.
    fields: what columns may hold. needed: groups of fields, of each of which one column must be there.
    defaults: fields a person may give once for the whole file.
    """

    kind: str
    permission: Permission
    fields: tuple[FieldSpec, ...]
    needed: tuple[tuple[str, ...], ...]
    defaults: tuple[str, ...]

    def read(self, actor: Actor, source: ListSource, tick: Tick) -> Any:
        """Rows as values, without the database's lock: what is slow and changes nothing."""

    def write(self, actor: Actor, rows: Any, *, import_id: int | None, tick: Tick) -> list[RowResult]:
        """Settle and write the rows inside the running transaction; a result for each, in order."""
