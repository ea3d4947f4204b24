"""Case I9: headings to fields, by synonyms and by hand."""

from __future__ import annotations

import pytest

from crm.domain.errors import RefusedError
from crm.spreadsheets.columns import FieldSpec, guess, parse_map, titles, unit_of
from crm.spreadsheets.sentences import SENTENCES

FIELDS = (
    FieldSpec("name", "企业名称", ("单位名称", "公司名称")),
    FieldSpec("code", "统一社会信用代码", ("信用代码",)),
    FieldSpec("capital", "注册资本", ("注册资本_万",)),
    FieldSpec("granted_on", "发证日期"),
)


def test_synonyms_units_marks_and_two_line_headings():
    found = guess(["序号", "＊单位 名称", "信用代码（18位）", "注册资本（万元）", "证书 / 发证日期"], FIELDS)
    assert found.mapping == {"name": 1, "code": 2, "capital": 3, "granted_on": 4}
    assert [column.header for column in found.unknown] == ["序号"]
    assert found.missing(["name", "capital"]) == ()
    assert guess(["企业名称"], FIELDS).missing(["name", "code"]) == ("code",)


def test_the_usual_heading_goes_before_a_synonym():
    found = guess(["单位名称", "企业名称"], FIELDS)
    assert (found.mapping, found.duplicates) == ({"name": 1}, ())
    assert [column.letter for column in found.unknown] == ["A"]


def test_i9_equal_headings_are_shown_with_letters_and_need_a_choice():
    found = guess(["企业名称", "发证日期", "x", "发证日期"], FIELDS)
    assert "granted_on" not in found.mapping
    assert [(duplicate.field, duplicate.letters) for duplicate in found.duplicates] == [
        ("granted_on", "B、D")
    ]
    with pytest.raises(RefusedError) as refused:
        found.refuse_undecided()
    assert "B、D" in str(SENTENCES["column_choice"]) % refused.value.values
    chosen = guess(["企业名称", "发证日期", "x", "发证日期"], FIELDS, parse_map(["D=granted_on"]))
    assert (chosen.mapping["granted_on"], chosen.duplicates) == (3, ())


def test_a_choice_by_hand_overrides_and_leaves_out():
    found = guess(["企业名称", "户名", "注册资本"], FIELDS, parse_map(["户名=name", "注册资本=-"]))
    assert found.mapping == {"name": 1}
    assert [column.header for column in found.ignored] == ["注册资本"]
    assert "户名" in titles(FIELDS, parse_map(["户名=name"]))


@pytest.mark.parametrize(
    ("pairs", "reason"),
    [
        (["户名"], "map_form"),
        (["=name"], "map_form"),
        (["户名=name", "户名=code"], "map_heading_twice"),
        (["不存在=name"], "map_heading_unknown"),
        (["ZZ=name"], "map_heading_unknown"),
        (["企业名称=nonsense"], "map_field_unknown"),
        (["企业名称=code", "户名=code"], "map_field_twice"),
        (["重=code"], "map_heading_twice"),
    ],
)
def test_a_wrong_choice_is_refused_with_what_there_is(pairs, reason):
    with pytest.raises(RefusedError) as refused:
        guess(["企业名称", "户名", "重", "重"], FIELDS, parse_map(pairs))
    assert refused.value.reason == reason
    assert str(SENTENCES[reason]) % refused.value.values


def test_an_equals_sign_in_a_heading():
    assert parse_map(["人数(=合计)=staff"]) == {"人数(=合计)": "staff"}


def test_units_in_headings():
    assert [
        unit_of(header) for header in ("注册资本（万元）", "收入_万元", "收入(单位：元)", "企业名称")
    ] == [*("万元", "万元", "元", None)]
