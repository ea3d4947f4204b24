"""What number formats make of a stored number: leading zeros, days, months; all else stays the number."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from crm.domain.errors import RefusedError
from crm.spreadsheets.cells import Cell, number_text
from crm.spreadsheets.xml_walk import feed, local, walker

# Built-in formats that are dates, those of Chinese Excel (27-36, 50-58) included; ECMA-376 part 1, 18.8.30.
_DAYS = frozenset({14, 15, 16, 22, 27, 28, 29, 30, 31, 36, 50, 51, 53, 54, 56, 58})
_MONTHS = frozenset({17, 52, 55, 57})
_TIMES = frozenset({18, 19, 20, 21, 32, 33, 34, 35, 45, 46, 47})
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_ZEROS = re.compile(r"0{2,}")
_LAST_SERIAL = 2_958_465  # 9999-12-31


@dataclass(frozen=True)
class Formats:
    """Number formats of a workbook.

    by_style: style index of a cell → "day", "month", "time" or the number of digits to show.
    date_1904: serial numbers count from 1904-01-01 (workbooks made on old Macs).
    """

    by_style: dict[str, str | int] = field(default_factory=dict)
    date_1904: bool = False

    def show(self, style: str, number: str) -> Cell:
        """The stored number as its format lets it be read."""
        effect = self.by_style.get(style)
        if effect is None:
            return number_text(number)
        if isinstance(effect, int):
            text = number_text(number)
            return text.zfill(effect) if isinstance(text, str) and text.isdecimal() else text
        return _moment(effect, number, self.date_1904)


def _moment(effect: str, number: str, date_1904: bool) -> Cell:
    serial = Decimal(number)
    days = int(serial) + (1462 if date_1904 else 0)
    if effect == "time" and 0 <= serial < 1:
        minutes = int(serial * 1440 + Decimal("0.5"))
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    # Serial 60 is 29 February 1900, a day that never was; 0 is shown as 1900-01-00. Both stay numbers.
    if days < 1 or days == 60 or days > _LAST_SERIAL:
        return number_text(number)
    day = date(1899, 12, 30 if days > 60 else 31) + timedelta(days=days)
    if effect == "month" and day.day == 1:
        # Typed as 2024年3月, stored as its first day: the day is the program's addition, not the writer's.
        return f"{day.year}年{day.month}月"
    return day


def effect_of(format_id: int, code: str | None) -> str | int | None:
    """What a number format does, by its code or a built-in number; None where nothing is lost."""
    if code is None:
        return (
            "day"
            if format_id in _DAYS
            else "month"
            if format_id in _MONTHS
            else "time"
            if format_id in _TIMES
            else None
        )
    plain = _QUOTED.sub("", code.split(";")[0]).strip().lower()
    if _ZEROS.fullmatch(plain):
        return len(plain)
    if "e+" in plain or "general" in plain or "#" in plain or "0" in plain.replace(".0", ""):
        return None
    if "d" in plain:
        return "day"
    if "y" in plain:
        return "month" if "m" in plain else "day"
    if "h" in plain or "s" in plain:
        return "time"
    return "day" if "m" in plain else None


def read_styles(archive: zipfile.ZipFile, member: str, filename: str) -> dict[str, str | int]:
    """Style index → effect. A missing or broken style part gives what could be read: values matter more."""
    codes: dict[int, str] = {}
    effects: dict[str, str | int] = {}
    inside = False
    index = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal inside, index
        name = local(name)
        if name == "numFmt":
            format_id = attributes.get("numFmtId", "")
            if format_id.isdecimal():
                codes[int(format_id)] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            inside = True
        elif name == "xf" and inside:
            format_id = attributes.get("numFmtId", "0")
            effect = effect_of(int(format_id), codes.get(int(format_id))) if format_id.isdecimal() else None
            if effect is not None:
                effects[str(index)] = effect
            index += 1

    def end(name: str) -> None:
        nonlocal inside
        if local(name) == "cellXfs":
            inside = False

    try:
        for _ in feed(walker(start, end), archive, member, filename):
            pass
    except RefusedError:
        return effects
    return effects
