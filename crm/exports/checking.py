"""Check the rows of a profile: what is wrong, of which firm, where it is mended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from crm.domain.access import Actor
from crm.domain.export_profiles import Profile, check
from crm.exports.labels import REASON_WORDS, problem_words
from crm.exports.sources import rows_of

# Fields that stand on the certificate; all others are the firm's own.
_OF_CERTIFICATE = frozenset({"scheme", "number", "granted_on", "valid_to", "batch", "state", "days_left"})
# Field of a profile -> field of the firm's form, for a link that leads to the very place.
FORM_FIELDS = {
    "technology_field": "hnte_field",
    "district": "district_id",
    "township": "township_id",
    "owner": "owner_id",
}


@dataclass(frozen=True)
class FoundProblem:
    """One problem with the firm it concerns; certification_id: where the certificate has to be mended."""

    firm_id: int
    firm: str
    code: str | None
    field: str
    header: str
    reason: str
    values: Mapping[str, object]
    certification_id: int | None

    @property
    def message(self) -> str:
        return problem_words(self.reason, self.values)

    @property
    def form_field(self) -> str:
        return FORM_FIELDS.get(self.field, self.field)

    @property
    def group(self) -> str:
        return f"{self.field}.{self.reason}"


@dataclass(frozen=True)
class ProblemGroup:
    """Problems of one kind in one column."""

    key: str
    header: str
    reason: str
    count: int

    @property
    def label(self) -> str:
        return f"{self.header} {REASON_WORDS[self.reason]}"


@dataclass(frozen=True)
class Checked:
    """Rows as they will be written, unsorted, and everything wrong with them."""

    profile: Profile
    on: date
    territory_id: int
    rows: list[dict[str, Any]]
    problems: tuple[FoundProblem, ...]

    @property
    def firms(self) -> int:
        """How many firms have a problem."""
        return len({problem.firm_id for problem in self.problems})

    @property
    def groups(self) -> list[ProblemGroup]:
        """Kinds of problems, the most frequent first."""
        return groups_of(self.problems)


def groups_of(problems: tuple[FoundProblem, ...]) -> list[ProblemGroup]:
    """How many problems of each kind there are."""
    counts = Counter((p.group, p.header, p.reason) for p in problems)
    return [ProblemGroup(*kind, count) for kind, count in sorted(counts.items(), key=lambda i: (-i[1], i[0]))]


def checked(actor: Actor, profile: Profile, on: date, territory_id: int) -> Checked:
    """Read the rows and check them. The caller has asked for the right and settled the territory."""
    rows = list(rows_of(actor, profile, on, territory_id))
    problems = []
    for problem in check(profile, rows):
        row = rows[problem.row_index]
        is_certificate = problem.field in _OF_CERTIFICATE
        problems.append(
            FoundProblem(
                row["firm_id"], row["name"], row["code"], problem.field, str(problem.values["header"]),
                problem.reason, problem.values, row["certification_id"] if is_certificate else None,
            )
        )  # fmt: skip
    return Checked(profile, on, territory_id, rows, tuple(problems))
