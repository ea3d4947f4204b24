"""Certifications 资质证书: which scheme is meant, how long a grant holds, and its state on a day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from crm.domain.credit_code import normalise as normalise_number
from crm.domain.errors import NotFoundError, RefusedError
from crm.domain.firm_name import normalise as name_key
from crm.domain.scheme import Scheme
from crm.domain.scheme_reading import read_schemes
from crm.domain.units import months_later

__all__ = [
    "Grant",
    "Scheme",
    "ValidityPeriod",
    "benefit_years",
    "in_force",
    "normalise_number",
    "number_problem",
    "scheme_named",
    "schemes",
    "state",
    "validity",
]

STATES = ("in_force", "expiring", "to_update", "expired", "revoked", "superseded", "not_yet")
_QUOTES = re.compile("[\"'“”‘’「」『』《》]")  # 专精特新“小巨人” is typed with any of them or none
_YEAR_OF_NUMBER = re.compile(r"(20\d{2})\d", re.ASCII)


@dataclass(frozen=True)
class ValidityPeriod:
    """First and last day in force, both inclusive; update_due is set where the entry must be renewed."""

    valid_from: date
    valid_to: date | None
    update_due: date | None


@dataclass(frozen=True)
class Grant:
    """One grant of a scheme to one firm.

    valid_to: last day in force, inclusive; None has no last day.
    revoked_from: first day on which it no longer holds. superseded_by: id of the grant that renewed it.
    """

    id: int | None
    scheme: str
    number: str | None
    granted_on: date
    valid_from: date
    valid_to: date | None
    update_due: date | None
    revoked_from: date | None = None
    superseded_by: int | None = None


@cache
def schemes() -> Mapping[str, Scheme]:
    """All schemes by name, ladder first; read once, strictly.

    Raises DataFileError with file and place where a file breaks the strict reading.
    """
    return read_schemes(Path(__file__).parent / "data" / "schemes")


def scheme_named(text: str) -> Scheme | None:
    """The scheme a person means: by its name, its Chinese or English title of any year, or a synonym.

    Raises RefusedError(field="scheme", reason="scheme_ambiguous", text, choices) where the words fit
    several (科小, 科技型中小企业: national evaluation or provincial recognition); None where they fit none.
    """
    found = _names().get(_title_key(text), ())
    if len(found) > 1:
        titles = "、".join(scheme.zh for scheme in found)
        raise RefusedError("scheme", "scheme_ambiguous", text=text.strip(), choices=titles)
    return found[0] if found else None


@cache
def _names() -> Mapping[str, tuple[Scheme, ...]]:
    found: dict[str, list[Scheme]] = {}
    for scheme in schemes().values():
        titles = (word for title in scheme.titles for word in (title.zh, title.en))
        words = {scheme.name, scheme.zh, scheme.en, *scheme.synonyms, *scheme.ambiguous_names, *titles}
        for key in {_title_key(word) for word in words}:
            found.setdefault(key, []).append(scheme)
    return {key: tuple(fitting) for key, fitting in found.items()}


def _title_key(text: str) -> str:
    return _QUOTES.sub("", name_key(text))


def validity(
    scheme: Scheme | str, granted_on: date, number: str | None = None, *, minus_one_day: bool = False
) -> ValidityPeriod:
    """First and last day in force by the scheme's rule.

    granted_on: the date printed on the certificate, never that of the notice listing it.
    number: decides the year of a national technology SME; without a readable one the year of grant does.
    minus_one_day: the bureau's setting for schemes of so many years; off, 2023-12-08 holds to 2026-12-08.
    Granted on 29 February, the period ends on 28 February (民法典 第二百零二条), the day before with
    minus_one_day.
    Raises RefusedError(field="granted_on", reason="granted_after_number_year") where the number's year was
    over before the day of grant, NotFoundError for an unknown scheme name.
    Source: 国科发火〔2016〕32号 第九条; 国科火字〔2019〕87号 (登记编号当年有效);
    国科发政〔2017〕115号 第十二条.
    """
    scheme = _known(scheme)
    rule = scheme.validity
    if rule.kind == "year_of_number" and rule.update_due is not None:
        year = _year_of_number(number) or granted_on.year
        if granted_on.year > year:
            raise RefusedError("granted_on", "granted_after_number_year", year=year, granted_on=granted_on)
        # a grant dated before its number's year holds for that year only
        first = max(granted_on, date(year, 1, 1))
        return ValidityPeriod(first, date(year, 12, 31), rule.update_due.in_year(year + 1))
    if rule.years is None:
        return ValidityPeriod(granted_on, None, None)
    last = months_later(granted_on, 12 * rule.years)
    return ValidityPeriod(granted_on, last - timedelta(days=1) if minus_one_day else last, None)


def number_problem(scheme: Scheme | str, number: str | None, granted_on: date | None = None) -> str | None:
    """What looks wrong with a number: "number_format", "number_year", or None. A warning, never a refusal.

    The province digits are free: a firm that moved whole keeps the number of its old province.
    granted_on: where given, the year in the number is held against it, and a number of former times
    (GF…, renewals up to 2015) passes for grants of those times only.
    Source: 国科发火〔2016〕195号 五(五).
    """
    scheme = _known(scheme)
    plain = normalise_number(number or "")
    if not plain or scheme.number_pattern is None:
        return None
    for old in scheme.old_numbers:
        if re.fullmatch(old.pattern, plain, re.ASCII) and (
            granted_on is None or granted_on < old.granted_before
        ):
            return None
    if not re.fullmatch(scheme.number_pattern, plain, re.ASCII):
        return "number_format"
    year = _year_of_number(plain)
    return "number_year" if granted_on and year and year != granted_on.year else None


def in_force(grant: Grant, on: date) -> bool:
    """Whether the grant holds on that day: both ends inclusive, not revoked.

    A renewed grant holds to its own last day; renewal takes nothing from the past.
    """
    if grant.revoked_from is not None and grant.revoked_from <= on:
        return False
    return grant.valid_from <= on and (grant.valid_to is None or on <= grant.valid_to)


def state(grant: Grant, on: date, soon_days: int = 90) -> str:
    """One of STATES, for a chip beside the certificate.

    expiring: in force, with at most soon_days left, for schemes that are renewed by expiry.
    to_update: a technology SME's year is over and the day of update has not passed.
    superseded outranks time, revoked outranks all.
    """
    if grant.revoked_from is not None and grant.revoked_from <= on:
        return "revoked"
    if on < grant.valid_from:
        return "not_yet"
    if grant.superseded_by is not None:
        return "superseded"
    if grant.valid_to is None:
        return "in_force"
    if on > grant.valid_to:
        return "to_update" if grant.update_due is not None and on <= grant.update_due else "expired"
    soon = (grant.valid_to - on).days <= soon_days and "expiry" in _known(grant.scheme).obligations
    return "expiring" if soon else "in_force"


def benefit_years(grants: Iterable[Grant]) -> tuple[int, ...]:
    """Calendar years for which an HNTE holder keeps the 15 % rate, in order.

    The benefit is the year's as a whole: from the year of issue; the year of expiry counts only if
    recognised anew within it; a year in which the certificate is revoked is lost.
    So each year counts at whose end a certificate is in force.
    Source: 国科发火〔2016〕32号 第十条, 第十九条; 国家税务总局公告2017年第24号 第一条.
    """
    years: set[int] = set()
    for grant in grants:
        if grant.scheme == "hnte" and grant.valid_to is not None:
            span = range(grant.valid_from.year, grant.valid_to.year + 1)
            years.update(year for year in span if in_force(grant, date(year, 12, 31)))
    return tuple(sorted(years))


def _known(scheme: Scheme | str) -> Scheme:
    if isinstance(scheme, Scheme):
        return scheme
    try:
        return schemes()[scheme]
    except KeyError as error:
        raise NotFoundError("scheme", scheme) from error


def _year_of_number(number: str | None) -> int | None:
    """The year a number carries first, after letters: 2024330602…, GR2023330…; None where there is none."""
    found = _YEAR_OF_NUMBER.match(normalise_number(number or "").lstrip("GRF"))
    return int(found[1]) if found else None
