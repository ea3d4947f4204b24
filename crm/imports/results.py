"""What became of each row of a list, and of the list as a whole."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm.domain.errors import RefusedError
from crm.web.sentences import sentence

STATES = ("new", "changed", "same", "refused")


@dataclass(frozen=True, slots=True)
class CellNote:
    """Something said of one cell (field None: of the row): why the row is refused, or what to look at.

    value: what the file holds there. reason, values: as of RefusedError, so that each reader gets the
    sentence in the own language.
    """

    field: str | None
    value: str
    reason: str
    values: Mapping[str, object]
    refuses: bool

    @property
    def message(self) -> str:
        """The sentence: what is wrong, what to do."""
        return sentence(RefusedError(self.field, self.reason, **self.values))


@dataclass(slots=True)
class RowResult:
    """One row. number: as in the file; cells: field -> text as in the file.

    state: one of STATES. subject_id: the firm it is about, where it is known already.
    changes: field -> (text before, text after), for a changed row.
    """

    number: int
    cells: Mapping[str, str]
    state: str = "new"
    subject_id: int | None = None
    changes: dict[str, tuple[str, str]] = field(default_factory=dict)
    notes: list[CellNote] = field(default_factory=list)

    def copy(self) -> RowResult:
        """The same, free to be settled: a list is checked and written from the same rows."""
        return RowResult(
            self.number, self.cells, self.state, self.subject_id, dict(self.changes), list(self.notes)
        )

    def refuse(self, error: RefusedError) -> None:
        """Nothing of this row is written; the reason stands beside the field the error names."""
        self.state = "refused"
        self.changes = {}
        self.notes.append(self._note(error, refuses=True))

    def warn(self, error: RefusedError) -> None:
        """The row is taken all the same, but a person should look."""
        self.notes.append(self._note(error, refuses=False))

    def _note(self, error: RefusedError, *, refuses: bool) -> CellNote:
        text = self.cells.get(error.field, "") if error.field else ""
        return CellNote(error.field, text, error.reason, error.values, refuses)

    @property
    def is_refused(self) -> bool:
        return self.state == "refused"

    @property
    def reasons(self) -> str:
        """Why it is refused, for the last column of the file of refused rows."""
        return "".join(dict.fromkeys(note.message for note in self.notes if note.refuses))


@dataclass(frozen=True)
class ImportReport:
    """What became of a list.

    headings: field -> heading of its column in the file; titles: usual headings, for fields without column.
    """

    headings: Mapping[str, str]
    results: Sequence[RowResult]
    dry_run: bool = False
    import_id: int | None = None
    titles: Mapping[str, str] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """rows, new, changed, same, refused; warnings: how many things a person should look at."""
        states = Counter(result.state for result in self.results)
        warnings = sum(not note.refuses for result in self.results for note in result.notes)
        return {
            "rows": len(self.results),
            **{state: states[state] for state in STATES},
            "warnings": warnings,
        }

    def problems(self, most: int | None = None) -> list[dict[str, Any]]:
        """Refusals first, then warnings, each in the order of the file."""
        notes = [(not note.refuses, result.number, note) for result in self.results for note in result.notes]
        notes.sort(key=lambda entry: entry[:2])
        columns = {**self.titles, **self.headings}
        return [
            {
                "row": number,
                "column": columns.get(note.field or "", note.field),
                "value": note.value,
                "code": note.reason,
                "message": note.message,
            }
            for _, number, note in notes[:most]
        ]

    def document(self) -> dict[str, Any]:
        """The document of the command line."""
        return {
            **self.counts,
            "problems": self.problems(),
            "dry_run": self.dry_run,
            "import_id": self.import_id,
        }

    def signature(self) -> str:
        """Same text where the same would be written: held between the check and the writing."""
        told = [
            (r.number, r.state, None if r.state == "new" else r.subject_id, sorted(r.changes.items()))
            for r in self.results
        ]
        return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()
