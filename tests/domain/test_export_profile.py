"""Profiles are read strictly: a slip in the file stops the start and names its place."""

import pytest

from crm.domain.errors import DataFileError
from crm.domain.export_profiles import profiles, read_profile

GOOD = """\
name: demo
zh: 演示
en: Demo
note_zh: 演示
note_en: demo
citation: 演示
mark: K
checked_on: 2026-11-25
encoding: utf-8-sig
line_end: crlf
source: {query: hnte_in_force}
sort: [name]
checks: [firm_once]
columns:
  - {field: name, header: 企业名称, type: text, required: true}
  - {field: day, header: 日期, type: date, format: YYYY-MM-DD}
"""


def read(tmp_path, content):
    path = tmp_path / "demo.yaml"
    path.write_text(content, encoding="utf-8")
    return read_profile(path)


def test_profiles_have_their_stable_names():
    assert set(profiles()) == {"hnte_holders", "expiring"}
    assert all(profile.citation and profile.line_end == "\r\n" for profile in profiles().values())


def test_good_profile_is_read(tmp_path):
    profile = read(tmp_path, GOOD)
    assert profile.label("en") == "Demo"
    assert [column.required for column in profile.columns] == [True, False]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("name: demo", "name: other", "demo.yaml: name"),
        ("citation: 演示\n", "", "citation"),
        ("mark: K", "mark: K\ncolour: red", "colour"),
        ("utf-8-sig", "latin-1", "encoding"),
        ("crlf", "cr", "line_end"),
        ("hnte_in_force", "everything", "source"),
        ("{query: hnte_in_force}", "{query: hnte_in_force, days: 9}", "days goes together"),
        ("{query: hnte_in_force}", "{query: expiring_within}", "days goes together"),
        ("sort: [name]", "sort: [age]", "sort"),
        ("[firm_once]", "[guess]", "checks"),
        ("type: text", "type: poem", r"columns\[0\]\.type"),
        ("required: true", "required: maybe", r"columns\[0\]\.required"),
        ("required: true", "keep_text: quote", r"columns\[0\]\.keep_text"),
        ("required: true", "pattern: 'a'", r"columns\[0\]\.pattern"),
        ("required: true", "pattern: '(', example: a", "no regular expression"),
        ("required: true", "pattern: 'a', example: b", "does not fit"),
        ("required: true", "format: '0.0'", r"columns\[0\]\.format"),
        ("YYYY-MM-DD", "MM/DD/YY", r"columns\[1\]\.format"),
        ("field: day", "field: name", "field 'name' stands twice"),
        ("header: 日期", "header: 企业名称", "header '企业名称' stands twice"),
    ],
)
def test_slip_is_refused_with_its_place(tmp_path, old, new, message):
    assert old in GOOD
    with pytest.raises(DataFileError, match=message):
        read(tmp_path, GOOD.replace(old, new, 1))
