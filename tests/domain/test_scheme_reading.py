"""Strict reading of schemes: what is not understood is refused with file and place."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from crm.domain.errors import DataFileError
from crm.domain.scheme_reading import read_schemes

SCHEME = r"""name: demo
zh: 演示资质
en: Demo scheme
rung: 2
ladder_note: {zh: 说明, en: Note}
number: {pattern: '^D\d$', example: D1}
validity: {kind: years, years: 3, citation: a rule, mark: K}
obligations: [expiry, hnte_reapplication]
hnte_reapplication_due:
  default: "08-31"
  mark: U
  by_year: [{year: 2027, due: "07-15", citation: a notice, mark: S1}]
authorities:
  - {to: 2025-01-19, zh: 甲, en: A, mark: S1}
  - {from: 2025-01-20, zh: 乙, en: B, mark: 'S2, U'}
synonyms: [演示]
citation: a rule
mark: S1
checked_on: 2026-01-01
"""


def write(folder: Path, text: str, name: str = "demo") -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text, "utf-8")
    return path


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    write(tmp_path, SCHEME)
    scheme = read_schemes(tmp_path)["demo"]
    assert scheme.reapplication_due(2026) == date(2026, 8, 31)
    assert (scheme.reapplication_due(2027), scheme.reapplication_mark(2027)) == (date(2027, 7, 15), "S1")
    assert scheme.authority_on(date(2025, 1, 20), "en") == "B"


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("zh: 演示资质", "zh: 演示资质\ncolour: red", "colour"),
        ("years: 3, ", "years: 3, months: 1, ", "validity.months"),
        ("\ncitation: a rule", "", "citation"),
        ("\ncitation: a rule", "\ncitation: ' '", "citation"),
        ("years: 3, citation: a rule", "years: 3", "validity.citation"),
        ("years: 3", "years: '3'", "validity.years"),
        ("kind: years, years: 3", "kind: years", "validity.years"),
        ("kind: years, years: 3", "kind: open, years: 3", "validity.years"),
        ("kind: years", "kind: forever", "validity.kind"),
        ("from: 2025-01-20", "from: 2025-01-19", "authorities"),
        ("from: 2025-01-20, ", "", "authorities"),
        ("from: 2025-01-20", "from: soon", "authorities[1].from"),
        ("en: B, mark: 'S2, U'", "en: B", "authorities[1].mark"),
        ("example: D1", "example: E1", "number"),
        (r"'^D\d$'", "'^D('", "number.pattern"),
        ("rung: 2", "rung: 4", "rung"),
        ("rung: 2", "rung: true", "rung"),
        ("[expiry, hnte_reapplication]", "[expiry]", "hnte_reapplication_due"),
        ("[expiry, ", "[expire, ", "obligations"),
        ("[expiry, ", "[hnte_reapplication, ", "obligations"),
        ('default: "08-31"', 'default: "08-32"', "hnte_reapplication_due.default"),
        ('due: "07-15"', 'due: "02-29"', "hnte_reapplication_due.by_year[0].due"),
        ("mark: S1\nchecked_on: 2026-01-01", "mark: S1", "checked_on"),
        ("mark: S1\nchecked_on", "mark: hearsay\nchecked_on", "mark"),
        ("name: demo", "name: other", "name"),
    ],
)
def test_a_faulty_file_is_refused_with_file_and_place(tmp_path: Path, old: str, new: str, place: str) -> None:
    assert old in SCHEME
    path = write(tmp_path, SCHEME.replace(old, new))
    with pytest.raises(DataFileError) as refused:
        read_schemes(tmp_path)
    assert refused.value.path == f"{path}: {place}"


def test_a_key_written_twice_is_refused_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, SCHEME + "zh: 又一个\n")
    with pytest.raises(DataFileError) as refused:
        read_schemes(tmp_path)
    assert refused.value.path == f"{path}:{SCHEME.count(chr(10)) + 1}"


@pytest.mark.parametrize("text", ["- a list\n", "name: [\n", ""])
def test_what_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(DataFileError) as refused:
        read_schemes(tmp_path)
    assert refused.value.path.startswith(str(path))


def test_one_word_for_two_schemes_must_be_called_ambiguous(tmp_path: Path) -> None:
    write(tmp_path, SCHEME)
    second = SCHEME.replace("name: demo", "name: other").replace("演示资质", "另一资质")
    write(tmp_path, second, "other")
    with pytest.raises(DataFileError, match="ambiguous_names of both"):
        read_schemes(tmp_path)
    write(tmp_path, second.replace("synonyms: [演示]", "ambiguous_names: [两可]"), "other")
    with pytest.raises(DataFileError, match="by one scheme only"):
        read_schemes(tmp_path)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match="no scheme"):
        read_schemes(tmp_path)
