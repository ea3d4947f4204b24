"""Excel workbooks (xlsx, xlsm) as a source of rows, streamed.

Own reader: python-calamine gives values fast, but neither number formats (000411), nor hidden rows, nor
whether a formula has a value, and it allocates the whole rectangle up to the last used cell.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from crm.domain.errors import RefusedError
from crm.spreadsheets.cells import Cell, NoValue, RawRow, index_of
from crm.spreadsheets.limits import Limits
from crm.spreadsheets.xlsx_formats import Formats, read_styles
from crm.spreadsheets.xml_walk import BROKEN_ARCHIVE, feed, local, walker

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_ROW = re.compile(rb"<(?:\w+:)?row(?:\s[^>]*[^/>])?>")


class Xlsx:
    """One workbook; sheets: name → (member, hidden)."""

    kind = "xlsx"
    encoding: str | None = None

    def __init__(self, path: Path, filename: str, limits: Limits) -> None:
        self._path = path
        self._filename = filename
        self._limits = limits
        with zipfile.ZipFile(path) as archive:
            self._members = {name.replace("\\", "/").lower(): name for name in archive.namelist()}
            self.sheets, self.date_1904 = self._read_workbook(archive)
            styles = self._members.get("xl/styles.xml")
            self._formats = Formats(
                read_styles(archive, styles, filename) if styles else {}, date_1904=self.date_1904
            )
            shared = self._members.get("xl/sharedstrings.xml")
            self._shared = _shared_strings(archive, shared, filename) if shared else []

    def count(self, sheet: str) -> int:
        """Row elements with content in the sheet; a quick count over the bytes."""
        total = 0
        rest = b""
        try:
            with zipfile.ZipFile(self._path) as archive, archive.open(self.sheets[sheet][0]) as stream:
                while piece := stream.read(1 << 20):
                    piece = rest + piece
                    cut = piece.rfind(b"<")
                    total += len(_ROW.findall(piece, 0, cut))
                    rest = piece[cut:]
        except BROKEN_ARCHIVE as error:
            raise RefusedError("file", "file_damaged", filename=self._filename) from error
        return total

    def rows(self, sheet: str) -> Iterator[RawRow]:
        """Rows of the sheet in file order; only one piece of the XML is in memory at a time."""
        reader = _SheetReader(sheet, self._shared, self._formats, self._limits)
        with zipfile.ZipFile(self._path) as archive:
            parser = walker(reader.start, reader.end, reader.text)
            for _ in feed(parser, archive, self.sheets[sheet][0], self._filename):
                yield from reader.found
                reader.found.clear()

    def _read_workbook(self, archive: zipfile.ZipFile) -> tuple[dict[str, tuple[str, bool]], bool]:
        targets: dict[str, str] = {}
        sheets: dict[str, tuple[str, bool]] = {}
        date_1904 = False
        try:
            for element in fromstring(
                archive.read(self._member("xl/_rels/workbook.xml.rels")), forbid_dtd=True
            ):
                if element.get("Type", "").endswith("/worksheet"):
                    target = posixpath.normpath(
                        posixpath.join("/xl", element.get("Target", "").replace("\\", "/"))
                    )
                    targets[element.get("Id", "")] = target.lstrip("/").lower()
            for element in fromstring(archive.read(self._member("xl/workbook.xml")), forbid_dtd=True).iter():
                name = element.tag.rpartition("}")[2]
                if name == "workbookPr":
                    date_1904 = element.get("date1904") in ("1", "true")
                elif name == "sheet":
                    key = next((value for at, value in element.attrib.items() if at.endswith("}id")), "")
                    member = self._members.get(targets.get(key, ""))
                    if member:
                        hidden = element.get("state", "visible") != "visible"
                        sheets[element.get("name", member)] = (member, hidden)
        except (ParseError, DefusedXmlException, *BROKEN_ARCHIVE) as error:
            raise RefusedError("file", "file_damaged", filename=self._filename) from error
        if not sheets:
            raise RefusedError("file", "file_damaged", filename=self._filename)
        return sheets, date_1904

    def _member(self, name: str) -> str:
        return self._members.get(name, name)


class _SheetReader:
    """Collects rows from the events of one sheet's XML into `found`."""

    def __init__(self, sheet: str, shared: list[str], formats: Formats, limits: Limits) -> None:
        self.found: list[RawRow] = []
        self._sheet = sheet
        self._shared = shared
        self._formats = formats
        self._limits = limits
        self._names: dict[str, str] = {}
        self._columns: dict[str, int] = {}
        self._number = 0
        self._index = -1
        self._cells: list[Cell] = []
        self._row_hidden = False
        self._type = self._style = self._value = ""
        self._formula = self._taking = self._phonetic = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = self._names.get(name) or self._names.setdefault(name, local(name))
        if name == "c":
            reference = attributes.get("r", "").rstrip("0123456789")
            if reference:
                index = self._columns.get(reference)
                if index is None:
                    index = self._columns[reference] = index_of(reference.upper())
                self._index = index
            else:
                self._index += 1
            self._type = attributes.get("t", "n")
            self._style = attributes.get("s", "")
            self._value = ""
            self._formula = False
        elif name == "v":
            self._taking = True
        elif name == "t":
            self._taking = not self._phonetic
        elif name == "row":
            number = attributes.get("r", "")
            self._number = int(number) if number.isdecimal() else self._number + 1
            self._row_hidden = attributes.get("hidden") in ("1", "true")
            self._cells = []
            self._index = -1
        elif name == "f":
            self._formula = True
        elif name == "rPh":
            self._phonetic = True

    def text(self, text: str) -> None:
        if self._taking:
            self._value += text

    def end(self, name: str) -> None:
        name = self._names[name]
        if name in ("v", "t"):
            self._taking = False
        elif name == "c":
            if self._value or self._formula:
                self._put(self._cell())
        elif name == "row":
            if self._cells:
                self._limits.refuse_row(self._number, self._sheet)
                self.found.append(RawRow(self._number, self._cells, self._row_hidden))
        elif name == "rPh":
            self._phonetic = False

    def _put(self, cell: Cell) -> None:
        if cell == "":
            return
        cells = self._cells
        if self._index >= len(cells):
            self._limits.refuse_column(self._index, self._number, self._sheet)
            cells.extend([""] * (self._index - len(cells)))
            cells.append(cell)
        elif self._index >= 0:
            cells[self._index] = cell

    def _cell(self) -> Cell:
        kind, value = self._type, self._value
        if kind == "s":
            return self._shared[int(value)] if value.isdecimal() and int(value) < len(self._shared) else ""
        if kind in ("str", "inlineStr"):
            return _unescaped(value)
        if not value:
            return NoValue("formula_no_value")
        if kind == "e":
            return NoValue("cell_error", value)
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        try:
            return date.fromisoformat(value[:10]) if kind == "d" else self._formats.show(self._style, value)
        except (ValueError, ArithmeticError):
            return value


def _shared_strings(archive: zipfile.ZipFile, member: str, filename: str) -> list[str]:
    """The table of texts; runs of one text are joined, phonetic guides left out."""
    strings: list[str] = []
    parts: list[str] = []
    taking = phonetic = False

    def start(name: str, _: dict[str, str]) -> None:
        nonlocal taking, phonetic
        name = local(name)
        if name == "t":
            taking = not phonetic
        elif name == "rPh":
            phonetic = True

    def end(name: str) -> None:
        nonlocal taking, phonetic
        name = local(name)
        if name == "t":
            taking = False
        elif name == "rPh":
            phonetic = False
        elif name == "si":
            strings.append(_unescaped("".join(parts)))
            parts.clear()

    def text(piece: str) -> None:
        if taking:
            parts.append(piece)

    for _ in feed(walker(start, end, text), archive, member, filename):
        pass
    return strings


def _unescaped(text: str) -> str:
    """_x000D_ and its like stand for characters that XML cannot hold."""
    return _ESCAPE.sub(lambda found: chr(int(found.group(1), 16)), text) if "_x" in text else text
