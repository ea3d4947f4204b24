"""Units of the product: money in 万元, and the reading of figures and days as people write them."""

from __future__ import annotations

import calendar
import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NewType

from crm.domain.errors import RefusedError

Wan = NewType("Wan", Decimal)
"""Money in 万元 (10,000 CNY), exact."""

FIRST_YEAR, LAST_YEAR = 1900, 2100

_WAN_PER_UNIT = {"万元": Decimal(1), "万": Decimal(1), "亿元": Decimal(10000), "亿": Decimal(10000)}
_FIGURE = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?(?:e[+-]?\d{1,2})?|[+-]?\.\d+", re.ASCII)

_TIME = r"(?:[T\s]\s*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
_FULL_DAY = re.compile(
    rf"(\d{{4,}})\s*([-/.年])\s*(\d{{1,2}})\s*([-/.月])\s*(\d{{1,2}})\s*[日号]?{_TIME}", re.ASCII
)
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\.0+)?", re.ASCII)
_ZERO = re.compile(r"0+(?:\.0+)?", re.ASCII)  # what a spreadsheet shows as 1900-01-00
_SERIAL = re.compile(r"(\d{5,6})(?:\.\d+)?", re.ASCII)
# A year alone, a year and a month, a day without its year, or a day whose order of parts cannot be told.
_HALF_DAY = re.compile(
    r"\d{1,4}(?:\.0+)?|\d{4}\s*年|20\d{4}|\d{4}\s*[-/.年]\s*\d{1,2}\s*月?"
    rf"|\d{{1,2}}\s*[-/.月]\s*\d{{1,2}}\s*[日号]?|\d{{1,2}}\s*([-/.年])\s*\d{{1,2}}\s*([-/.月])\s*\d{{1,4}}\s*[日号]?{_TIME}",
    re.ASCII,
)
_PARTS = {"年": "月", "-": "-", "/": "/", ".": "."}


def _plain(text: str) -> str:
    wide = unicodedata.normalize("NFKC", text)
    wide = re.sub("[\u2010-\u2015\u2212]", "-", wide)
    return "".join(c for c in wide if unicodedata.category(c) != "Cf").strip().lstrip("'").strip()


def parse_decimal(text: str, *, field: str | None = None) -> Decimal:
    """An exact figure from text: full width and thousands separators allowed, no unit.

    field: name of the input, for the refusal.
    Raises RefusedError(reason="number_unreadable"), also for NaN, infinity and an empty text: what is
    unknown is for the caller to tell, never 0.
    """
    plain = _plain(text).lower()
    if not _FIGURE.fullmatch(plain):
        raise RefusedError(field, "number_unreadable", text=text)
    return Decimal(plain.replace(",", ""))


def parse_wan(text: str, *, field: str | None = None) -> Wan:
    """Money in 万元; "631.5", "631.5万元" and "0.06315亿元" are the same sum.

    Raises RefusedError(reason="number_unreadable"), also where the unit is plain 元: a column of 元 read
    as 万元 would be wrong by 10,000.
    """
    plain = re.sub(r"\s+", "", _plain(text))
    for unit, factor in _WAN_PER_UNIT.items():
        if plain.endswith(unit):
            return Wan(parse_decimal(plain.removesuffix(unit), field=field) * factor)
    return Wan(parse_decimal(plain, field=field))


def parse_date(text: str | float | date, *, epoch: int = 1900, field: str | None = None) -> date:
    """One day from what a cell holds.

    Accepts 2024-03-05, 2024/3/5, 2024.3.5, 2024年3月5日, 20240305, each also with a time of day, a date
    cell, and Excel's day numbers of five digits (45356) as number or text.
    epoch: 1900, or 1904 for workbooks made so on old Macs.
    Raises RefusedError with reason date_ambiguous (2024年3月, 03/04/24: a person must say),
    date_impossible (31 April, a year outside 1900-2100) or date_unreadable.
    """
    if isinstance(text, datetime):
        return _in_range(text.date(), str(text), field)
    if isinstance(text, date):
        return _in_range(text, str(text), field)
    plain = _plain(str(text))
    if (found := _FULL_DAY.fullmatch(plain)) and _PARTS[found[2]] == found[4]:
        return _day(found[1], found[3], found[5], plain, field)
    if found := _COMPACT_DAY.fullmatch(plain):
        return _day(found[1], found[2], found[3], plain, field)
    if _ZERO.fullmatch(plain):
        raise RefusedError(field, "date_impossible", text=plain)
    if _HALF_DAY.fullmatch(plain):
        raise RefusedError(field, "date_ambiguous", text=plain)
    if found := _SERIAL.fullmatch(plain):
        first = date(1899, 12, 30) if epoch == 1900 else date(1904, 1, 1)
        return _in_range(first + timedelta(days=int(found[1])), plain, field)
    raise RefusedError(field, "date_unreadable", text=plain)


def months_later(day: date, months: int) -> date:
    """The same day number so many months on, or the last day of a shorter month.

    Source: 民法典 第二百零二条 (the corresponding day ends the period, or else the month's last).
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _day(year: str, month: str, day: str, text: str, field: str | None) -> date:
    if len(year) > 4:
        raise RefusedError(field, "date_impossible", text=text)
    try:
        return _in_range(date(int(year), int(month), int(day)), text, field)
    except ValueError as error:
        raise RefusedError(field, "date_impossible", text=text) from error


def _in_range(day: date, text: str, field: str | None) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise RefusedError(field, "date_impossible", text=text)
    return day
