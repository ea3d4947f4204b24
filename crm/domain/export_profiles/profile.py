"""An export profile and the strict reading of its file in data/."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from crm.domain.errors import DataFileError
from crm.domain.strict_yaml import Record, read_file

ENCODINGS = ("utf-8-sig", "gb18030")
LINE_ENDS = {"crlf": "\r\n", "lf": "\n"}
TYPES = ("sequence", "text", "credit_code", "date", "integer", "decimal")
KEEP_TEXT = ("plain", "tab")
DATE_FORMATS = ("YYYY-MM-DD", "YYYY/MM/DD", "YYYY年M月D日")
QUERIES = ("hnte_in_force", "expiring_within")
CHECKS = ("dates_in_order", "not_a_branch", "firm_once")

_DECIMAL_FORMAT = re.compile(r"0(\.0+)?")


@dataclass(frozen=True)
class Column:
    """One column of the file.

    field: key in a row. format: of a date ("YYYY-MM-DD") or decimal ("0.00"), else "".
    keep_text: "tab" puts one tab after a text that spreadsheet programs would turn into a number or date,
    "plain" leaves it to the receiver; see formatting.py for the reason.
    printed: stored value -> word in the file; allowed: the only texts accepted; pattern: of the whole text.
    max_length: in characters.
    """

    field: str
    header: str
    required: bool
    format: str
    type: str
    keep_text: str = "plain"
    max_length: int | None = None
    allowed: tuple[str, ...] = ()
    pattern: str | None = None
    example: str | None = None
    printed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Profile:
    """What one file for another office looks like.

    source: named query of the application that gives the rows, with days where it takes some.
    sort: fields by which rows are ordered; a row's "<field>_key", where given, is compared instead.
    checks: rules on a row or on all, beside those that follow from the columns.
    """

    name: str
    zh: str
    en: str
    encoding: str
    line_end: str
    columns: tuple[Column, ...]
    sort: tuple[str, ...]
    citation: str
    source: str
    days: int | None
    checks: tuple[str, ...]
    mark: str
    checked_on: date
    note_zh: str
    note_en: str

    def label(self, language: str = "zh") -> str:
        """The profile's name in the reader's language."""
        return self.zh if language.startswith("zh") else self.en


@cache
def profiles() -> Mapping[str, Profile]:
    """All profiles by name, read once.

    Raises DataFileError with file and place where one breaks the strict reading.
    """
    found = [read_profile(path) for path in sorted((Path(__file__).parent / "data").glob("*.yaml"))]
    return {profile.name: profile for profile in found}


def read_profile(path: Path) -> Profile:
    """One profile; unknown keys, missing citations, repeated fields or headers are refused.

    Raises DataFileError with file and place.
    """
    file = read_file(path)
    source = file.record("source")
    profile = Profile(
        name=file.choice("name", (path.stem,)),
        zh=file.text("zh"),
        en=file.text("en"),
        encoding=file.choice("encoding", ENCODINGS),
        line_end=LINE_ENDS[file.choice("line_end", LINE_ENDS)],
        columns=tuple(_column(record) for record in file.records("columns")),
        sort=file.texts("sort"),
        citation=file.text("citation"),
        source=source.choice("query", QUERIES),
        days=source.optional_number("days"),
        checks=file.texts("checks"),
        mark=file.text("mark"),
        checked_on=file.day("checked_on"),
        note_zh=file.text("note_zh"),
        note_en=file.text("note_en"),
    )
    source.done()
    file.done()
    _refuse_contradictions(profile, file)
    return profile


def _column(record: Record) -> Column:
    column = Column(
        field=record.text("field"),
        header=record.text("header"),
        required=record.flag("required"),
        format=record.optional_text("format") or "",
        type=record.choice("type", TYPES),
        keep_text=record.optional_text("keep_text") or "plain",
        max_length=record.optional_number("max_length"),
        allowed=record.texts("allowed"),
        pattern=record.optional_text("pattern"),
        example=record.optional_text("example"),
        printed=tuple(_printed(entry) for entry in record.records("printed")),
    )
    record.done()
    if column.keep_text not in KEEP_TEXT:
        raise record.refuse("keep_text", f"{column.keep_text!r} is not one of {', '.join(KEEP_TEXT)}")
    if not _format_fits(column):
        raise record.refuse("format", f"{column.format!r} is no format of a {column.type}")
    _refuse_bad_pattern(column, record)
    return column


def _printed(record: Record) -> tuple[str, str]:
    pair = record.text("value"), record.text("text")
    record.done()
    return pair


def _format_fits(column: Column) -> bool:
    if column.type == "date":
        return column.format in DATE_FORMATS
    if column.type == "decimal":
        return _DECIMAL_FORMAT.fullmatch(column.format) is not None
    return column.format == ""


def _refuse_bad_pattern(column: Column, record: Record) -> None:
    if (column.pattern is None) != (column.example is None):
        raise record.refuse("pattern", "a pattern and an example go together")
    if column.pattern is None:
        return
    try:
        fits = re.fullmatch(column.pattern, column.example or "")
    except re.error as error:
        raise record.refuse("pattern", f"is no regular expression: {error}") from error
    if not fits:
        raise record.refuse("example", "does not fit the pattern")


def _refuse_contradictions(profile: Profile, file: Record) -> None:
    if not profile.columns:
        raise file.refuse("columns", "is empty")
    for what, values in (
        ("field", [column.field for column in profile.columns]),
        ("header", [column.header for column in profile.columns]),
    ):
        for value, times in Counter(values).items():
            if times > 1:
                raise file.refuse("columns", f"{what} {value!r} stands twice")
    fields = {column.field for column in profile.columns}
    for field in profile.sort:
        if field not in fields:
            raise file.refuse("sort", f"{field!r} is not a field of the columns")
    for check in profile.checks:
        if check not in CHECKS:
            raise file.refuse("checks", f"{check!r} is not one of {', '.join(CHECKS)}")
    if (profile.source == "expiring_within") != (profile.days is not None):
        raise DataFileError(file.at("source"), "days goes together with the query expiring_within")
