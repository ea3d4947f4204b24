"""What is wrong with the rows of an export, by row and field, before anybody is sent the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial

from crm.domain import credit_code, firm_name
from crm.domain.export_profiles.formatting import Row, flat, printed_value
from crm.domain.export_profiles.profile import Column, Profile

REASONS = (
    "missing",
    "code_length",
    "code_alphabet",
    "code_check_character",
    "not_allowed",
    "pattern",
    "too_long",
    "line_break",
    "not_encodable",
    "dates_reversed",
    "branch_holds",
    "firm_twice",
)
_REMEMBERED_CELLS = 1024


@dataclass(frozen=True)
class Problem:
    """One thing to mend.

    row_index: place in the rows as they were given, from 0. reason: one of REASONS.
    values: what its sentence shows, always the column's header; the rest by reason: value, allowed,
    example, length, limit, characters, granted_on, valid_to, first_row.
    """

    row_index: int
    field: str
    reason: str
    values: Mapping[str, object]


def check(profile: Profile, rows: Iterable[Row]) -> tuple[Problem, ...]:
    """All problems, row by row, in each in the order of the columns and then of the profile's checks.

    Beside its columns a row may hold firm_id (identity for firm_once) and is_branch.
    Raises TypeError for a value of the wrong kind, as render() does.
    """
    headers = {column.field: column.header for column in profile.columns}
    codec = "utf-8" if profile.encoding == "utf-8-sig" else profile.encoding
    row_checks = [_ROW_CHECKS[name](headers) for name in profile.checks]
    # districts, dates and states repeat by the thousand
    cells = [
        (column, lru_cache(_REMEMBERED_CELLS, typed=True)(partial(_faults, column, codec)))
        for column in profile.columns
        if column.type != "sequence"
    ]
    problems: list[Problem] = []
    for index, row in enumerate(rows):
        for column, faults in cells:
            for reason, values in faults(row.get(column.field)):
                problems.append(Problem(index, column.field, reason, {"header": column.header, **values}))
        for row_check in row_checks:
            problems.extend(row_check(index, row))
    return tuple(problems)


def _faults(column: Column, codec: str, value: object) -> tuple[tuple[str, Mapping[str, object]], ...]:
    """Reasons and their values, for one cell of a column."""
    text = printed_value(column, value)
    if not text.strip():
        return (("missing", {}),) if column.required else ()
    faults: list[tuple[str, Mapping[str, object]]] = []
    if column.type == "credit_code" and (fault := credit_code.problem(text)):
        faults.append((f"code_{fault}", {"value": text}))
    words = column.allowed or tuple(dict.fromkeys(word for _, word in column.printed))
    if words and text not in words:
        faults.append(("not_allowed", {"value": text, "allowed": "、".join(words)}))
    if column.pattern and not re.fullmatch(column.pattern, text):
        faults.append(("pattern", {"value": text, "example": column.example}))
    if column.max_length is not None and len(text) > column.max_length:
        faults.append(("too_long", {"value": text, "length": len(text), "limit": column.max_length}))
    if flat(text) != text:
        faults.append(("line_break", {"value": flat(text)}))
    if lost := _not_encodable(text, codec):
        faults.append(("not_encodable", {"value": text, "characters": lost}))
    return tuple(faults)


def _not_encodable(text: str, codec: str) -> str:
    """The characters the encoding cannot carry, each once; of GB18030 and UTF-8 only broken halves are."""
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        kept = text.encode(codec, "ignore").decode(codec)
        return "".join(dict.fromkeys(char for char in text if char not in kept))
    return ""


RowCheck = Callable[[int, Row], Iterator[Problem]]


def _dates_in_order(headers: Mapping[str, str]) -> RowCheck:
    def row_check(index: int, row: Row) -> Iterator[Problem]:
        granted_on, valid_to = row.get("granted_on"), row.get("valid_to")
        if isinstance(granted_on, date) and isinstance(valid_to, date) and valid_to < granted_on:
            values = {"header": headers["valid_to"], "granted_on": granted_on, "valid_to": valid_to}
            yield Problem(index, "valid_to", "dates_reversed", values)

    return row_check


def _not_a_branch(headers: Mapping[str, str]) -> RowCheck:
    """A branch is no legal person and holds no certificate; the register's word outranks the name."""

    def row_check(index: int, row: Row) -> Iterator[Problem]:
        name, known = str(row.get("name") or ""), row.get("is_branch")
        if known or (known is None and firm_name.is_branch(name)):
            yield Problem(index, "name", "branch_holds", {"header": headers["name"], "value": name})

    return row_check


def _firm_once(headers: Mapping[str, str]) -> RowCheck:
    """One firm, one line: the same firm by id or by code; without either, by name."""
    first_rows: dict[tuple[str, object], int] = {}

    def row_check(index: int, row: Row) -> Iterator[Problem]:
        name = str(row.get("name") or "")
        identities = [("id", row.get("firm_id")), ("code", row.get("code"))]
        keys = [key for key in identities if key[1]] or [("name", firm_name.normalise(name))]
        earlier = [first_rows[key] for key in keys if key in first_rows]
        for key in keys:
            first_rows.setdefault(key, index)
        if earlier:
            values = {"header": headers["name"], "value": name, "first_row": min(earlier)}
            yield Problem(index, "name", "firm_twice", values)

    return row_check


_ROW_CHECKS: Mapping[str, Callable[[Mapping[str, str]], RowCheck]] = {
    "dates_in_order": _dates_in_order,
    "not_a_branch": _not_a_branch,
    "firm_once": _firm_once,
}
