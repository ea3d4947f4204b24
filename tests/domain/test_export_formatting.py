"""The bytes of an export: nothing runs, nothing turns into another value, one record a line."""

import codecs
import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.domain.errors import RefusedError
from crm.domain.export_profiles import guard, ordered, profiles, render, render_chunks, unguard
from crm.domain.export_profiles.profile import Column, Profile

DIGITS_ONLY = "913306001234567894"
HNTE_ROW = {
    "name": "演示精密机械有限公司",
    "code": "91330600MA2ABCDE12",
    "district": "越城区",
    "technology_field": "先进制造与自动化",
    "number": "GR202333001234",
    "granted_on": date(2023, 12, 8),
    "valid_to": date(2026, 12, 8),
    "batch": "2023年第一批",
    "state": "in_force",
}


def profile_of(*columns, encoding="utf-8-sig", sort=()):
    return Profile(
        "demo",
        "演示",
        "demo",
        encoding,
        "\r\n",
        columns,
        sort,
        "-",
        "hnte_in_force",
        None,
        (),
        "K",
        date.max,
        "",
        "",
    )


def text(field="name", **rest):
    return Column(field, field, False, "", "text", **rest)


def cells(content, encoding="utf-8-sig"):
    """As a strict reader sees them, which knows commas, quotes and CRLF and nothing else."""
    return list(csv.reader(io.StringIO(content.decode(encoding), newline=""), strict=True))


def test_holders_file_has_its_header_order_mark_and_line_ends():
    content = render(profiles()["hnte_holders"], [HNTE_ROW])
    assert content.startswith(codecs.BOM_UTF8)
    assert content.endswith(b"\r\n")
    header, row = cells(content)
    assert " ".join(header) == (
        "序号 企业名称 统一社会信用代码 所在区县 技术领域 证书编号 发证日期 有效期至 批次 状态"
    )
    assert row == [
        "1",
        "演示精密机械有限公司",
        "91330600MA2ABCDE12",
        "越城区",
        "先进制造与自动化",
        "GR202333001234",
        "2023-12-08",
        "2026-12-08",
        "2023年第一批",
        "有效",
    ]


def test_expiring_file_is_gb18030_without_personal_data():
    profile = profiles()["expiring"]
    row = {
        **HNTE_ROW,
        "name": "演示㐂喆有限公司",
        "scheme": "高新技术企业",
        "days_left": 13,
        "contact": "李四",
    }
    content = render(profile, [row])
    header, cell = cells(content, "gb18030")
    assert (
        " ".join(header)
        == "序号 企业名称 统一社会信用代码 所在区县 乡镇街道 资质类别 证书编号 有效期至 剩余天数 经办人"
    )
    assert cell[1] == "演示㐂喆有限公司"
    assert "李四" not in content.decode("gb18030")
    assert profile.days == 90


def test_rows_are_ordered_by_district_code_and_pinyin_where_given():
    rows = [
        {**HNTE_ROW, "name": "乙", "district": "柯桥区", "district_key": "330603", "name_key": "yi"},
        {**HNTE_ROW, "name": "丙", "district": "越城区", "district_key": "330602", "name_key": "bing"},
        {**HNTE_ROW, "name": "甲", "district": "越城区", "district_key": "330602", "name_key": "jia"},
        {**HNTE_ROW, "name": "无", "district": None, "district_key": None, "name_key": "wu"},
    ]
    profile = profiles()["hnte_holders"]
    assert [row["name"] for row in ordered(profile, rows)] == ["丙", "甲", "乙", "无"]
    numbered = cells(render(profile, iter(rows)))[1:]
    assert [(row[0], row[1]) for row in numbered] == [("1", "丙"), ("2", "甲"), ("3", "乙"), ("4", "无")]


def test_same_rows_give_the_same_bytes_in_pieces_or_whole():
    rows = [{**HNTE_ROW, "name": f"演示{n:04}"} for n in range(4001)]
    profile = profiles()["hnte_holders"]
    assert b"".join(render_chunks(profile, rows)) == render(profile, rows) == render(profile, list(rows))
    assert len(cells(render(profile, rows))) == 4002


@pytest.mark.parametrize(
    "value", [DIGITS_ONLY, "202434118108020396", "000411", "91330600E1", "2023-1", "1:30"]
)
def test_text_that_would_turn_gets_one_tab_and_no_other_sign(value):
    profile = profile_of(text(keep_text="tab"))
    (_, (cell,)) = cells(render(profile, [{"name": value}]))
    assert cell == value + "\t"
    assert unguard(cell) == value


@pytest.mark.parametrize(
    "value", ["91330600MA2ABCDE12", "GR202333001234", "91330600123456789X", "2023", "演示"]
)
def test_text_that_stays_is_written_plain(value):
    profile = profile_of(text(keep_text="tab"))
    assert cells(render(profile, [{"name": value}]))[1] == [value]


def test_column_for_a_receiver_that_does_not_trim_is_plain():
    assert cells(render(profile_of(text()), [{"name": DIGITS_ONLY}]))[1] == [DIGITS_ONLY]


def test_kept_code_is_quoted_so_that_its_tab_parts_no_columns():
    content = render(profile_of(text(keep_text="tab")), [{"name": DIGITS_ONLY}])
    assert f'"{DIGITS_ONLY}\t"\r\n'.encode() in content


@pytest.mark.parametrize(
    "name",
    [
        '=HYPERLINK("http://example.com")',
        "+8657588888888",
        "@SUM(A1)",
        "-2+3",
        "\t演示",
        "＝1+1",
        "＋1",
        "－A1",
        "＠SUM",
        "﹦1",
        " =1+1",
        "\u3000=1+1",
        "\ufeff=1+1",
    ],
)
def test_formula_led_text_is_shown_as_text_and_comes_back(name):
    (_, (cell,)) = cells(render(profile_of(text()), [{"name": name}]))
    assert cell == "'" + name
    assert unguard(cell) == name


def test_negative_figures_stay_figures():
    profile = profile_of(
        Column("growth", "growth", False, "0.00", "decimal"),
        Column("days_left", "d", False, "", "integer"),
        text(),
    )
    row = {"growth": Decimal("-5.2"), "days_left": -3, "name": "-5.20%"}
    assert cells(render(profile, [row]))[1] == ["-5.20", "-3", "-5.20%"]


@pytest.mark.parametrize("sep", ["\n", "\r\n", "\r", "\u2028", "\v", "\x85", "\x00"])
def test_record_stays_on_one_line(sep):
    content = render(profile_of(text(), text("note")), [{"name": f'甲{sep}乙, "丙"\t丁', "note": "x"}])
    assert content.decode("utf-8-sig").splitlines()[1:] == ['"甲 乙, ""丙""\t丁",x']


@given(
    st.text(st.sampled_from("'=+-@＝＋－＠\t\r\n 　a0159E.%/:年月\ufeff") | st.characters()), st.booleans()
)
def test_guard_comes_undone_exactly(original, keep_text):
    assert unguard(guard(original, keep_text=keep_text)) == original


@given(st.lists(st.text(st.sampled_from("'=+-@＝＠\t \",;0159E甲"), max_size=20), min_size=1, max_size=5))
def test_written_names_come_back_through_a_strict_reader(names):
    for keep_text in ("plain", "tab"):
        content = render(
            profile_of(text(keep_text=keep_text), text("end")), [{"name": n, "end": "."} for n in names]
        )
        assert [unguard(row[0]) for row in cells(content)[1:]] == names


@given(st.text(max_size=30), st.booleans())
def test_no_guarded_text_begins_with_a_formulas_sign(original, keep_text):
    written = guard(original, keep_text=keep_text)
    figure = written.lstrip("-").replace(".", "", 1).rstrip("%\t")
    assert not written.startswith(tuple("=+-@\t\r＝＋－＠")) or figure.isdigit()


def test_values_of_the_wrong_kind_are_a_fault():
    dated = profile_of(Column("on", "on", False, "YYYY年M月D日", "date"))
    assert cells(render(dated, [{"on": date(2024, 3, 5)}]))[1] == ["2024年3月5日"]
    with pytest.raises(TypeError, match="on: a date"):
        render(dated, [{"on": "2024-03-05"}])
    with pytest.raises(TypeError, match="exact Decimal"):
        render(profile_of(Column("share", "s", False, "0.0", "decimal")), [{"share": 0.1}])
    with pytest.raises(TypeError, match="a text"):
        render(profile_of(text()), [{"name": 5}])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_text_the_encoding_cannot_carry_is_refused(encoding):
    with pytest.raises(RefusedError) as refused:
        render(profile_of(text(), encoding=encoding), [{"name": "甲\ud800"}])
    assert refused.value.reason == "not_encodable"
    assert refused.value.values == {"characters": "\ud800"}
