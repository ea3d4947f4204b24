"""Case I8 and its neighbours: heading, titles, units, totals and notes."""

from __future__ import annotations

import pytest

from crm.domain.errors import RefusedError
from crm.spreadsheets.cells import is_blank, is_clearing


def test_i8_title_unit_two_line_heading_total_and_notes(sample):
    table = sample("list_titled.xlsx").table()
    assert (table.header_row, table.header_lines) == (3, 2)
    assert table.headers[1:5] == ("企业名称", "统一社会信用代码", "证书 / 证书编号", "证书 / 发证日期")
    assert table.above == ("2024年度演示企业名单", "单位：万元")
    assert [row.number for row in table.rows] == [5, 6, 7]
    assert [row.number for row in table.skipped] == [8, 9, 10]
    assert table.row_count == 3


def test_a_chosen_heading_row_is_taken(sample, opened):
    assert sample("list_titled.xlsx").table(header_row=3).header_row == 3
    assert opened("甲,乙\n1,2\n3,4\n").table(header_row=2).headers == ("1", "2")
    with pytest.raises(RefusedError, match="header_row_empty"):
        opened("甲,乙\n1,2\n").table(header_row=9)


def test_headings_of_the_feature_are_found_too(opened):
    workbook = opened("说明文字\n单位全称,户号\n演示甲,1\n")
    with pytest.raises(RefusedError, match="header_not_found"):
        workbook.table()
    assert workbook.table(titles=["单位全称"]).header_row == 2
    assert [row.cells[0] for row in workbook.preview()] == ["说明文字", "单位全称", "演示甲"]


@pytest.mark.parametrize(
    "heading", ["企 业\n名 称", "*企业名称", "企业名称（必填）", "企业名称(全称)", "\u3000企业名称 "]
)
def test_dressed_headings_are_found(opened, heading):
    assert opened(f'演示\n"{heading}",代码\n演示甲,1\n').table().header_row == 2


@pytest.mark.parametrize(
    ("line", "is_firm"),
    [
        ("合计,,3", False),
        (",合 计：3家,", False),
        ("小计,,", False),
        ("备注：以公告为准,,", False),
        ("注1、演示,,", False),
        ("填报单位（盖章）,,", False),
        ("填表人：演示,审核人：演示,", False),
        ("企业名称,代码,数", False),
        ("合计划演示科技有限公司,1,2", True),
        ("共计划演示公司,1,2", True),
        ("总计 演示公司,1,2", True),
        ("全备演示公司,1,2", True),
        ("说明书演示印刷有限公司,1,2", True),
    ],
)
def test_totals_and_notes_are_not_firms_and_firms_are_not_totals(opened, line, is_firm):
    table = opened(f"企业名称,代码,数\n演示甲,1,2\n{line}\n").table()
    assert (table.row_count, len(table.skipped)) == ((2, 0) if is_firm else (1, 1))


def test_equal_figures_under_two_years_are_told_apart(opened):
    table = opened(",,2022年,,2023年,\n企业名称,代码,收入,利润,收入,利润\n演示甲,1,2,3,4,5\n").table()
    assert table.headers == (
        "企业名称",
        "代码",
        *(f"{year}年 / {name}" for year in (2022, 2023) for name in ("收入", "利润")),
    )
    assert [row.number for row in table.rows] == [3]


def test_a_sparse_first_firm_is_not_taken_for_a_second_heading_line(opened):
    table = opened("企业名称,代码,,备注\n演示甲,1,x,\n演示乙,2,,好\n").table()
    assert (table.header_lines, table.row_count) == (1, 2)


def test_an_empty_sheet_is_told(opened, book):
    with pytest.raises(RefusedError, match="sheet_empty"):
        opened(book(), "名单.xlsx").table()


def test_i22_empty_keeps_and_only_an_explicit_mark_clears():
    assert all(is_blank(text) for text in ("", " ", "\u3000", "\u200b", "\ufeff "))
    assert [is_clearing(text) for text in ("（清空）", " (清空) ", "#清空", "", "-", "无")] == [True] * 3 + [
        False
    ] * 3


def test_i15_spelling_is_kept_as_it_is_written(opened):
    row = next(opened("企业名称,代码\n演示（甲）\u3000公司 ,９１３３\n").table().rows)
    assert row.cells == ("演示（甲）\u3000公司 ", "９１３３")
