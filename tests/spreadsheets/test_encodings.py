"""Cases I1-I4: bytes of any origin become the names that were written."""

from __future__ import annotations

import pytest

from crm.domain.errors import RefusedError

LIST = "企业名称,所在区县\r\n绍兴演示机电有限公司,越城区\r\n"


def names(workbook):
    return [row.cells[0] for row in workbook.table().rows]


def test_i1_gb18030_from_chinese_excel_keeps_names_and_says_its_encoding(sample):
    workbook = sample("list_gb18030.csv")
    assert workbook.encoding == "gb18030"
    assert names(workbook)[3] == "演示喆㐂生物有限公司"


def test_i2_byte_order_mark_is_not_part_of_the_first_heading(opened, sample):
    assert sample("list_utf8_bom.csv").table().headers[0] == "企业名称"
    assert opened("\ufeff\ufeff" + LIST).table().headers[0] == "企业名称"


def test_i3_unicode_text_is_read(opened, sample):
    assert names(sample("list_unicode_text.txt"))[0] == "绍兴演示机电（集团）有限公司"
    for codec in ("utf-16-le", "utf-16-be"):
        workbook = opened(LIST.replace(",", "\t").encode(codec))
        assert (workbook.encoding, names(workbook)) == (codec, ["绍兴演示机电有限公司"])


def test_i4_two_chinese_names_at_the_end_of_an_ascii_file_decide_its_encoding(opened):
    ascii_rows = "".join(f"Demo Company {number},x\r\n" for number in range(3000))
    text = "name,企业名称\r\n" + ascii_rows + "演示甲公司,乙\r\n演示丙公司,丁\r\n"
    text = text.replace("name,企业名称", "name,district")
    workbook = opened(text.encode("gbk"))
    rows = list(workbook.table(header_row=1).rows)
    assert workbook.encoding == "gb18030"
    assert rows[-1].cells == ("演示丙公司", "丁")


def test_bytes_that_fit_no_encoding_are_asked_about_with_the_line(opened):
    broken = LIST.encode() + "演示公司,柯桥".encode()[:-1] + b"\r\n"
    with pytest.raises(RefusedError) as refused:
        opened(broken)
    assert (refused.value.field, refused.value.reason) == ("encoding", "encoding_unsure")
    assert refused.value.values["line"] == 3


def test_big5_is_asked_about_rather_than_read_as_rare_characters(opened):
    data = "企業名稱,縣市\r\n紹興演示機電有限公司,紹興縣\r\n諸暨演示環保科技有限公司,諸暨縣\r\n".encode(
        "big5"
    )
    with pytest.raises(RefusedError, match="encoding_unsure"):
        opened(data)
    assert opened(data, encoding="big5").table(header_row=1).headers[0] == "企業名稱"


def test_a_chosen_encoding_is_the_only_one_tried(opened):
    assert opened(LIST.encode("gbk"), encoding="GBK").encoding == "gb18030"
    with pytest.raises(RefusedError, match="file_undecodable"):
        opened(LIST.encode("gbk"), encoding="utf-8")
    with pytest.raises(RefusedError, match="encoding_unknown"):
        opened(LIST, encoding="klingon")


def test_binary_data_is_not_taken_for_text(opened):
    with pytest.raises(RefusedError, match=r"file_unknown|encoding_unsure"):
        opened(bytes(range(256)) * 20, "名单.csv")
