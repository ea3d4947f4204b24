"""Finding the heading row of a list, and telling titles, notes and totals from its firms."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from crm.spreadsheets.cells import Cell, RawRow, is_blank, text_of

# Headings that any official list has; a feature names its own beside them.
_NAME_TITLES = frozenset({"企业名称", "单位名称", "公司名称"})
COMMON_TITLES = _NAME_TITLES | {
    *("序号", "名称", "统一社会信用代码", "社会信用代码", "信用代码", "组织机构代码", "证书编号", "登记编号"),
    *("发证日期", "有效期至", "注册日期", "所在地", "所在区县", "所属区县", "备注", "联系人", "联系电话"),
}
_NAME_WEIGHT = 5
JOINT = " / "  # between the upper and lower line of a heading, as in 证书 / 证书编号
SEARCHED_ROWS = 60

_SPACES = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+")
_REQUIRED_MARK = re.compile(r"^[*※]+|[*※]+$|\((必填|选填|必填项)\)")
_TOTAL = re.compile(r"(合计|总计|小计|共计|累计|本页小计|全[市县区]合计)([:(\d].*)?")
_NOTE = re.compile(
    r"(备注|注|说明|附注|填表说明|数据来源|联系人|联系电话|负责人|日期|审核|复核)\d*[:、.].*"
    r"|(填报单位|填报人|填表人|填表单位|制表人|制表单位|制表|审核人|复核人|单位负责人|填报日期|填表日期|报送日期|报送单位)([:(].*)?"
)


def heading_key(heading: str) -> str:
    """Headings that differ only in width, spaces, line breaks or marks of a required field have one key."""
    text = _SPACES.sub("", unicodedata.normalize("NFKC", heading)).casefold()
    return _REQUIRED_MARK.sub("", text)


_FOOTER_STARTS = frozenset("合总小共累本全备注说附填数联负日审复制单报")


@dataclass(frozen=True)
class Heading:
    """row: number of the (upper) heading row; lines: 1 or 2; headers: one a column, lines joined."""

    row: int
    lines: int
    headers: tuple[str, ...]


def footer_reason(cells: Sequence[Cell]) -> str | None:
    """ "total" or "note" where a row closes a list instead of naming a firm, else None."""
    texts = [text_of(cell).strip() for cell in cells[:4] if not is_blank(cell)][:2]
    # most rows are firms, and normalising each of them would cost more than reading it
    if not any(text[0] in _FOOTER_STARTS for text in texts if text):
        return None
    keys = [heading_key(text) for text in texts]
    if any(_TOTAL.fullmatch(key) for key in keys):
        return "total"
    return "note" if _NOTE.fullmatch(keys[0]) else None


def find_heading(rows: Sequence[RawRow], titles: Collection[str], header_row: int | None) -> Heading | None:
    """The heading among the first rows of a sheet, or None where no row holds a known title.

    rows: the first rows, blank ones left out. titles: heading keys that the reader knows.
    header_row: the caseworker's choice, which is taken as it is.
    """
    place: int | None
    if header_row is not None:
        place = next((place for place, row in enumerate(rows) if row.number == header_row), None)
    else:
        scores = [_score(row, titles) for row in rows]
        place = scores.index(max(scores)) if any(scores) else None
    if place is None:
        return None
    upper = rows[place]
    below = rows[place + 1] if place + 1 < len(rows) else None
    if below is not None and _continues(upper, below, titles):
        return Heading(upper.number, 2, _joined(upper.cells, below.cells))
    above = rows[place - 1] if place and header_row is None else None
    if above is not None and above.number == upper.number - 1 and _groups(above, upper):
        return Heading(above.number, 2, _joined(above.cells, upper.cells))
    return Heading(upper.number, 1, tuple(printed(text_of(cell)) for cell in upper.cells))


def printed(heading: str) -> str:
    """The heading on one line."""
    return _SPACES.sub(" ", heading).strip().replace("\u3000", " ")


def _score(row: RawRow, titles: Collection[str]) -> int:
    """Known titles in the row; a column for the name weighs most, for a list without one is not of firms."""
    keys = {heading_key(text_of(cell)) for cell in row.cells if isinstance(cell, str) and cell}
    bare = {key.partition("(")[0] for key in keys}
    known = sum(1 for key in keys | bare if key in titles or key in COMMON_TITLES)
    return known + (_NAME_WEIGHT if _NAME_TITLES & (keys | bare) else 0)


def _filled(row: RawRow) -> list[int]:
    return [index for index, cell in enumerate(row.cells) if not is_blank(cell)]


def _continues(upper: RawRow, below: RawRow, titles: Collection[str]) -> bool:
    """Whether the row below is the second line of a heading whose upper cells are merged.

    Then the column of the name is empty there (merged downwards), and it holds titles, not values, under a
    cell that is merged across: at least one column has its title in the lower line only.
    """
    if below.number != upper.number + 1:
        return False
    known = COMMON_TITLES | set(titles)
    top, low = _filled(upper), _filled(below)
    lower_only = [index for index in low if index not in top]
    covered = [index for index in top if index not in low]
    if not lower_only or not covered or len(low) < 2:
        return False
    if any(
        not isinstance(below.cells[index], str) or _is_value(text_of(below.cells[index])) for index in low
    ):
        return False
    if footer_reason(below.cells):
        return False
    under_known = [index for index in covered if heading_key(text_of(upper.cells[index])) in known]
    return bool(under_known)


def _groups(above: RawRow, row: RawRow) -> bool:
    """Whether the row above tells equal headings of this row apart (2023年, 2024年 over the same figures)."""
    keys = Counter(heading_key(text_of(cell)) for cell in row.cells if not is_blank(cell))
    return max(keys.values(), default=0) > 1 and len(_filled(above)) > 1


def _is_value(text: str) -> bool:
    return bool(re.fullmatch(r"[\d.,/%:-]+", text.strip())) or len(text) > 40


def _joined(upper: Sequence[Cell], lower: Sequence[Cell]) -> tuple[str, ...]:
    """Both lines a column; a merged upper cell stands over the lower titles to its right, too."""
    headers = []
    group = ""
    for index in range(max(len(upper), len(lower))):
        top = printed(text_of(upper[index])) if index < len(upper) else ""
        low = printed(text_of(lower[index])) if index < len(lower) else ""
        if top:
            group = top if low else ""
        headers.append(JOINT.join(part for part in (top or (group if low else ""), low) if part))
    return tuple(headers)
