"""Delimited text as a source of rows: comma, tab or semicolon, quoting of RFC 4180, any line end."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from crm.domain.errors import RefusedError
from crm.domain.export_profiles.formatting import unguard
from crm.spreadsheets.cells import Cell, RawRow, typed_cell
from crm.spreadsheets.limits import Limits

_DELIMITERS = (",", "\t", ";")
_SNIFFED_ROWS = 60
_HINT = re.compile(r'\s*"?sep=(.)"?\s*')
# The usual trick to keep digits as text; our own exports do without.
_TEXT_FORMULA = re.compile(r'="([^"]*)"')

# The tab our exports put after a code, to keep it text, parts no columns.
_KEEPING_TAB = re.compile(r'\t(?="?[,;])')


class DelimitedText:
    """One text file; it has a single sheet without a name."""

    kind = "csv"
    date_1904 = False

    def __init__(self, text: str, encoding: str, filename: str, limits: Limits) -> None:
        self._text = text
        self._filename = filename
        self._limits = limits
        self.encoding: str | None = encoding
        self.delimiter = _delimiter(text)

    def rows(self, sheet: str) -> Iterator[RawRow]:
        """Rows with a value or not, numbered as a spreadsheet program numbers them (a cell may span lines).

        Raises RefusedError file_quote_broken where quotes do not pair: the rest of the file would silently
        become one cell.
        """
        reader = csv.reader(io.StringIO(self._text, newline=""), delimiter=self.delimiter, strict=True)
        number = 0
        try:
            for number, fields in enumerate(reader, start=1):
                if number == 1 and _HINT.fullmatch(self.delimiter.join(fields)):
                    continue
                self._limits.refuse_row(number, sheet)
                if len(fields) > self._limits.columns:
                    self._limits.refuse_column(len(fields) - 1, number, sheet)
                yield RawRow(number, [_cell(field) for field in fields])
        except csv.Error as error:
            raise RefusedError(
                "file", "file_quote_broken", filename=self._filename, row=number + 1
            ) from error


def _cell(text: str) -> Cell:
    if not text:
        return text
    first = text[0]
    if first == "=":
        formula = _TEXT_FORMULA.fullmatch(text)
        return formula.group(1) if formula else text
    if first == "'" or text[-1] == "\t":
        text = unguard(text)
    if first == "#" or "E+" in text or "e+" in text:
        return typed_cell(text)
    return text


def _delimiter(text: str) -> str:
    """The delimiter under which most of the first rows have the same number of columns, more than one."""
    first_line = text[:200].splitlines()[0] if text else ""
    if hint := _HINT.fullmatch(first_line):
        return hint.group(1)
    return max(_DELIMITERS, key=lambda delimiter: _evenness(text, delimiter))


def _evenness(text: str, delimiter: str) -> tuple[bool, float, int]:
    """Whether quotes pair under the delimiter; share of rows of the commonest width above 1; that width."""
    if delimiter == "\t":
        text = _KEEPING_TAB.sub("", text)
    widths: Counter[int] = Counter()
    paired = True
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        for fields in islice(reader, _SNIFFED_ROWS):
            widths[len(fields)] += 1
    except csv.Error:
        paired = False
    read = widths.total() - widths.pop(0, 0)
    widths.pop(1, None)
    width, rows = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
    return (paired and rows > 0, rows / max(read, 1), width)
