"""Excel 97-2003 workbooks (BIFF) as a source of rows.

python-calamine gives values only: number formats and hidden rows of this old form are not known to us.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from crm.domain.errors import RefusedError
from crm.spreadsheets.cells import Cell, NoValue, RawRow, number_text
from crm.spreadsheets.limits import Limits


class Xls:
    """One workbook; at most 65,536 rows and 256 columns a sheet by its format."""

    kind = "xls"
    encoding: str | None = None
    date_1904 = False  # calamine turns serials of date cells into days by the workbook's own epoch

    def __init__(self, path: Path, filename: str, limits: Limits) -> None:
        self._filename = filename
        self._limits = limits
        try:
            self._book = CalamineWorkbook.from_path(path)
        except PasswordError as error:
            raise RefusedError("file", "file_password", filename=filename) from error
        except (CalamineError, OSError) as error:
            raise RefusedError("file", "file_damaged", filename=filename) from error
        self.sheets = {
            sheet.name: sheet.visible != SheetVisibleEnum.Visible for sheet in self._book.sheets_metadata
        }

    def count(self, sheet: str) -> int:
        """Rows down to the last used one."""
        end = self._sheet(sheet).end
        return 0 if end is None else int(end[0]) + 1

    def rows(self, sheet: str) -> Iterator[RawRow]:
        """Rows of the sheet; hidden ones cannot be told."""
        found = self._sheet(sheet)
        if found.start is None:
            return
        self._limits.refuse_column(found.end[1], 1, sheet)
        left = [""] * found.start[1]
        for number, values in enumerate(found.to_python(skip_empty_area=True), start=found.start[0] + 1):
            self._limits.refuse_row(number, sheet)
            yield RawRow(number, [*left, *map(_cell, values)])

    def _sheet(self, name: str):  # type: ignore[no-untyped-def]  # calamine's stub leaves its class private
        try:
            return self._book.get_sheet_by_name(name)
        except CalamineError as error:
            raise RefusedError("file", "file_damaged", filename=self._filename) from error


def _cell(value: object) -> Cell:
    if isinstance(value, str):
        return (
            NoValue("cell_error", value)
            if value.startswith("#") and value.endswith(("!", "?", "/A"))
            else value
        )
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, timedelta):
        return str(value)
    return ""
