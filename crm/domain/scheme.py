"""A scheme 资质类别: what one kind of certification is called, who grants it, how long it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple

VALIDITY_KINDS = ("years", "year_of_number", "open", "unknown")
OBLIGATIONS = ("expiry", "hnte_annual_report", "hnte_reapplication", "sme_update")


class Authority(NamedTuple):
    """Who is competent from one day to another, both inclusive; None is open."""

    from_: date | None
    to: date | None
    zh: str
    en: str


class Title(NamedTuple):
    """What the certification is called when granted in this period (a generation), both days inclusive."""

    from_: date | None
    to: date | None
    zh: str
    en: str


class MonthDay(NamedTuple):
    """A day of any year."""

    month: int
    day: int

    def in_year(self, year: int) -> date:
        """That day of one year."""
        return date(year, self.month, self.day)


@dataclass(frozen=True)
class ValidityRule:
    """How the last day in force follows from the grant.

    kind: years (so many after the day of grant), year_of_number (the calendar year its number names),
    open (no last day), unknown (the rule is not known: the last day is what the paper says, or none).
    update_due: day of the following year by which the entry must be renewed; only for year_of_number.
    """

    kind: Literal["years", "year_of_number", "open", "unknown"]
    years: int | None
    update_due: MonthDay | None
    citation: str
    mark: str


@dataclass(frozen=True)
class ReapplicationDue:
    """Day by which a holder applies anew in the year its certificate ends: set by year, else the default."""

    default: MonthDay
    default_mark: str
    by_year: Mapping[int, tuple[MonthDay, str]]


@dataclass(frozen=True)
class OldNumber:
    """A number pattern of former times that is no reason to warn on grants before a day."""

    pattern: str
    granted_before: date
    note: str


@dataclass(frozen=True)
class Scheme:
    """One kind of certification, as its file in data/schemes/ says.

    rung: 1 technology SME, 2 HNTE, 3 leading; None stands beside the ladder.
    mark: where the facts were read (S…), known (K) or uncertain (U: the bureau must confirm).
    checked_on: day a person last held the file against its sources.
    authorities: national or only competent body; provincial_authorities: the provincial one beside it.
    """

    name: str
    zh: str
    en: str
    rung: int | None
    number_pattern: str | None
    number_example: str | None
    validity: ValidityRule
    authorities: tuple[Authority, ...]
    obligations: tuple[str, ...]
    citation: str
    checked_on: date
    mark: str
    note_zh: str
    note_en: str
    provincial_authorities: tuple[Authority, ...] = ()
    titles: tuple[Title, ...] = ()
    synonyms: tuple[str, ...] = ()
    ambiguous_names: tuple[str, ...] = ()
    old_numbers: tuple[OldNumber, ...] = ()
    reapplication: ReapplicationDue | None = field(default=None)

    def label(self, language: str = "zh") -> str:
        """The scheme's present name, for lists of schemes and filters."""
        return self.zh if language.startswith("zh") else self.en

    def name_on(self, on: date, language: str = "zh") -> str:
        """The title a certification granted that day bears, so that old years show their old name."""
        for title in self.titles:
            if _covers(title.from_, title.to, on):
                return title.zh if language.startswith("zh") else title.en
        return self.label(language)

    def authority_on(self, on: date, language: str = "zh", *, provincial: bool = False) -> str | None:
        """Who was competent that day; None where no period covers it."""
        for authority in self.provincial_authorities if provincial else self.authorities:
            if _covers(authority.from_, authority.to, on):
                return authority.zh if language.startswith("zh") else authority.en
        return None

    def reapplication_due(self, year: int) -> date | None:
        """Last day to apply anew in a year of expiry; None where the scheme knows no re-application."""
        if self.reapplication is None:
            return None
        due, _ = self.reapplication.by_year.get(year, (self.reapplication.default, ""))
        return due.in_year(year)

    def reapplication_mark(self, year: int) -> str | None:
        """Source mark of that day ("U": unverified, a county sets it); None where there is none."""
        if self.reapplication is None:
            return None
        return self.reapplication.by_year.get(year, (None, self.reapplication.default_mark))[1]


def _covers(first: date | None, last: date | None, on: date) -> bool:
    return (first is None or first <= on) and (last is None or on <= last)
