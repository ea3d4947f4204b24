"""Case I13: a file is told by what it is, and refused with the way out."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from pathlib import Path

import pytest
import xlwt

from crm.domain.errors import RefusedError
from crm.spreadsheets.limits import Limits
from crm.spreadsheets.sentences import SENTENCES

FILES = Path(__file__).parent.parent / "files"


def refusal(action, *arguments, **options):
    with pytest.raises(RefusedError) as refused:
        action(*arguments, **options)
    assert refused.value.reason in SENTENCES
    return refused.value


def archive(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            target.writestr(name.replace("__", "/"), content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("list_pdf_named.xlsx", "file_pdf"),
        ("list_protected.xlsx", "file_password"),
        ("list_in_archive.zip", "file_archive"),
    ],
)
def test_i13_not_a_table(sample, name, reason):
    assert refusal(sample, name).reason == reason


@pytest.mark.parametrize(
    ("name", "kind"),
    [("list_csv_named.xlsx", "csv"), ("list_html_named.xls", "html"), ("list_old.xls", "xls")],
)
def test_i13_read_as_what_it_is(sample, name, kind):
    workbook = sample(name)
    assert workbook.kind == kind
    assert len(list(workbook.table().rows)) == 4
    assert [note.reason for note in workbook.notes] == ([] if kind == "xls" else ["file_is_really"])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "file_empty"),
        (b"\xef\xbb\xbf\r\n \r\n", "file_empty"),
        (b"PK\x03\x04 cut off", "file_damaged"),
        (archive(word__document_xml=b"x"), "file_word"),
        (archive(xl__workbook_bin=b"x"), "file_xlsb"),
        (archive(OFD_xml=b"x").replace(b"OFD_xml", b"OFD.xml"), "file_ofd"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 50, "file_image"),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
            "file_xml_spreadsheet",
        ),
        (b"<html><frameset></frameset></html>", "file_html_without_table"),
        (b"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n", "file_web_archive"),
    ],
)
def test_i13_each_is_named(opened, content, reason):
    assert refusal(opened, content, "名单.xlsx").reason == reason


def test_zip_bomb_is_refused_by_its_stated_sizes_before_it_is_unpacked(opened, book):
    bomb = archive(xl__workbook_xml=b"0" * 3_000_000)
    value = refusal(opened, bomb, "名单.xlsx", limits=Limits(unpacked_bytes=1_000_000))
    assert (value.reason, value.values["megabytes"]) == ("file_bomb", 3)
    many = archive(**{f"xl__{number}": b"" for number in range(30)})
    assert refusal(opened, many, "名单.xlsx", limits=Limits(members=20)).reason == "file_bomb"
    assert refusal(opened, b"x" * 100, limits=Limits(file_bytes=99)).reason == "file_too_large"


def test_entities_in_a_workbook_are_refused(opened, book, repacked):
    laughs = b'<!DOCTYPE s [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'

    def declared(xml: bytes) -> bytes:
        start = xml.index(b"?>") + 2 if xml.startswith(b"<?xml") else 0
        return xml[:start] + laughs + xml[start:]

    sheet = repacked(book(["企业名称"], ["演示甲"]), {"xl/worksheets/sheet1.xml": declared})
    assert refusal(lambda: opened(sheet, "名单.xlsx").table()).reason == "file_damaged"
    shell = repacked(book(["企业名称"], ["演示甲"]), {"xl/workbook.xml": declared})
    assert refusal(opened, shell, "名单.xlsx").reason == "file_damaged"


def test_one_stray_cell_at_the_far_corner_costs_nothing(opened, book):
    workbook = book(["企业名称"], ["演示甲"])
    workbook.active["XFD1048576"] = " "
    assert refusal(lambda: list(opened(workbook, "名单.xlsx").table().rows)).reason == "file_too_wide"


def test_web_table_with_spans_keeps_columns(opened):
    page = (
        "<table><tr><td colspan=3>演示名单<tr><th rowspan=2>企业名称<th colspan=2>证书"
        "<tr><th>证书编号<th>发证日期"
        "<tr><td>演示&amp;甲<td>GR1<td>2024-12-06</table>"
    )
    table = opened(page, "名单.xls").table()
    assert table.headers == ("企业名称", "证书 / 证书编号", "证书 / 发证日期")
    assert [row.cells for row in table.rows] == [("演示&甲", "GR1", "2024-12-06")]


def test_open_document_is_read_with_leading_zeros_hidden_sheets_and_gaps(opened):
    content = """<?xml version="1.0"?>
    <office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x" xmlns:style="s">
    <office:automatic-styles><style:style style:name="h"><style:table-properties table:display="false"/>
    </style:style></office:automatic-styles><office:body><office:spreadsheet>
    <table:table table:name="名单">
    <table:table-row><table:table-cell><text:p>企业名称</text:p></table:table-cell>
      <table:table-cell><text:p>代码</text:p></table:table-cell>
      <table:table-cell table:number-columns-repeated="16000"/></table:table-row>
    <table:table-row table:number-rows-repeated="600"><table:table-cell/></table:table-row>
    <table:table-row table:visibility="filter"><table:table-cell><text:p>演示甲</text:p></table:table-cell>
      <table:table-cell office:value-type="float" office:value="411"><text:p>000411</text:p>
      </table:table-cell><table:table-cell office:value-type="date" office:date-value="2024-03-05">
      <text:p>5/3</text:p></table:table-cell></table:table-row>
    <table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>
    </table:table>
    <table:table table:name="旧" table:style-name="h"><table:table-row><table:table-cell><text:p>x</text:p>
    </table:table-cell></table:table-row></table:table>
    </office:spreadsheet></office:body></office:document-content>""".strip()
    data = archive(mimetype=b"application/vnd.oasis.opendocument.spreadsheet")
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as target:
        target.writestr("content.xml", content)
    workbook = opened(out.getvalue(), "名单.ods")
    table = workbook.table()
    assert [(info.name, info.hidden) for info in workbook.sheets] == [("名单", False), ("旧", True)]
    row = next(table.rows)
    assert (row.number, row.cells[1], row.cells[2].isoformat()) == (602, "000411", "2024-03-05")
    assert table.hidden_rows == 1


def test_a_repeated_value_does_not_become_a_million_rows(opened):
    content = (
        '<d xmlns:table="t" xmlns:text="x"><table:table table:name="a"><table:table-row '
        'table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="900">'
        "<text:p>企业名称</text:p></table:table-cell></table:table-row></table:table></d>"
    )
    out = io.BytesIO(archive(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"))
    with zipfile.ZipFile(out, "a") as target:
        target.writestr("content.xml", content)
    assert refusal(lambda: opened(out.getvalue(), "名单.ods").table()).reason == "file_too_many_rows"


def test_altered_and_cut_files_are_refused_or_read_and_never_a_fault(opened):
    chance = random.Random(20241206)
    for path in sorted(FILES.glob("list_*")):
        for _ in range(4 if path.suffix == ".xls" else 25):
            data = bytearray(path.read_bytes())
            for _ in range(chance.randint(1, 6)):
                place = chance.randrange(len(data) or 1)
                data[place : place + chance.choice([1, 1, 1, 40])] = chance.randbytes(chance.randint(0, 3))
            try:
                workbook = opened(bytes(data), path.name)
                for sheet in workbook.sheets:
                    list(workbook.table(sheet.name).rows)
            except RefusedError as refused:
                assert refused.reason in SENTENCES


def test_an_old_workbook_that_claims_a_far_cell_ends_only_its_own_process(opened):
    book = xlwt.Workbook()
    sheet = book.add_sheet("名单")
    sheet.write(0, 0, "企业名称")
    sheet.write(65535, 255, 1.25)
    out = io.BytesIO()
    book.save(out)
    data = bytearray(out.getvalue())
    cell = data.index(struct.pack("<HHHH", 0x027E, 10, 65535, 255))  # the RK record of the second cell
    data[cell + 6 : cell + 8] = b"\xff\xff"
    with pytest.raises(RefusedError) as refused:
        list(opened(bytes(data), "名单.xls").table().rows)
    assert refused.value.reason == "file_damaged"
