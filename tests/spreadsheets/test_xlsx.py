"""Cases I5, I6, I7, I10, I11, I14: what a workbook holds beside the text one sees."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from crm.domain.errors import RefusedError
from crm.domain.units import parse_date
from crm.spreadsheets.cells import NoValue
from crm.spreadsheets.xlsx_formats import Formats, effect_of


def cells(workbook, column=1):
    return [row.cells[column] for row in workbook.table().rows]


def test_i5_a_code_with_leading_zeros_as_number_and_as_text(opened, book):
    sheet = book(["企业名称", "证券代码"], ["演示甲", 411], ["演示乙", "000411"], ["演示丙", 411])
    sheet.active["B2"].number_format = "000000"
    sheet.active["B4"].number_format = '000000;@"[x]"'
    assert cells(opened(sheet, "名单.xlsx")) == ["000411", "000411", "000411"]


def test_i6_one_day_however_it_is_written(opened, book):
    written = [
        date(2024, 3, 5),
        "2024年3月5日",
        "2024.3.5",
        "20240305",
        "2024/3/5 0:00:00",
        45356,
        datetime(2024, 3, 5),
    ]
    sheet = book(["企业名称", "发证日期"], *[["演示甲", value] for value in written])
    sheet.active["B2"].number_format = 'yyyy"年"m"月"d"日";@'
    found = cells(opened(sheet, "名单.xlsx"))
    assert found[0] == date(2024, 3, 5)
    assert {parse_date(cell) for cell in found} == {date(2024, 3, 5)}


def test_i6_a_month_is_not_turned_into_its_first_day(opened, book):
    sheet = book(
        ["企业名称", "发证日期"],
        ["演示甲", date(2024, 3, 1)],
        ["演示乙", "2024年3月"],
        ["演示丙", "03/04/24"],
    )
    sheet.active["B2"].number_format = 'yyyy"年"m"月";@'
    found = cells(opened(sheet, "名单.xlsx"))
    assert found[0] == "2024年3月"
    for cell in found:
        with pytest.raises(RefusedError, match="date_ambiguous"):
            parse_date(cell)


def test_i7_impossible_days_stay_what_they_are_and_other_rows_go_on(opened, book):
    sheet = book(
        ["企业名称", "日期"],
        ["演示甲", 0],
        ["演示乙", "21019-01-31"],
        ["演示丙", 99_999_999],
        ["演示丁", "好"],
    )
    for line in (2, 4):
        sheet.active[f"B{line}"].number_format = "yyyy-mm-dd"
    assert cells(opened(sheet, "名单.xlsx")) == ["0", "21019-01-31", "99999999", "好"]


def test_formats_of_chinese_excel_and_both_epochs():
    assert [effect_of(number, None) for number in (14, 31, 58, 57, 20, 0, 4)] == [
        *("day", "day", "day", "month", "time", None, None)
    ]
    codes = ["[$-804]yyyy/m/d;@", "0.00%", "#,##0", "00000", '"第"0', "General", "mm/dd/yy", "h:mm", "m月d日"]
    assert [effect_of(170, code) for code in codes] == [
        "day",
        None,
        None,
        5,
        None,
        None,
        "day",
        "time",
        "day",
    ]
    assert Formats({"1": "day"}, date_1904=True).show("1", "43894") == date(2024, 3, 5)
    assert Formats({"1": "day"}).show("1", "60") == "60"
    assert Formats({"1": "day"}).show("1", "59") == date(1900, 2, 28)


def test_i10_sheets_are_listed_and_none_is_taken_unasked(sample):
    workbook = sample("list_by_county.xlsx")
    assert [(sheet.name, sheet.hidden) for sheet in workbook.sheets] == [
        *(("越城区", False), ("柯桥区", False), ("旧名单", True))
    ]
    with pytest.raises(RefusedError) as refused:
        workbook.table()
    assert (refused.value.reason, refused.value.values["sheets"]) == ("sheet_choice", "越城区、柯桥区")
    assert [row.cells[2] for row in workbook.table("柯桥区").rows] == ["柯桥区"]
    with pytest.raises(RefusedError, match="sheet_unknown"):
        workbook.table("嵊州市")


def test_empty_sheets_of_a_new_workbook_ask_no_question(opened, book):
    sheet = book(["企业名称"], ["演示甲"])
    sheet.create_sheet("Sheet2")
    assert opened(sheet, "名单.xlsx").table().sheet == "名单"


def test_i10_hidden_and_filtered_rows_are_read_and_counted(sample):
    table = sample("list_titled.xlsx").table()
    assert (table.hidden_rows, [row.number for row in table.rows if row.hidden]) == (1, [6])


def test_i11_a_formula_without_a_value_is_told_and_not_empty(opened, book):
    sheet = book(["企业名称", "数", "文"], ["演示甲", "=1+1", "x"])
    assert cells(opened(sheet, "名单.xlsx")) == [NoValue("formula_no_value")]


def test_a_formula_that_gives_empty_text_is_empty(opened, book, repacked):
    def cached(xml: bytes) -> bytes:
        return xml.replace(b'<c r="B2"><f>1+1</f><v />', b'<c r="B2" t="str"><f>""</f><v></v>').replace(
            b'<c r="B2"><f>1+1</f><v></v>', b'<c r="B2" t="str"><f>""</f><v></v>'
        )

    data = repacked(book(["企业名称", "数"], ["演示甲", "=1+1"]), {"xl/worksheets/sheet1.xml": cached})
    assert cells(opened(data, "名单.xlsx")) == [""]


@pytest.mark.parametrize("styles", [None, b"<styleSheet><cellXfs><xf numFmtId='no'", b""])
def test_i14_missing_or_broken_styles_still_give_values(opened, book, repacked, styles):
    data = repacked(book(["企业名称", "数"], ["演示甲", 1.5]), {"xl/styles.xml": styles})
    assert cells(opened(data, "名单.xlsx")) == ["1.5"]


def test_i14_a_style_that_does_not_exist_still_gives_the_value(opened, book, repacked):
    def styled(xml: bytes) -> bytes:
        return xml.replace(b'<c r="B2"', b'<c r="B2" s="9999"')

    data = repacked(book(["企业名称", "数"], ["演示甲", 7]), {"xl/worksheets/sheet1.xml": styled})
    assert cells(opened(data, "名单.xlsx")) == ["7"]


def test_numbers_read_as_they_are_shown_and_lost_digits_are_told(opened, book):
    sheet = book(
        ["企业名称", "数"], *[["演示", value] for value in (0.1 + 0.2, 1e7, -3.5, 913306217324288971, True)]
    )
    found = cells(opened(sheet, "名单.xlsx"))
    assert found[:3] == ["0.3", "10000000", "-3.5"]
    assert found[3].reason == "digits_lost"
    assert found[4] == "TRUE"


def test_error_values_are_told(opened, book):
    sheet = book(["企业名称", "数"], ["演示", "#N/A"])
    assert cells(opened(sheet, "名单.xlsx")) == [NoValue("cell_error", "#N/A")]


def test_shared_texts_are_joined_from_their_runs_without_phonetic_guides(opened, book, repacked):
    shared = (
        '<x:sst xmlns:x="s"><x:si><x:t>企业名称</x:t></x:si><x:si><x:r><x:t>演示</x:t></x:r>'
        '<x:r><x:t xml:space="preserve"> 甲_x000D_</x:t></x:r>'
        '<x:rPh sb="0" eb="1"><x:t>yan</x:t></x:rPh></x:si></x:sst>'
    )
    sheet = (
        '<x:worksheet xmlns:x="s"><x:sheetData><x:row><x:c t="s"><x:v>0</x:v></x:c></x:row>'
        '<x:row><x:c t="s"><x:v>1</x:v></x:c><x:c t="s"><x:v>99</x:v></x:c></x:row>'
        "</x:sheetData></x:worksheet>"
    )
    members = {"xl/sharedStrings.xml": shared.encode(), "xl/worksheets/sheet1.xml": sheet.encode()}
    workbook = opened(repacked(book(), members), "名单.xlsx")
    assert [(row.number, row.cells) for row in workbook.table().rows] == [(2, ("演示 甲\r",))]
    assert workbook.sheets[0].rows == 2
