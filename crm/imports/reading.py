"""From a kept file and the person's choices to a list whose columns are decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crm.domain.errors import RefusedError
from crm.imports.importer import Importer, ImportOptions, ListSource
from crm.spreadsheets.columns import IGNORE, ColumnGuess, FieldSpec, guess, titles
from crm.spreadsheets.reading import Limits, Note, Table, Workbook, is_blank, open_workbook, text_of

LIMITS = Limits(rows=100_000)
SKIPPED_SHOWN = 10


@dataclass(frozen=True)
class OpenedList:
    """A file read as far as its heading: what was guessed, and what to tell beside it."""

    workbook: Workbook
    table: Table
    guess: ColumnGuess

    @property
    def notes(self) -> tuple[Note, ...]:
        """What to tell: hidden sheets and rows, totals left out, a name that does not fit."""
        notes = list(self.workbook.notes)
        if self.table.hidden_rows:
            notes.append(Note("rows_hidden", {"count": self.table.hidden_rows}))
        if skipped := self.table.skipped:
            numbers = "、".join(str(row.number) for row in skipped[:SKIPPED_SHOWN])
            notes.append(
                Note("rows_skipped", {"rows": numbers + ("…" if len(skipped) > SKIPPED_SHOWN else "")})
            )
        return tuple(notes)

    def samples(self, count: int = 3) -> list[list[str]]:
        """The first values of each column that are not blank."""
        found: list[list[str]] = [[] for _ in self.table.columns]
        for seen, row in enumerate(self.table.rows):
            for column, texts in zip(self.table.columns, found, strict=True):
                cell = row.cells[column.index]
                if len(texts) < count and not is_blank(cell) and (text := text_of(cell).strip()) not in texts:
                    texts.append(text)
            if seen > 200 or all(len(texts) >= count for texts in found):
                break
        return found


def open_file(path: Path, filename: str, options: ImportOptions) -> Workbook:
    """The file as a workbook. Raises RefusedError on file or encoding."""
    return open_workbook(path, filename, encoding=options.encoding, limits=LIMITS)


def open_list(workbook: Workbook, importer: Importer, options: ImportOptions) -> OpenedList:
    """The list on its sheet with columns guessed. Raises RefusedError on sheet, header_row or map."""
    chosen = by_field_name(options.mapping, importer.fields)
    table = workbook.table(options.sheet, options.header_row, titles=titles(importer.fields, chosen))
    return OpenedList(workbook, table, guess(table.headers, importer.fields, chosen))


def decided(opened: OpenedList, importer: Importer, options: ImportOptions) -> ListSource:
    """The list with nothing left to choose. Raises RefusedError column_choice, columns_missing."""
    opened.guess.refuse_undecided()
    refuse_missing(opened, importer, options)
    return ListSource(opened.table, opened.guess, opened.workbook.epoch, options.defaults)


def refuse_missing(opened: OpenedList, importer: Importer, options: ImportOptions) -> None:
    """Raise RefusedError columns_missing where a needed column has neither heading nor default."""
    names = {spec.name: spec.zh for spec in importer.fields}
    for group in importer.needed:
        if any(name in opened.guess.mapping or options.defaults.get(name) for name in group):
            continue
        known = "、".join(column.header for column in opened.table.columns if column.header)
        wanted = "、".join(names[name] for name in group)
        raise RefusedError("columns", "columns_missing", wanted=wanted, known=known)


def by_field_name(mapping: Mapping[str, str], fields: Sequence[FieldSpec]) -> dict[str, str]:
    """The choice with fields by name; a field may also be given by its usual heading."""
    usual = {spec.zh: spec.name for spec in fields}
    return {heading: usual.get(field, field) for heading, field in mapping.items()}


def still_fitting(mapping: Mapping[str, str], table: Table) -> dict[str, str]:
    """The parts of an earlier choice that a new file can follow (a mended file keeps its mapping)."""
    known = {column.header for column in table.columns} | {column.letter for column in table.columns}
    return {heading: field for heading, field in mapping.items() if heading in known}


def chosen_columns(opened: OpenedList, picked: Mapping[str, str]) -> dict[str, str]:
    """A mapping from a form: column letter -> field or "", kept by heading where that is unique.

    Kept by heading, the choice also serves the mended file of refused rows, whatever its columns.
    """
    headers = [column.header for column in opened.table.columns]
    mapping = {}
    for column in opened.table.columns:
        field = picked.get(column.letter, "") or IGNORE
        unique = column.header and headers.count(column.header) == 1
        mapping[column.header if unique else column.letter] = field
    return mapping
