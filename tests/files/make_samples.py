"""Writes the dirty sample files beside it: `python tests/files/make_samples.py`; every firm is invented."""

from __future__ import annotations

import struct
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import xlwt
from stdnum.cn import uscc

HERE = Path(__file__).parent
HEADERS = ["企业名称", "统一社会信用代码", "所在区县", "注册日期"]


def code(number: int) -> str:
    """A credit code with a right check character, of a serial no real firm has (MADEM…)."""
    body = f"91330602MADEM{number:04d}"
    return body + uscc.calc_check_digit(body)


FIRMS = [
    ["绍兴演示机电（集团）有限公司", code(1), "越城区", "2015-03-02"],
    ["演示 纺织科技有限公司", code(2), "柯桥区", "2018年7月9日"],
    ["诸暨演示环保(中国)有限公司", code(3), "诸暨市", "2020.1.15"],
    ["演示喆㐂生物有限公司", code(4), "新昌县", "20210601"],
]


def delimited(separator: str = ",", end: str = "\r\n") -> str:
    """The invented list as text."""
    return end.join(separator.join(row) for row in [HEADERS, *FIRMS]) + end


def titled_workbook(path: Path) -> None:
    """Title, unit note, heading in two merged lines, rows (one hidden), total, note, signature."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "高企名单"
    rows = [
        ["2024年度演示企业名单"],
        ["单位：万元"],
        ["序号", "企业名称", "统一社会信用代码", "证书", None, "研发费用", None],
        [None, None, None, "证书编号", "发证日期", "2022年", "2023年"],
        [1, FIRMS[0][0], FIRMS[0][1], "GR202433000001", date(2024, 12, 6), 120.5, 0.1 + 0.2],
        [2, FIRMS[1][0], FIRMS[1][1], "GR202433000002", "2024年12月6日", None, 98],
        [3, FIRMS[2][0], FIRMS[2][1], "GR202433000003", "2024.12.6", 3, 4],
        ["合  计", None, None, None, None, "=SUM(F5:F7)", 102.3],
        ["备注：名单以公告为准"],
        ["填报单位（盖章）：演示局", None, None, "填报人：演示"],
    ]
    for row in rows:
        sheet.append(row)
    for area in ("A1:G1", "A2:G2", "A3:A4", "B3:B4", "C3:C4", "D3:E3", "F3:G3"):
        sheet.merge_cells(area)
    sheet.row_dimensions[6].hidden = True
    book.save(path)


def counties_workbook(path: Path) -> None:
    """One sheet a county, one hidden."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for county, firm in (("越城区", FIRMS[0]), ("柯桥区", FIRMS[1]), ("旧名单", FIRMS[2])):
        sheet = book.create_sheet(county)
        sheet.append(HEADERS)
        sheet.append(firm)
    book["旧名单"].sheet_state = "hidden"
    book.save(path)


def old_workbook(path: Path) -> None:
    """BIFF, as Excel 97-2003 and many reporting systems write it."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("名单", cell_overwrite_ok=True)
    for line, row in enumerate([HEADERS, *FIRMS]):
        for column, value in enumerate(row):
            sheet.write(line, column, value)
    sheet.write(1, 3, date(2015, 3, 2), xlwt.easyxf(num_format_str="yyyy-mm-dd"))
    book.save(str(path))


def protected_workbook(path: Path) -> None:
    """The outer shape of a workbook with an opening password: a compound file with an EncryptedPackage."""
    free, end, special = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    header = struct.pack(
        "<8s16sHHHHH6xIIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"",
        *(0x3E, 3, 0xFFFE, 9, 6),
        *(0, 1, 1, 0, 4096, end, 0, end, 0, 0),
    )
    header += struct.pack("<108I", *([free] * 108))
    table = struct.pack("<128I", special, end, *([free] * 126))

    def entry(name: str, kind: int, left: int, right: int, child: int) -> bytes:
        raw = name.encode("utf-16-le")
        links = struct.pack("<HBBIII", len(raw) + 2, kind, 1, left, right, child)
        return raw.ljust(64, b"\0") + links + b"\0" * 36 + struct.pack("<IQ", end, 0)

    directory = entry("Root Entry", 5, free, free, 2) + entry("EncryptionInfo", 2, free, free, free)
    directory += entry("EncryptedPackage", 2, 1, free, free) + b"\0" * 128
    path.write_bytes(header[:512] + table + directory)


def web_table() -> str:
    """What a reporting system calls "export to Excel"."""
    cells = ["".join(f"<td>{value}</td>" for value in row) for row in [HEADERS, *FIRMS]]
    rows = "".join(f"<tr>{row}</tr>\n" for row in cells)
    head = '<head><meta charset="gbk"><style>td{}</style></head>'
    return f"<html>{head}<body><table>{rows}</table></body></html>"


def main() -> None:
    """Write every sample."""
    (HERE / "list_gb18030.csv").write_bytes(delimited().encode("gb18030"))
    (HERE / "list_utf8_bom.csv").write_bytes(delimited(end="\n").encode("utf-8-sig"))
    (HERE / "list_unicode_text.txt").write_bytes(delimited("\t").encode("utf-16"))
    (HERE / "list_csv_named.xlsx").write_bytes(delimited().encode())
    (HERE / "list_html_named.xls").write_bytes(web_table().encode("gb18030"))
    (HERE / "list_pdf_named.xlsx").write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    titled_workbook(HERE / "list_titled.xlsx")
    counties_workbook(HERE / "list_by_county.xlsx")
    old_workbook(HERE / "list_old.xls")
    protected_workbook(HERE / "list_protected.xlsx")
    with zipfile.ZipFile(HERE / "list_in_archive.zip", "w") as archive:
        archive.writestr("名单.csv", delimited())


if __name__ == "__main__":
    main()
