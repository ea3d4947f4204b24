"""Reads one old Excel workbook in a process of its own and prints it as JSON lines: `python -m … PATH`.

The BIFF reader allocates the rectangle up to the last cell a file claims to have, up to 65,536 × 65,536,
and ends the whole process where that fails; broken files make it panic. Here that costs this process only,
and its memory and time are bounded.

Output: one line a sheet, {"sheet", "hidden", "first"}, each followed by a line for each of its rows (a list
of cells), then {"end": true}; or {"refused": reason} alone. A cell is a text, {"day": ISO date} or
{"reason", "shown"} for a value that cannot be trusted.
"""

from __future__ import annotations

import json
import resource
import sys
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from crm.spreadsheets.cells import NoValue, number_text

MEMORY_BYTES = 1_500_000_000
CPU_SECONDS = 60


def main(path: str) -> None:
    """Print the workbook."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        book = CalamineWorkbook.from_path(path)
    except PasswordError:
        _print({"refused": "file_password"})
        return
    except (CalamineError, OSError):
        _print({"refused": "file_damaged"})
        return
    for info in book.sheets_metadata:
        sheet = book.get_sheet_by_name(info.name)
        row, column = sheet.start or (0, 0)
        hidden = info.visible != SheetVisibleEnum.Visible
        _print({"sheet": info.name, "hidden": hidden, "first": row + 1})
        left = [""] * column
        for values in sheet.to_python(skip_empty_area=True) if sheet.start else ():
            _print([*left, *map(_cell, values)])
    _print({"end": True})


def _print(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=True) + "\n")


def _cell(value: object) -> str | dict[str, str]:
    if isinstance(value, str):
        return (
            {"reason": "cell_error", "shown": value}
            if value.startswith("#") and value.endswith("!")
            else value
        )
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        number = number_text(value)
        return (
            {"reason": number.reason, "shown": number.shown} if isinstance(number, NoValue) else str(number)
        )
    if isinstance(value, date):
        return {"day": (value.date() if isinstance(value, datetime) else value).isoformat()}
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return str(value) if isinstance(value, timedelta) else ""


if __name__ == "__main__":
    main(sys.argv[1])
