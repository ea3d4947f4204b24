"""Cases I26 and E2: refused rows as a file that can be mended and dropped again."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from crm.spreadsheets.cells import NoValue
from crm.spreadsheets.columns import FieldSpec, guess
from crm.spreadsheets.delimited import DelimitedText
from crm.spreadsheets.limits import Limits
from crm.spreadsheets.writing import refused_rows_csv

HEADERS = ("企业名称", "统一社会信用代码", "发证日期")
FIELDS = (
    FieldSpec("name", "企业名称"),
    FieldSpec("code", "统一社会信用代码"),
    FieldSpec("granted_on", "发证日期"),
)
ROWS = [
    (('=HYPERLINK("演示")', "913306020000000001", date(2024, 3, 5)), "校验位不对"),
    (("＋86演示,\r\n公司", "", NoValue("formula_no_value")), "公式没有值"),
]


def test_i26_written_with_mark_crlf_and_the_reason_last():
    data = refused_rows_csv(HEADERS, ROWS)
    assert data.startswith(b"\xef\xbb\xbf")
    text = data.decode("utf-8-sig")
    assert text.startswith("企业名称,统一社会信用代码,发证日期,原因\r\n'=") or text.startswith(
        "企业名称,统一社会信用代码,发证日期,原因\r\n\"'="
    )
    assert "2024-03-05,校验位不对\r\n" in text


def test_i26_read_again_it_maps_the_same_and_gives_the_same_rows(opened):
    table = opened(refused_rows_csv(HEADERS, ROWS)).table()
    found = guess(table.headers, FIELDS)
    assert found.mapping == {"name": 0, "code": 1, "granted_on": 2}
    assert ([column.header for column in found.ignored], found.unknown) == (["原因"], ())
    first, second = table.rows
    assert first.cells[:3] == ('=HYPERLINK("演示")', "913306020000000001", "2024-03-05")
    assert second.cells[0] == "＋86演示,\r\n公司"


def test_i26_a_second_round_has_one_reason_column(opened):
    table = opened(refused_rows_csv(HEADERS, ROWS)).table()
    again = refused_rows_csv(table.headers, [(row.cells, "还不对") for row in table.rows])
    table = opened(again).table()
    assert table.headers == (*HEADERS, "原因")
    assert [row.cells[3] for row in table.rows] == ["还不对", "还不对"]


def test_a_shifted_row_keeps_its_extra_cells(opened):
    data = refused_rows_csv(("企业名称", "地址"), [(("演示甲", "一路", "1号"), "格数过多")])
    assert data.decode("utf-8-sig") == "企业名称,地址,,原因\r\n演示甲,一路,1号,格数过多\r\n"


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("'=+-@\t\r\n0;,\"")),
        min_size=2,
    )
)
def test_e2_every_text_comes_back_exactly(cells):
    headers = [f"列{index}" for index in range(len(cells))]
    data = refused_rows_csv(headers, [(cells, "x")])
    rows = list(DelimitedText(data.decode("utf-8-sig"), "utf-8-sig", "x.csv", Limits()).rows(""))
    back = [cell if isinstance(cell, str) else cell.shown for cell in rows[1].cells]
    assert back == [*cells, "x"]
