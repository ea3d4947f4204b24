"""Invented firms by number: any amount, the same every time, every name with 演示 in it."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from stdnum.cn import uscc

from crm.demo.words import BRANCH_PLACES, PLACES, SHARES, TOWNSHIPS, TRADES

# Signs that stand in names, the frequent first; two of them make a name, as in the register.
_SIGNS = (
    "华兴金盛宏鑫源达永恒瑞丰隆泰荣祥和顺昌茂裕润泽佳美嘉诚信德仁明光辉耀星辰宇航天海江湖山川峰林森松"
    "柏竹梅兰凤龙麟虎豹鹏鹰燕雁鹤鸿飞翔腾跃骏驰卓越优创智慧博文雅静安宁康健福禄喜乐欣悦利百万千亿富贵东"
    "南西北中正大力通联合立方圆锦绣彩虹旭晨晖曙朗清泉溪淼沐霖露雪冰洁玉珠宝银钻晶磊岩石玺琳瑜琪瑶"
)
_WEIGHTS = tuple(1 / (place + 8) for place in range(len(_SIGNS)))
_COUNTIES = tuple(SHARES)
_NAMES = {
    "330602": "越城区",
    "330603": "柯桥区",
    "330604": "上虞区",
    "330624": "新昌县",
    "330681": "诸暨市",
    "330683": "嵊州市",
}
_FIRST_DAY = date(1980, 1, 15)
LIST_ROWS = 7_074
LIST_COLUMNS = (
    "企业名称", "统一社会信用代码", "注册日期", "企业类型", "注册资本_万", "注册资本币种", "所在区县",
    "区县代码", "开发区线索", "乡镇街道", "信用代码登记机关码", "是否分支机构", "经营范围_截断80字",
)  # fmt: skip


@dataclass(frozen=True)
class Invented:
    """One firm. sign: the two characters that are its own; trade: as it stands in the name."""

    number: int
    name: str
    sign: str
    trade: str
    industry: str
    hnte_field: str | None
    code: str
    county: str
    township: str | None
    registered_on: date
    is_branch: bool


def code_of(number: int) -> str:
    """A code that passes the check: 330699 is no registration authority."""
    stem = f"91330699D{number:08d}"
    return stem + str(uscc.calc_check_digit(stem))


def invented(number: int) -> Invented:
    """The firm of that number."""
    rng = random.Random(number)
    county = rng.choices(_COUNTIES, list(SHARES.values()))[0]
    sign = "".join(rng.choices(_SIGNS, _WEIGHTS, k=2))
    trade, industry, field = rng.choice(TRADES)
    place = rng.choice(PLACES[county])
    name = f"{place}演示{sign}{trade}有限公司"
    if rng.random() < 0.08:
        name = f"演示{sign}（{place.removesuffix('县').removesuffix('市')}）{trade}股份有限公司"
    is_branch = rng.random() < 0.14
    if is_branch:
        name += f"{BRANCH_PLACES[county]}分公司"
    return Invented(
        number=number,
        name=name,
        sign=sign,
        trade=trade,
        industry=industry,
        hnte_field=field or None,
        code=code_of(number),
        county=county,
        township=rng.choice(TOWNSHIPS[county]) if rng.random() < 0.68 else None,
        registered_on=_FIRST_DAY + timedelta(days=rng.randrange(14_300)),
        is_branch=is_branch,
    )


def write_list(path: Path, rows: int = LIST_ROWS) -> None:
    """A list as the register gives it: the same columns, gaps and share of branches, no two names alike."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(LIST_COLUMNS)
        out.writerows(_list_row(firm) for firm in _distinct(rows))


def _distinct(count: int) -> Iterator[Invented]:
    taken: set[str] = set()
    number = 0
    while len(taken) < count:
        number += 1
        firm = invented(number)
        if firm.name not in taken:
            taken.add(firm.name)
            yield firm


def _list_row(firm: Invented) -> tuple[object, ...]:
    rng = random.Random(-firm.number)
    is_placed = rng.random() < 0.85
    capital = f"{rng.randrange(10, 5000)}" if rng.random() < 0.77 else ""
    return (
        firm.name,
        firm.code,
        firm.registered_on.isoformat(),
        rng.choice(("有限责任公司", "股份有限公司")) if rng.random() < 0.02 else "",
        capital,
        rng.choices(("CNY", "USD"), (94, 6))[0] if capital else "",
        _NAMES[firm.county] if is_placed else "",
        firm.county if is_placed else "",
        rng.choice(("经济开发区", "工业园区", "袍江")) if rng.random() < 0.11 else "",
        (firm.township or "") if is_placed else "",
        firm.code[2:8],
        "Y" if firm.is_branch else "N",
        f"演示数据：{firm.trade}的研发、生产与销售，技术咨询，货物进出口。"[:80],
    )
