"""Which column holds which field: guessed from headings by synonyms, corrected by the caseworker."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from crm.domain.errors import RefusedError
from crm.spreadsheets.cells import Cell, index_of, letter
from crm.spreadsheets.headings import JOINT, heading_key
from crm.spreadsheets.reading import Column, SourceRow

REASON_HEADING = "原因"  # the last column of a file of refused rows; read again, it means nothing
IGNORE = "-"  # as a field: leave this column out

_BRACKETED = re.compile(r"[(\[【〔][^)\]】〕]*[)\]】〕]")
_NUMBERED = re.compile(r"^\d+[.、]")
_LETTERS = re.compile(r"([A-Za-z]{1,3})列?")
_UNIT = re.compile(r"[(\[_](?:单位[:：])?(万元|元|亿元|万美元|人|个|项|件|%)[)\]]?$")


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field a feature reads; zh is its usual heading, synonyms are others that mean the same."""

    name: str
    zh: str
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Several columns fit one field equally well, such as two columns with the same heading."""

    field: str
    columns: tuple[Column, ...]

    @property
    def letters(self) -> str:
        """ "C、F", as the caseworker sees them in the spreadsheet program."""
        return "、".join(column.letter for column in self.columns)


@dataclass(frozen=True)
class ColumnGuess:
    """mapping: field → index of its column; unknown: columns no field takes; ignored: left out on purpose."""

    mapping: Mapping[str, int]
    duplicates: tuple[Duplicate, ...]
    unknown: tuple[Column, ...]
    ignored: tuple[Column, ...] = ()

    def value(self, row: SourceRow, field: str) -> Cell:
        """The cell of the field, "" where the file has no such column."""
        index = self.mapping.get(field)
        return "" if index is None else row.cells[index]

    def missing(self, required: Iterable[str]) -> tuple[str, ...]:
        """Required fields that have no column."""
        return tuple(field for field in required if field not in self.mapping)

    def refuse_undecided(self) -> None:
        """Raise RefusedError column_choice for the first field with several equal columns."""
        for duplicate in self.duplicates:
            raise RefusedError(
                "columns",
                "column_choice",
                name=duplicate.field,
                heading=duplicate.columns[0].header,
                letters=duplicate.letters,
                letter=duplicate.columns[0].letter,
            )


def guess(
    headers: Sequence[str], fields: Sequence[FieldSpec], chosen: Mapping[str, str] | None = None
) -> ColumnGuess:
    """Match headings to fields.

    A field takes the column with its usual heading, else a synonym, else either without unit brackets, else
    the lower line of a two-line heading. Columns of the same rank are not decided but reported.
    chosen: heading or column letter → field name or IGNORE, as from parse_map; goes before any guess.
    Raises RefusedError map_heading_unknown, map_heading_twice, map_field_unknown, map_field_twice.
    """
    columns = [Column(index, letter(index), header) for index, header in enumerate(headers)]
    taken: dict[int, str] = {}
    for heading, field in (chosen or {}).items():
        if field != IGNORE and field not in {spec.name for spec in fields}:
            known = "、".join(spec.name for spec in fields)
            raise RefusedError("map", "map_field_unknown", heading=heading, name=field, known=known)
        column = _chosen_column(columns, heading)
        if field != IGNORE and field in taken.values():
            raise RefusedError("map", "map_field_twice", name=field)
        taken[column.index] = field
    mapping = {field: index for index, field in taken.items() if field != IGNORE}
    free = [column for column in columns if column.index not in taken]
    best = _ranked(free, [spec for spec in fields if spec.name not in mapping])
    duplicates = []
    for field, candidates in best.items():
        if len(candidates) == 1:
            mapping[field] = candidates[0].index
        else:
            duplicates.append(Duplicate(field, tuple(candidates)))
    used = set(mapping.values()) | {column.index for duplicate in duplicates for column in duplicate.columns}
    ignored = tuple(
        column
        for column in columns
        if column.index not in used
        and (column.index in taken or heading_key(column.header) == REASON_HEADING)
    )
    unknown = tuple(
        column for column in free if column.index not in used and column not in ignored and column.header
    )
    return ColumnGuess(mapping, tuple(duplicates), unknown, ignored)


def parse_map(pairs: Iterable[str]) -> dict[str, str]:
    """["企业=name", "F=tax_code", "备注=-"] as heading or letter → field name.

    Raises RefusedError map_form for a pair without "=" or with an empty side, map_heading_twice.
    """
    chosen: dict[str, str] = {}
    for pair in pairs:
        # the last "=": a heading may hold one, a field name never does
        heading, _, field = pair.rpartition("=")
        heading, field = heading.strip(), field.strip()
        if not heading or not field:
            raise RefusedError("map", "map_form", pair=pair)
        if chosen.get(heading, field) != field:
            raise RefusedError("map", "map_heading_twice", heading=heading, letters="")
        chosen[heading] = field
    return chosen


def titles(fields: Iterable[FieldSpec], chosen: Mapping[str, str] | None = None) -> frozenset[str]:
    """Every heading the fields and the caseworker's choice know, for Workbook.table."""
    known = {title for spec in fields for title in (spec.zh, *spec.synonyms)}
    return frozenset(known | set(chosen or ()))


def unit_of(header: str) -> str | None:
    """The unit a heading states, as in 注册资本(万元) or 注册资本_万元; None where it states none."""
    found = _UNIT.search(heading_key(header))
    return found.group(1) if found else None


def _chosen_column(columns: Sequence[Column], heading: str) -> Column:
    key = heading_key(heading)
    found = [column for column in columns if heading_key(column.header) == key]
    if len(found) > 1:
        letters = "、".join(column.letter for column in found)
        raise RefusedError("map", "map_heading_twice", heading=heading, letters=letters)
    if found:
        return found[0]
    by_letter = _LETTERS.fullmatch(heading)
    index = index_of(by_letter.group(1).upper()) if by_letter else len(columns)
    if index >= len(columns):
        known = "、".join(column.header for column in columns if column.header)
        raise RefusedError("map", "map_heading_unknown", heading=heading, known=known)
    return columns[index]


def _ranked(columns: Sequence[Column], fields: Sequence[FieldSpec]) -> dict[str, list[Column]]:
    """Field → its columns of the best rank; a column goes to one field, the first of equals."""
    wanted: dict[str, tuple[int, str]] = {}
    for spec in fields:
        wanted.setdefault(heading_key(spec.zh), (0, spec.name))
    for spec in fields:
        for synonym in (*spec.synonyms, spec.name):
            wanted.setdefault(heading_key(synonym), (1, spec.name))
    for key, (rank, name) in list(wanted.items()):
        wanted.setdefault(_BRACKETED.sub("", key), (rank, name))
    found: dict[str, list[tuple[int, Column]]] = {}
    for column in columns:
        for step, key in enumerate(_keys(column.header)):
            if key in wanted:
                rank, name = wanted[key]
                found.setdefault(name, []).append((step * 2 + rank, column))
                break
    best = {}
    for name, candidates in found.items():
        lowest = min(rank for rank, _ in candidates)
        best[name] = [column for rank, column in candidates if rank == lowest]
    return best


def _keys(header: str) -> tuple[str, ...]:
    """The heading's keys from the most to the least exact."""
    key = heading_key(header)
    last = heading_key(header.rpartition(JOINT)[2])
    return (key, _NUMBERED.sub("", _BRACKETED.sub("", key)), last, _BRACKETED.sub("", last))
