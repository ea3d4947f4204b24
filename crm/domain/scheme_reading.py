"""Reads data/schemes/*.yaml, one file a scheme, and refuses whatever is not understood."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Literal, cast

from crm.domain.errors import DataFileError
from crm.domain.scheme import (
    OBLIGATIONS,
    VALIDITY_KINDS,
    Authority,
    MonthDay,
    OldNumber,
    ReapplicationDue,
    Scheme,
    Title,
    ValidityRule,
)
from crm.domain.strict_yaml import Record, read_file, refuse_overlaps

_MARK = re.compile(r"(?:S\d+|K|U)(?:, (?:S\d+|K|U))*")


def read_schemes(folder: Path) -> Mapping[str, Scheme]:
    """All schemes of a folder by name, ladder first (rung 1 to 3), then by file name.

    Raises DataFileError naming file and place: unknown or missing key, no citation, overlapping periods,
    a name that two schemes claim.
    """
    found = [_scheme(path) for path in sorted(folder.glob("*.yaml"))]
    if not found:
        raise DataFileError(str(folder), "holds no scheme")
    found.sort(key=lambda scheme: (scheme.rung is None, scheme.rung or 0))
    schemes = {scheme.name: scheme for scheme in found}
    _refuse_shared_names(schemes, folder)
    return MappingProxyType(schemes)


def _scheme(path: Path) -> Scheme:
    file = read_file(path)
    name = file.text("name")
    if name != path.stem:
        raise file.refuse("name", f"{name!r} differs from the name of the file")
    number, ladder_note = file.record("number"), file.record("ladder_note")
    scheme = Scheme(
        name=name,
        zh=file.text("zh"),
        en=file.text("en"),
        rung=_rung(file),
        number_pattern=_pattern(number, "pattern"),
        number_example=number.optional_text("example"),
        validity=_validity(file.record("validity")),
        authorities=_authorities(file, "authorities"),
        provincial_authorities=_authorities(file, "provincial_authorities"),
        obligations=_obligations(file),
        citation=file.text("citation"),
        checked_on=file.day("checked_on"),
        mark=_mark(file),
        note_zh=ladder_note.text("zh"),
        note_en=ladder_note.text("en"),
        titles=_titles(file),
        synonyms=file.texts("synonyms"),
        ambiguous_names=file.texts("ambiguous_names"),
        old_numbers=tuple(_old_number(entry) for entry in number.records("old")),
        reapplication=_reapplication(file),
    )
    for record in (number, ladder_note, file):
        record.done()
    _refuse_contradictions(scheme, file)
    return scheme


def _rung(file: Record) -> int | None:
    rung = file.optional_number("rung")
    if rung not in (None, 1, 2, 3):
        raise file.refuse("rung", f"1, 2, 3 or null is expected, not {rung}")
    return rung


def _mark(record: Record) -> str:
    mark = record.text("mark")
    if not _MARK.fullmatch(mark):
        raise record.refuse("mark", f'{mark!r} is no source mark such as "S20, S21", "K" or "U"')
    return mark


def _pattern(record: Record, key: str) -> str | None:
    pattern = record.optional_text(key)
    if pattern is not None:
        try:
            re.compile(pattern)
        except re.error as error:
            raise record.refuse(key, f"is no regular expression: {error}") from error
    return pattern


def _month_day(record: Record, key: str) -> MonthDay:
    text = record.text(key)
    try:
        # 2023 has no 29 February: a day that is missing in most years is refused
        day = date.fromisoformat(f"2023-{text}")
    except ValueError as error:
        raise record.refuse(key, f'a day of the year like "05-31" is expected, not {text!r}') from error
    return MonthDay(day.month, day.day)


def _validity(record: Record) -> ValidityRule:
    kind = record.choice("kind", VALIDITY_KINDS)
    years = record.optional_number("years")
    update_due = _month_day(record, "update_due") if kind == "year_of_number" else None
    if (years is not None) != (kind == "years") or (years is not None and years < 1):
        raise record.refuse("years", 'is needed with kind "years", and only there')
    rule = ValidityRule(
        kind=cast(Literal["years", "year_of_number", "open", "unknown"], kind),
        years=years,
        update_due=update_due,
        citation=record.text("citation"),
        mark=_mark(record),
    )
    record.done()
    return rule


def _authorities(file: Record, key: str) -> tuple[Authority, ...]:
    entries: list[Authority] = []
    for record in file.records(key):
        period = Authority(
            record.optional_day("from"), record.optional_day("to"), record.text("zh"), record.text("en")
        )
        _mark(record)
        record.done()
        entries.append(period)
    if key == "authorities" and not entries:
        raise file.refuse(key, "is missing")
    refuse_overlaps([(entry.from_, entry.to) for entry in entries], file.at(key))
    return tuple(entries)


def _titles(file: Record) -> tuple[Title, ...]:
    entries: list[Title] = []
    for record in file.records("titles"):
        period = Title(
            record.optional_day("from"), record.optional_day("to"), record.text("zh"), record.text("en")
        )
        record.text("citation")
        _mark(record)
        record.done()
        entries.append(period)
    refuse_overlaps([(entry.from_, entry.to) for entry in entries], file.at("titles"))
    return tuple(entries)


def _obligations(file: Record) -> tuple[str, ...]:
    obligations = file.texts("obligations")
    for obligation in obligations:
        if obligation not in OBLIGATIONS:
            raise file.refuse("obligations", f"{obligation!r} is not one of {', '.join(OBLIGATIONS)}")
    return obligations


def _old_number(record: Record) -> OldNumber:
    pattern = _pattern(record, "pattern")
    if pattern is None:
        raise record.refuse("pattern", "is missing")
    old = OldNumber(pattern, record.day("granted_before"), record.text("note"))
    record.done()
    return old


def _reapplication(file: Record) -> ReapplicationDue | None:
    record = file.optional_record("hnte_reapplication_due")
    if record is None:
        return None
    by_year: dict[int, tuple[MonthDay, str]] = {}
    for entry in record.records("by_year"):
        year = entry.optional_number("year")
        if year is None or year in by_year:
            raise entry.refuse("year", "is missing or stands twice")
        by_year[year] = (_month_day(entry, "due"), _mark(entry))
        entry.text("citation")
        entry.done()
    due = ReapplicationDue(_month_day(record, "default"), _mark(record), MappingProxyType(by_year))
    record.done()
    return due


def _refuse_contradictions(scheme: Scheme, file: Record) -> None:
    if (scheme.number_pattern is None) != (scheme.number_example is None):
        raise file.refuse("number", "a pattern and an example go together")
    if scheme.number_pattern and not re.fullmatch(scheme.number_pattern, scheme.number_example or ""):
        raise file.refuse("number", "the example does not fit the pattern")
    if ("hnte_reapplication" in scheme.obligations) != (scheme.reapplication is not None):
        raise file.refuse("hnte_reapplication_due", "goes together with the obligation hnte_reapplication")
    if ("sme_update" in scheme.obligations) != (scheme.validity.update_due is not None):
        raise file.refuse("validity", "update_due goes together with the obligation sme_update")


def _refuse_shared_names(schemes: Mapping[str, Scheme], folder: Path) -> None:
    plain = Counter(word for scheme in schemes.values() for word in {scheme.zh, *scheme.synonyms})
    doubtful = Counter(word for scheme in schemes.values() for word in scheme.ambiguous_names)
    for word, times in plain.items():
        if times > 1 or word in doubtful:
            raise DataFileError(
                str(folder), f"{word!r} names two schemes; list it under ambiguous_names of both"
            )
    for word, times in doubtful.items():
        if times == 1:
            raise DataFileError(str(folder), f"{word!r} is called ambiguous by one scheme only")
