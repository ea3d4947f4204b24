"""Delimiters, quotes and line ends of text files, and what spreadsheet programs leave in them."""

from __future__ import annotations

import pytest

from crm.domain.errors import RefusedError
from crm.spreadsheets.reading import NoValue


@pytest.mark.parametrize("separator", [",", "\t", ";"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_delimiter_and_line_end_are_found(opened, separator, end):
    text = (
        end.join(["标题，含逗号", separator.join(["企业名称", "备注"]), separator.join(["演示甲公司", "无"])])
        + end
    )
    table = opened(text).table()
    assert (table.header_row, [(row.number, row.cells) for row in table.rows]) == (
        2,
        [(3, ("演示甲公司", "无"))],
    )


def test_quoted_cells_hold_commas_quotes_and_line_breaks_and_count_as_one_row(opened):
    table = opened('企业名称,地址\r\n演示甲,"一路1号,\r\n""东""楼"\r\n演示乙,二路\r\n').table()
    assert [(row.number, row.cells[1]) for row in table.rows] == [(2, '一路1号,\r\n"东"楼'), (3, "二路")]


def test_an_open_quote_is_refused_with_its_row_instead_of_swallowing_the_rest(opened):
    workbook = opened('企业名称,地址\r\n演示甲,x\r\n演示乙,"未完\r\n演示丙,y\r\n')
    with pytest.raises(RefusedError) as refused:
        list(workbook.table().rows)
    assert (refused.value.reason, refused.value.values["row"]) == ("file_quote_broken", 3)


def test_a_row_with_more_cells_than_headings_is_marked(opened):
    rows = list(opened("企业名称,地址\r\n演示甲,一路,1号\r\n演示乙,二路,\r\n").table().rows)
    assert [row.problem for row in rows] == ["too_many_cells", None]


def test_separator_hint_of_excel_is_obeyed_and_not_read_as_a_row(opened):
    table = opened("sep=;\r\n企业名称;备注\r\n演示甲;a,b\r\n").table()
    assert (table.header_row, next(table.rows).cells) == (2, ("演示甲", "a,b"))


def test_what_excel_showed_instead_of_the_value_is_no_value(opened):
    row = next(opened("企业名称,代码,日期,数\r\n演示甲,9.13306E+17,########,#REF!\r\n").table().rows)
    assert [cell.reason for cell in row.cells[1:]] == ["digits_lost", "column_too_narrow", "cell_error"]
    assert isinstance(row.cells[1], NoValue)


def test_guards_of_our_own_files_and_text_formulas_come_undone(opened):
    text = '企业名称,代码,a,b\r\n\'=HYPERLINK(1),"=""000411""",000411\t,-5.2\r\n'
    assert next(opened(text).table().rows).cells == ("=HYPERLINK(1)", "000411", "000411", "-5.2")


def test_i12_rows_after_a_gap_of_600_blank_rows_are_read(opened, book):
    text = "企业名称,备注\r\n演示甲,1\r\n" + ",\r\n" * 600 + "演示乙,2\r\n"
    assert [row.number for row in opened(text).table().rows] == [2, 603]
    sheet = book(["企业名称", "备注"], ["演示甲", 1])
    sheet.active["A603"] = "演示乙"
    assert [row.number for row in opened(sheet, "名单.xlsx").table().rows] == [2, 603]
