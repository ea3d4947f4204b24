"""The bytes of an export: cells that neither run as formulas nor turn into other values, one record a line.

Two things go wrong when an office program opens a CSV, and a CSV has no types to prevent either:

1. Text that begins like a formula is run. Such text gets a leading apostrophe. A plain negative figure
   (-5.2) cannot do anything and stays one.
2. Text that looks like a number or date is turned into one. A credit code of digits only (of the real
   register more than a quarter) becomes 9.13306E+17 and loses its last three digits for good once saved;
   the same happens to 18-digit registration numbers and leading zeros. Nothing that a strict reader
   would not see keeps a spreadsheet from doing so: quotes are ignored on opening, ="…" is a formula and
   three signs too many, an apostrophe is shown. So exactly those values, and no others, get one tab after
   them: Excel, WPS and LibreOffice then keep every digit, the sign is invisible, and readers that trim
   (as ours does) see 18 characters. A column whose receiver does not trim says `keep_text: plain`.

Both are undone by unguard(), exactly. Only line breaks and control characters are lost: they become a
blank, so that each record is one line; the checks name them.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import islice

from crm.domain.errors import RefusedError
from crm.domain.export_profiles.profile import Column, Profile

Row = Mapping[str, object]

# Blanks before the sign do not stop every program, nor do the full-width and small forms of it.
_LEADS = "=+\\-@＝＋－＠﹦﹢﹣﹫\u2212"
_BLANKS = "\\s\ufeff\u200b-\u200f\u2060"
_FORMULA_LED = re.compile(f"'*(?:[\t\r\n]|[{_BLANKS}]*[{_LEADS}])")
_GUARDED = re.compile(f"'+(?:[\t\r\n]|[{_BLANKS}]*[{_LEADS}])")
_NEGATIVE_FIGURE = re.compile(r"-\d+(\.\d+)?%?", re.ASCII)
_TURNED = re.compile(
    r"0\d+|\d{12,}|\d+(\.\d*)?[eE][+-]?\d+|\d{1,4}[-/.]\d{1,2}([-/.]\d{1,4})?|\d{1,2}(:\d{2}){1,2}"
    r"|\d{2,4}年\d{1,2}月(\d{1,2}日)?",
    re.ASCII,
)
_LINE_BREAKING = re.compile("\r\n|[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]")
# ";" and tab part columns too where LibreOffice opens a file with its own settings
_NEEDS_QUOTES = re.compile('[",;\t]|^\\s|\\s$')
_PLAIN = re.compile(r"[\w（）()·]*")
_ROWS_A_CHUNK = 2000
_REMEMBERED_CELLS = 1024


def is_turned_by_spreadsheets(text: str) -> bool:
    """Whether a spreadsheet would make a number, date or time of the text, and show another one.

    From 12 digits on it shows powers of ten, beyond 15 it loses digits.
    """
    return _TURNED.fullmatch(text) is not None


def guard(text: str, *, keep_text: bool = False) -> str:
    """The text made harmless for a CSV cell; unguard() gives it back exactly.

    keep_text: also keep what looks like a number or date from being turned into one, by a tab after it.
    """
    if _FORMULA_LED.match(text) and not _NEGATIVE_FIGURE.fullmatch(text):
        text = "'" + text
    body = text.rstrip("\t")
    # a tab of the text's own must survive unguard(), hence one more
    if (keep_text or body != text) and is_turned_by_spreadsheets(body):
        text += "\t"
    return text


def unguard(text: str) -> str:
    """The text that guard() was given; for reading our own files back.

    Other files lose at most an apostrophe before a formula's sign and a tab after a number.
    """
    if text.endswith("\t") and is_turned_by_spreadsheets(text.rstrip("\t")):
        text = text[:-1]
    return text[1:] if _GUARDED.match(text) else text


def ordered(profile: Profile, rows: Iterable[Row]) -> list[Row]:
    """The rows in the profile's order; a missing value comes last, equal ones keep their place.

    A row's "<field>_key", where given, is compared instead of the field: the code of a district, the
    pinyin of a name.
    """
    fields = [(f"{field}_key", field) for field in profile.sort]

    def place(row: Row) -> tuple[tuple[bool, object], ...]:
        values = [row.get(field) if (key := row.get(by)) is None else key for by, field in fields]
        return tuple([(value is None, "" if value is None else value) for value in values])

    return sorted(rows, key=place) if fields else list(rows)


def render(profile: Profile, rows: Iterable[Row]) -> bytes:
    """The whole file: header, rows in the profile's order, each record one line.

    rows: field -> value: str, date, int, Decimal or None as the column's type asks; other keys are ignored.
    The same rows give the same bytes.
    Raises RefusedError(field, "not_encodable", characters) for text the encoding cannot carry, TypeError
    for a value of the wrong kind.
    """
    return b"".join(render_chunks(profile, rows))


def render_chunks(profile: Profile, rows: Iterable[Row]) -> Iterator[bytes]:
    """The file as render() gives it, in pieces of some thousand lines, for writing it out as it grows."""
    codec = "utf-8" if profile.encoding == "utf-8-sig" else profile.encoding
    end = profile.line_end
    if profile.encoding == "utf-8-sig":
        yield codecs.BOM_UTF8
    header = ",".join(_quoted(guard(column.header)) for column in profile.columns)
    yield _encoded(header + end, codec)
    # districts, dates and states repeat by the thousand
    cells = [
        (column.field, lru_cache(_REMEMBERED_CELLS, typed=True)(_writer(column)))
        for column in profile.columns
    ]
    numbered = enumerate(ordered(profile, rows), start=1)
    while chunk := tuple(islice(numbered, _ROWS_A_CHUNK)):
        lines = [
            ",".join([write(number if field == "sequence" else row.get(field)) for field, write in cells])
            + end
            for number, row in chunk
        ]
        yield _encoded("".join(lines), codec)


def flat(text: str) -> str:
    """The text on one line: each line break or control character becomes a blank; tabs stay."""
    return _LINE_BREAKING.sub(" ", text)


def printed_value(column: Column, value: object) -> str:
    """What the column prints for a value, before guarding; "" for None.

    Raises TypeError for a value of the wrong kind: what is a figure or date must not arrive as text.
    """
    if value is None:
        return ""
    if column.type == "date":
        return _printed_date(column, value)
    if column.type in ("integer", "sequence"):
        if type(value) is not int:
            raise TypeError(f"{column.field}: a whole number is expected, not {value!r}")
        return str(value)
    if column.type == "decimal":
        if not isinstance(value, Decimal) and type(value) is not int:
            raise TypeError(f"{column.field}: an exact Decimal is expected, not {value!r}")
        return f"{Decimal(value):.{len(column.format.partition('.')[2])}f}"
    if not isinstance(value, str):
        raise TypeError(f"{column.field}: a text is expected, not {value!r}")
    return dict(column.printed).get(value, value) if column.printed else value


def _printed_date(column: Column, value: object) -> str:
    if type(value) is not date:
        raise TypeError(f"{column.field}: a date is expected, not {value!r}")
    if column.format == "YYYY-MM-DD":
        return value.isoformat()
    if column.format == "YYYY/MM/DD":
        return f"{value.year:04}/{value.month:02}/{value.day:02}"
    return f"{value.year}年{value.month}月{value.day}日"


def _writer(column: Column) -> Callable[[object], str]:
    """The function that makes a column's cells."""
    if column.type not in ("text", "credit_code"):
        # figures and dates are written as they are: a negative one stays a figure
        return lambda value: printed_value(column, value)
    keep_text = column.keep_text == "tab"

    def write(value: object) -> str:
        text = printed_value(column, value)
        # letters, digits, Chinese signs and brackets alone can neither run nor break anything
        if _PLAIN.fullmatch(text) and not (keep_text and is_turned_by_spreadsheets(text)):
            return text
        return _quoted(guard(flat(text), keep_text=keep_text))

    return write


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text


def _encoded(text: str, codec: str) -> bytes:
    try:
        return text.encode(codec)
    except UnicodeEncodeError as error:
        raise RefusedError(None, "not_encodable", characters=text[error.start : error.end]) from error
