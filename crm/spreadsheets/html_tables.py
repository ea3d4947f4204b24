"""Web tables saved under the name of a workbook, as many reporting systems "export to Excel"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from crm.domain.errors import RefusedError
from crm.spreadsheets.cells import Cell, RawRow, typed_cell
from crm.spreadsheets.encodings import NAMES, decode
from crm.spreadsheets.limits import Limits

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\n]+")


class HtmlTables:
    """One page; each table is a sheet, named by its place."""

    kind = "html"
    date_1904 = False

    def __init__(self, data: bytes, filename: str, limits: Limits, encoding: str | None = None) -> None:
        declared = _CHARSET.search(data[:4096])
        if encoding is None and declared and declared.group(1).decode().lower() in NAMES:
            encoding = declared.group(1).decode().lower()
        text, codec = decode(data, filename, encoding)
        self.encoding: str | None = codec
        parser = _TableParser(limits)
        parser.feed(text)
        parser.close()
        tables = [table for table in parser.tables if table]
        if not tables:
            raise RefusedError("file", "file_html_without_table", filename=filename)
        self._tables = {f"表格{place}": table for place, table in enumerate(tables, start=1)}
        self.sheets = dict.fromkeys(self._tables, False)

    def count(self, sheet: str) -> int:
        """Rows of the table."""
        return len(self._tables[sheet])

    def rows(self, sheet: str) -> Iterator[RawRow]:
        """Rows of the table; a cell that spans others stands in the first of its places only."""
        for number, cells in enumerate(self._tables[sheet], start=1):
            yield RawRow(number, cells)


class _TableParser(HTMLParser):
    """Collects tables as lists of rows; a table within a cell is a table of its own."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[Cell]]] = []
        self._limits = limits
        self._open: list[_OpenTable] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("style", "script", "title"):
            self._silent += 1
        elif tag == "table":
            self.tables.append([])
            self._open.append(_OpenTable(self.tables[-1]))
        elif not self._open:
            return
        elif tag == "tr":
            self._open[-1].start_row()
            self._limits.refuse_row(len(self._open[-1].rows), "")
        elif tag in ("td", "th"):
            spans = dict(attrs)
            table = self._open[-1]
            table.start_cell(
                _span(spans.get("colspan"), self._limits), _span(spans.get("rowspan"), self._limits)
            )
            self._limits.refuse_column(table.width - 1, len(table.rows), "")
        elif tag == "br":
            self._open[-1].add("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script", "title"):
            self._silent = max(self._silent - 1, 0)
        elif self._open and tag == "table":
            self._open.pop().end_cell()
        elif self._open and tag in ("td", "th", "tr"):
            self._open[-1].end_cell()

    def handle_data(self, data: str) -> None:
        if self._open and not self._silent:
            self._open[-1].add(_SPACES.sub(" ", data))


class _OpenTable:
    """The table being read: spans are laid out so that every cell stands in its column."""

    def __init__(self, rows: list[list[Cell]]) -> None:
        self.rows = rows
        self._text: list[str] | None = None
        self._spans = (1, 1)
        self._held: dict[int, int] = {}  # column → rows still covered by a cell from above

    @property
    def width(self) -> int:
        return len(self.rows[-1]) if self.rows else 0

    def start_row(self) -> None:
        self.end_cell()
        self._held = {column: left - 1 for column, left in self._held.items() if left > 1}
        self.rows.append([])

    def start_cell(self, columns: int, rows: int) -> None:
        self.end_cell()
        if not self.rows:
            self.rows.append([])
        row = self.rows[-1]
        while self._held.get(len(row), 0):
            row.append("")
        self._text = []
        self._spans = (columns, rows)

    def add(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def end_cell(self) -> None:
        if self._text is None:
            return
        text = "".join(self._text).strip(" \n\xa0")
        self._text = None
        columns, rows = self._spans
        row = self.rows[-1]
        if rows > 1:
            # One more than the rows below, since opening the next row counts one down.
            self._held.update(dict.fromkeys(range(len(row), len(row) + columns), rows))
        row.append(typed_cell(text) if text else "")
        row.extend([""] * (columns - 1))


def _span(text: str | None, limits: Limits) -> int:
    return min(max(int(text), 1), limits.columns) if text and text.isdecimal() else 1
