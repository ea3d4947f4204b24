"""OpenDocument spreadsheets as a source of rows, streamed; the text shown keeps leading zeros."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from crm.spreadsheets.cells import Cell, NoValue, RawRow, number_text
from crm.spreadsheets.limits import Limits
from crm.spreadsheets.xml_walk import feed, local, walker

_CONTENT = "content.xml"


class Ods:
    """One document; sheets: name → hidden."""

    kind = "ods"
    encoding: str | None = None
    date_1904 = False

    def __init__(self, path: Path, filename: str, limits: Limits) -> None:
        self._path = path
        self._filename = filename
        self._limits = limits
        self.sheets: dict[str, bool] = {}
        self._counts: dict[str, int] = {}
        hidden_styles: set[str] = set()
        style = table = ""

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal style, table
            if name == "style:style":
                style = attributes.get("style:name", "")
            elif name == "style:table-properties" and attributes.get("table:display") == "false":
                hidden_styles.add(style)
            elif name == "table:table":
                table = attributes.get("table:name", "")
                self.sheets[table] = attributes.get("table:style-name", "") in hidden_styles
                self._counts[table] = 0
            elif name == "table:table-row" and table:
                self._counts[table] += 1

        with zipfile.ZipFile(path) as archive:
            for _ in feed(walker(start), archive, _CONTENT, filename):
                pass

    def count(self, sheet: str) -> int:
        """Row elements of the sheet; a run of equal rows counts once."""
        return self._counts[sheet]

    def rows(self, sheet: str) -> Iterator[RawRow]:
        """Rows of the sheet; repeated empty rows are stepped over, repeated full ones are given each time."""
        reader = _TableReader(sheet, self._limits)
        with zipfile.ZipFile(self._path) as archive:
            parser = walker(reader.start, reader.end, reader.text)
            for _ in feed(parser, archive, _CONTENT, self._filename):
                for first, times, cells, hidden in reader.found:
                    self._limits.refuse_row(first + times - 1, sheet)
                    for number in range(first, first + times):
                        yield RawRow(number, cells, hidden)
                reader.found.clear()


class _TableReader:
    """Collects (first row, times repeated, cells, hidden) of one table from the events of content.xml."""

    def __init__(self, sheet: str, limits: Limits) -> None:
        self.found: list[tuple[int, int, list[Cell], bool]] = []
        self._sheet = sheet
        self._limits = limits
        self._inside = self._taking = self._in_note = False
        self._next = 1
        self._times = 1
        self._hidden = False
        self._cells: list[Cell] = []
        self._index = 0
        self._attributes: dict[str, str] = {}
        self._text: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = local(name)
        if name == "table":
            self._inside = attributes.get("table:name", "") == self._sheet
        elif not self._inside:
            return
        elif name == "table-row":
            self._times = _repeated(attributes, "table:number-rows-repeated")
            self._hidden = attributes.get("table:visibility", "visible") != "visible"
            self._cells, self._index = [], 0
        elif name in ("table-cell", "covered-table-cell"):
            self._attributes, self._text = attributes, []
        elif name == "annotation":
            self._in_note = True
        elif name == "p" and not self._in_note:
            if self._text:
                self._text.append("\n")
            self._taking = True
        elif name == "s" and self._taking:
            self._text.append(" " * min(_repeated(attributes, "text:c"), 100))

    def text(self, text: str) -> None:
        if self._taking:
            self._text.append(text)

    def end(self, name: str) -> None:
        name = local(name)
        if not self._inside:
            return
        if name == "p":
            self._taking = False
        elif name == "annotation":
            self._in_note = False
        elif name in ("table-cell", "covered-table-cell"):
            times = _repeated(self._attributes, "table:number-columns-repeated")
            cell = _cell(self._attributes, "".join(self._text))
            if cell != "":
                self._limits.refuse_column(self._index + times - 1, self._next, self._sheet)
                self._cells.extend([""] * (self._index - len(self._cells)))
                self._cells.extend([cell] * times)
            self._index += times
        elif name == "table-row":
            if self._cells:
                self.found.append((self._next, self._times, self._cells, self._hidden))
            self._next += self._times
        elif name == "table":
            self._inside = False


def _repeated(attributes: dict[str, str], name: str) -> int:
    times = attributes.get(name, "1")
    return max(int(times), 1) if times.isdecimal() else 1


def _cell(attributes: dict[str, str], shown: str) -> Cell:
    kind = attributes.get("office:value-type") or attributes.get("calcext:value-type", "")
    if attributes.get("calcext:value-type") == "error":
        return NoValue("cell_error", shown)
    if kind == "date":
        try:
            day = date.fromisoformat(attributes.get("office:date-value", "")[:10])
        except ValueError:
            return shown
        # Shown as year and month only: the day is the program's addition, not the writer's.
        return shown if day.day == 1 and shown.endswith("月") else day
    if kind in ("float", "currency", "percentage"):
        if shown.isdecimal() and shown.startswith("00"):
            return shown
        try:
            number = number_text(float(attributes.get("office:value", "")))
        except ValueError:
            return shown
        return shown if shown.isdecimal() and shown.lstrip("0") == number else number
    if not kind and "table:formula" in attributes and not shown:
        return NoValue("formula_no_value")
    return shown
