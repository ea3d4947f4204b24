"""Opening a list as it comes from the field: what it is, its sheets, its heading, its rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from crm.domain.errors import RefusedError
from crm.spreadsheets.cells import Cell, NoValue, RawRow, is_blank, is_clearing, letter, text_of
from crm.spreadsheets.delimited import DelimitedText
from crm.spreadsheets.encodings import decode
from crm.spreadsheets.file_kind import kind_of
from crm.spreadsheets.headings import (
    SEARCHED_ROWS,
    Heading,
    find_heading,
    footer_reason,
    heading_key,
)
from crm.spreadsheets.html_tables import HtmlTables
from crm.spreadsheets.limits import Limits
from crm.spreadsheets.ods import Ods
from crm.spreadsheets.xls import Xls
from crm.spreadsheets.xlsx import Xlsx

__all__ = [
    "Cell",
    "Column",
    "Limits",
    "NoValue",
    "Note",
    "SheetInfo",
    "SourceRow",
    "Table",
    "Workbook",
    "is_blank",
    "is_clearing",
    "open_workbook",
    "text_of",
]

_EXTENSIONS = {"csv": ("csv", "txt", "tsv"), "xlsx": ("xlsx", "xlsm"), "xls": ("xls", "et"), "ods": ("ods",)}
_ALL_EXTENSIONS = frozenset(extension for group in _EXTENSIONS.values() for extension in group)


class Source(Protocol):
    """A file of one kind, as rows."""

    @property
    def kind(self) -> str: ...
    @property
    def encoding(self) -> str | None: ...
    @property
    def date_1904(self) -> bool: ...
    def rows(self, sheet: str) -> Iterator[RawRow]: ...


@dataclass(frozen=True, slots=True)
class Note:
    """Something to tell the caseworker that stops nothing; reason is a key of SENTENCES."""

    reason: str
    values: dict[str, object]


@dataclass(frozen=True, slots=True)
class SheetInfo:
    """One sheet; rows: rows with content, heading and notes included (a text file counts its lines)."""

    name: str
    hidden: bool
    rows: int


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its index from 0, its letter in the spreadsheet program, its heading."""

    index: int
    letter: str
    header: str


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row; number counts from 1 as in the file, cells has at least one entry a column.

    problem: "too_many_cells" where values stand beyond the last heading, so that columns may have shifted.
    is_footer: a total, a note or a heading repeated on the next printed page; never among Table.rows.
    """

    number: int
    cells: tuple[Cell, ...]
    hidden: bool = False
    problem: str | None = None
    is_footer: bool = False


@dataclass
class Table:
    """The list on one sheet.

    header_row: number of the (upper) heading row; header_lines: 1, or 2 for a heading in two merged lines.
    above: texts of the rows over the heading: titles, 单位：万元.
    """

    sheet: str
    header_row: int
    header_lines: int
    headers: tuple[str, ...]
    columns: tuple[Column, ...]
    above: tuple[str, ...]
    _source: Source = field(repr=False)
    _counts: tuple[int, int, tuple[SourceRow, ...]] | None = field(default=None, repr=False)

    @property
    def rows(self) -> Iterator[SourceRow]:
        """The firms of the list, read anew at each call: no blank row, no total, no note."""
        return (row for row in self._all() if not row.is_footer)

    @property
    def row_count(self) -> int:
        """Number of `rows`."""
        return self._count()[0]

    @property
    def hidden_rows(self) -> int:
        """How many of `rows` are hidden or filtered away; they are among the rows. xls: always 0."""
        return self._count()[1]

    @property
    def skipped(self) -> tuple[SourceRow, ...]:
        """Rows left out as totals, notes or repeated headings, to be shown."""
        return self._count()[2]

    def _count(self) -> tuple[int, int, tuple[SourceRow, ...]]:
        if self._counts is None:
            count = hidden = 0
            skipped = []
            for row in self._all():
                if row.is_footer:
                    skipped.append(row)
                    continue
                count += 1
                hidden += row.hidden
            self._counts = (count, hidden, tuple(skipped))
        return self._counts

    def _all(self) -> Iterator[SourceRow]:
        first = self.header_row + self.header_lines
        width = len(self.headers)
        keys = [heading_key(header) for header in self.headers]
        strict_width = self._source.kind == "csv"
        for raw in self._source.rows(self.sheet):
            cells = raw.cells
            if raw.number < first or not any(cells) or all(map(is_blank, cells)):
                continue
            problem = None
            if len(cells) < width:
                cells = (*cells, *[""] * (width - len(cells)))
            elif strict_width and len(cells) > width and not all(map(is_blank, cells[width:])):
                problem = "too_many_cells"
            footer = footer_reason(cells) is not None or _repeats(cells, keys)
            yield SourceRow(raw.number, tuple(cells), raw.hidden, problem, footer)


@dataclass
class Workbook:
    """An opened file; kind: csv, xlsx, xls, ods or html, whatever its name says.

    encoding: of a text file, else None.
    epoch: 1900, or 1904 where a serial number left as a number counts from then; units.parse_date takes it.
    notes: what to tell beside the preview, such as a name that does not fit what the file is.
    """

    filename: str
    kind: str
    encoding: str | None
    sheets: tuple[SheetInfo, ...]
    notes: tuple[Note, ...]
    epoch: int
    _source: Source = field(repr=False)

    def table(
        self, sheet: str | None = None, header_row: int | None = None, *, titles: Collection[str] = ()
    ) -> Table:
        """The list on the sheet, or on the only visible one that is not empty.

        titles: headings beyond the usual ones that the importing feature knows, so that the heading is found.
        Raises RefusedError: sheet_choice (sheets, hidden), sheet_unknown, sheet_empty, header_not_found,
        header_row_empty.
        """
        name = self._choose(sheet)
        head = self._head(name, max(SEARCHED_ROWS, 0 if header_row is None else header_row + 1))
        if not head:
            raise RefusedError("sheet", "sheet_empty", sheet=name, filename=self.filename)
        heading = find_heading(head, {heading_key(title) for title in titles}, header_row)
        if heading is None and header_row is not None:
            raise RefusedError("header_row", "header_row_empty", row=header_row, sheet=name)
        if heading is None:
            raise RefusedError("header_row", "header_not_found", sheet=name, rows=len(head))
        return _table(name, heading, head, self._source)

    def preview(self, sheet: str | None = None, limit: int = 20) -> tuple[SourceRow, ...]:
        """The first rows that are not blank, so that a person can point at the heading."""
        return tuple(
            SourceRow(row.number, tuple(row.cells)) for row in self._head(self._choose(sheet), limit)
        )

    def _head(self, sheet: str, limit: int) -> list[RawRow]:
        found = []
        for row in self._source.rows(sheet):
            if not all(map(is_blank, row.cells)):
                found.append(row)
                if len(found) >= limit:
                    break
        return found

    def _choose(self, sheet: str | None) -> str:
        names = [info.name for info in self.sheets]
        if sheet is not None and sheet != "":
            if sheet not in names:
                raise RefusedError("sheet", "sheet_unknown", sheet=sheet, sheets="、".join(names))
            return sheet
        if len(names) == 1:
            return names[0]
        visible = [info.name for info in self.sheets if not info.hidden]
        filled = [name for name in visible if self._head(name, 1)]
        if len(filled) != 1:
            hidden = [info.name for info in self.sheets if info.hidden]
            raise RefusedError(
                "sheet", "sheet_choice", sheets="、".join(filled or visible), hidden=len(hidden)
            )
        return filled[0]


def open_workbook(
    path: Path, filename: str, *, encoding: str | None = None, limits: Limits | None = None
) -> Workbook:
    """Open a list by what it is, not by what it is called.

    filename: name as the caseworker knows it. encoding: the caseworker's choice for a text file.
    Raises RefusedError(field "file" or "encoding"); see file_kind.kind_of and encodings.decode.
    """
    limits = limits or Limits()
    kind = kind_of(path, filename, limits)
    source: DelimitedText | Xlsx | Xls | Ods | HtmlTables
    if kind == "csv":
        text, codec = decode(path.read_bytes(), filename, encoding)
        source = DelimitedText(text, codec, filename, limits)
        infos: tuple[SheetInfo, ...] = (SheetInfo("", False, text.count("\n") or text.count("\r") or 1),)
    elif kind == "html":
        source = HtmlTables(path.read_bytes(), filename, limits, encoding)
        infos = tuple(SheetInfo(name, False, source.count(name)) for name in source.sheets)
    elif kind == "xlsx":
        source = Xlsx(path, filename, limits)
        infos = tuple(
            SheetInfo(name, hidden, source.count(name)) for name, (_, hidden) in source.sheets.items()
        )
    else:
        source = (Ods if kind == "ods" else Xls)(path, filename, limits)
        infos = tuple(SheetInfo(name, hidden, source.count(name)) for name, hidden in source.sheets.items())
    notes = _notes(filename, kind, infos)
    return Workbook(filename, kind, source.encoding, infos, notes, 1904 if source.date_1904 else 1900, source)


def _notes(filename: str, kind: str, sheets: tuple[SheetInfo, ...]) -> tuple[Note, ...]:
    notes = []
    extension = filename.rpartition(".")[2].lower()
    if extension in _ALL_EXTENSIONS and extension not in _EXTENSIONS.get(kind, ()):
        values: dict[str, object] = {"filename": filename, "kind": kind, "extension": extension}
        notes.append(Note("file_is_really", values))
    if hidden := [info.name for info in sheets if info.hidden]:
        notes.append(Note("sheets_hidden", {"sheets": "、".join(hidden), "count": len(hidden)}))
    return tuple(notes)


def _table(sheet: str, heading: Heading, head: list[RawRow], source: Source) -> Table:
    headers = list(heading.headers)
    while headers and not headers[-1]:
        headers.pop()
    above = tuple(
        " ".join(text_of(cell) for cell in row.cells if not is_blank(cell))
        for row in head
        if row.number < heading.row
    )
    columns = tuple(Column(index, letter(index), header) for index, header in enumerate(headers))
    return Table(sheet, heading.row, heading.lines, tuple(headers), columns, above, source)


def _repeats(cells: Sequence[Cell], keys: list[str]) -> bool:
    """Whether the row is the heading once more, as at the top of each printed page."""
    if not isinstance(cells[0], str) or heading_key(cells[0]) != keys[0]:
        return False
    return all(heading_key(text_of(cell)) == key for cell, key in zip(cells, keys, strict=False))
