"""The text of a plan as a value: what is edited, frozen into a document, read back and compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any, Generic, TypeVar


@dataclass(frozen=True)
class GoalText:
    """What shall be reached: indicator in its unit, from what to what, by when. id: None while new."""

    id: int | None
    indicator: str
    unit: str | None
    value_from: str | None
    value_to: str
    due_on: date | None


@dataclass(frozen=True)
class MeasureText:
    """What we do about it; amount in 万元. responsible: the person's name as it stood when written."""

    id: int | None
    kind: str
    title: str
    responsible_id: int | None
    responsible: str
    partner: str | None
    due_on: date | None
    amount: Decimal | None


@dataclass(frozen=True)
class CertificateLine:
    """A certification in force, as the plan's first section prints it."""

    scheme: str
    number: str | None
    valid_to: date | None


@dataclass(frozen=True)
class FirmBasics:
    """企业基本情况: the firm as it stood when the text was frozen; registered_capital in 万元."""

    name: str
    code: str | None
    place: str
    registered_on: date | None
    firm_type: str | None
    registered_capital: Decimal | None
    industry: str | None
    hnte_field: str | None
    rung: int
    certificates: tuple[CertificateLine, ...]


@dataclass(frozen=True)
class PlanText:
    """Everything of a plan that approval freezes; progress of measures is no text."""

    target_rung: int
    target_year: int
    summary: str | None
    goals: tuple[GoalText, ...]
    measures: tuple[MeasureText, ...]
    firm: FirmBasics | None = None


Row = TypeVar("Row", GoalText, MeasureText)


@dataclass(frozen=True)
class Pair(Generic[Row]):
    """One row on both sides; changed names the fields that differ (none for added and removed rows)."""

    before: Row | None
    after: Row | None
    changed: frozenset[str]

    @property
    def kind(self) -> str:
        """ "added", "removed", "changed" or "same"."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        return "changed" if self.changed else "same"


@dataclass(frozen=True)
class Comparison:
    """Two texts of one plan, row by row."""

    before: PlanText
    after: PlanText
    goals: tuple[Pair[GoalText], ...]
    measures: tuple[Pair[MeasureText], ...]

    @property
    def summary_changed(self) -> bool:
        return (self.before.summary or "") != (self.after.summary or "")

    @property
    def count(self) -> int:
        """How many places differ."""
        rows: list[Pair[Any]] = [*self.goals, *self.measures]
        return int(self.summary_changed) + sum(pair.kind != "same" for pair in rows)


def compare(before: PlanText, after: PlanText) -> Comparison:
    """Rows are matched by id; a row without id is new."""
    return Comparison(
        before, after, _pairs(before.goals, after.goals), _pairs(before.measures, after.measures)
    )


def _pairs(before: Sequence[Row], after: Sequence[Row]) -> tuple[Pair[Row], ...]:
    old = {row.id: row for row in before if row.id is not None}
    pairs = []
    for row in after:
        known = old.pop(row.id, None) if row.id is not None else None
        pairs.append(Pair(known, row, _changed(known, row)))
    pairs += [Pair(row, None, frozenset()) for row in before if row.id is None or row.id in old]
    return tuple(pairs)


def _changed(before: Row | None, after: Row) -> frozenset[str]:
    if before is None:
        return frozenset()
    return frozenset(
        field.name
        for field in fields(after)
        # A person renamed is no change of the plan: the id says who.
        if field.name not in ("id", "responsible")
        and (getattr(before, field.name) or None) != (getattr(after, field.name) or None)
    )


def audit_values(difference: Comparison) -> tuple[dict[str, Any], dict[str, Any]]:
    """(before, after) for the audit entry: only what changed, rows by "goal 12" and "measure 7"."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    if difference.summary_changed:
        before["summary"], after["summary"] = difference.before.summary, difference.after.summary
    rows: tuple[tuple[str, tuple[Pair[Any], ...]], ...] = (
        ("goal", difference.goals),
        ("measure", difference.measures),
    )
    for word, pairs in rows:
        for number, pair in enumerate(pairs):
            if pair.kind == "same":
                continue
            row = pair.before or pair.after
            key = f"{word} {row.id if row is not None and row.id is not None else f'new {number + 1}'}"
            before[key] = _row_values(pair.before, pair.changed)
            after[key] = _row_values(pair.after, pair.changed)
    return before, after


def _row_values(row: GoalText | MeasureText | None, only: frozenset[str]) -> dict[str, Any] | None:
    if row is None:
        return None
    values = {field.name: getattr(row, field.name) for field in fields(row)}
    return {key: _plain(value) for key, value in values.items() if not only or key in only}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, (date, Decimal)) else value


def rows_of(text: PlanText) -> tuple[GoalText | MeasureText, ...]:
    """Goals, then measures."""
    return (*text.goals, *text.measures)


def to_document(text: PlanText) -> dict[str, Any]:
    """The text as JSON values: dates as 2026-11-25, money as text so that no digit is lost."""
    return {
        "target_rung": text.target_rung,
        "target_year": text.target_year,
        "summary": text.summary,
        "goals": [_all_values(goal) for goal in text.goals],
        "measures": [_all_values(measure) for measure in text.measures],
        "firm": None
        if text.firm is None
        else {
            **_all_values(text.firm),
            "certificates": [_all_values(line) for line in text.firm.certificates],
        },
    }


def _all_values(row: Any) -> dict[str, Any]:
    return {field.name: _plain(getattr(row, field.name)) for field in fields(row)}


def from_document(document: dict[str, Any]) -> PlanText:
    """The text that a document froze."""
    firm = document.get("firm")
    return PlanText(
        target_rung=document["target_rung"],
        target_year=document["target_year"],
        summary=document["summary"],
        goals=tuple(GoalText(**_read(row)) for row in document["goals"]),
        measures=tuple(MeasureText(**_read(row)) for row in document["measures"]),
        firm=None
        if firm is None
        else FirmBasics(
            **{
                **_read(firm),
                "certificates": tuple(CertificateLine(**_read(line)) for line in firm["certificates"]),
            }
        ),
    )


def _read(row: dict[str, Any]) -> dict[str, Any]:
    values = dict(row)
    for key in ("due_on", "valid_to", "registered_on"):
        if values.get(key):
            values[key] = date.fromisoformat(values[key])
    for key in ("amount", "registered_capital"):
        if values.get(key) is not None:
            values[key] = Decimal(values[key])
    return values
