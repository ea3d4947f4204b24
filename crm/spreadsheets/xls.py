"""Excel 97-2003 workbooks (BIFF) as a source of rows, read by xls_process.

python-calamine gives values only: number formats and hidden rows of this old form are not known to us.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import crm
from crm.domain.errors import RefusedError
from crm.spreadsheets import xls_process
from crm.spreadsheets.cells import Cell, NoValue, RawRow
from crm.spreadsheets.limits import Limits

_SECONDS = 120


class Xls:
    """One workbook; at most 65,536 rows and 256 columns a sheet by its format."""

    kind = "xls"
    encoding: str | None = None
    date_1904 = False  # calamine turns serials of date cells into days by the workbook's own epoch

    def __init__(self, path: Path, filename: str, limits: Limits) -> None:
        self._limits = limits
        self.sheets: dict[str, bool] = {}
        self._rows: dict[str, tuple[int, list[str]]] = {}
        rows: list[str] = []
        for line in _read(path, filename):
            if line.startswith("["):
                rows.append(line)
                continue
            document = json.loads(line)
            if "refused" in document:
                raise RefusedError("file", document["refused"], filename=filename)
            if "sheet" in document:
                rows = []
                self.sheets[document["sheet"]] = document["hidden"]
                self._rows[document["sheet"]] = (document["first"], rows)

    def count(self, sheet: str) -> int:
        """Rows down to the last used one."""
        first, lines = self._rows[sheet]
        return first - 1 + len(lines)

    def rows(self, sheet: str) -> Iterator[RawRow]:
        """Rows of the sheet; hidden ones cannot be told."""
        first, lines = self._rows[sheet]
        for number, line in enumerate(lines, start=first):
            self._limits.refuse_row(number, sheet)
            values = json.loads(line)
            self._limits.refuse_column(len(values) - 1, number, sheet)
            yield RawRow(number, [value if isinstance(value, str) else _cell(value) for value in values])


def _read(path: Path, filename: str) -> list[str]:
    """Lines of xls_process; whatever way it ends without its last line, the file is damaged."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", xls_process.__name__, str(path.resolve())],
            cwd=Path(crm.__file__).parent.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise RefusedError("file", "file_damaged", filename=filename) from error
    lines = done.stdout.decode("ascii").splitlines()
    if not lines or not lines[-1].startswith(('{"end"', '{"refused"')):
        raise RefusedError("file", "file_damaged", filename=filename)
    return lines


def _cell(value: dict[str, str]) -> Cell:
    return date.fromisoformat(value["day"]) if "day" in value else NoValue(value["reason"], value["shown"])
