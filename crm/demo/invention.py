"""Invent firms: pure, the same for the same number and day; what becomes of them stands in other modules."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from stdnum.cn import uscc

from crm.demo.words import (
    BRANCH_PLACES,
    CURATED,
    FORMS,
    PEOPLE_SIGNS,
    PLACES,
    SHARES,
    SIGNS,
    TOWNSHIPS,
    TRADES,
    UNITS,
)
from crm.domain.firm_name import is_branch

DEFAULT_FIRMS = 240
MOST_FIRMS = 50_000


@dataclass(frozen=True)
class InventedContact:
    """One person of a firm; bounced: mail to the address came back."""

    name: str
    phone: str | None
    email: str | None
    bounced: bool = False


@dataclass(frozen=True)
class InventedFirm:
    """One firm as it is to be taken in.

    values: columns of a new firm by name, without the ids of places. former: (name, last day of it).
    climb: how far it has come: none, past, sme, hnte, leading. archive_reason: None where it is not archived.
    """

    index: int
    county: str
    township: str | None
    unit: str | None
    values: dict[str, Any]
    former: tuple[str, date] | None
    contacts: tuple[InventedContact, ...]
    climb: str
    archive_reason: str | None

    @property
    def name(self) -> str:
        return str(self.values["name"])

    @property
    def registered_on(self) -> date:
        found: date = self.values["registered_on"]
        return found

    @property
    def is_branch(self) -> bool:
        return is_branch(self.name)


def code_of(index: int) -> str:
    """An invented code that passes the check: 330699 is no registration authority, DEM no organisation."""
    stem = f"91330699DEM{index:06d}"
    return stem + str(uscc.calc_check_digit(stem))


def invent(count: int, day: date) -> Iterator[InventedFirm]:
    """Firms of all six counties, of every texture; day: the one that counts as today."""
    rng = random.Random(f"演示 {count}")
    taken: set[str] = {name for name, _, _ in CURATED}
    for index in range(1, count + 1):
        if index <= len(CURATED):
            name, county, township = CURATED[index - 1]
            trade = next((t for t in TRADES if t[0] in name), TRADES[0])
        else:
            county = rng.choices(list(SHARES), list(SHARES.values()))[0]
            township = rng.choice(TOWNSHIPS[county]) if rng.random() < 0.86 else None
            trade = rng.choice(TRADES)
            name = _name(rng, county, trade[0], taken)
        yield _firm(rng, index, day, name, county, township, trade)


def _name(rng: random.Random, county: str, trade: str, taken: set[str]) -> str:
    while True:
        form = rng.choices([f for f, _ in FORMS], (60, 20, 10, 10))[0]
        word = rng.choice(SIGNS) + rng.choice(SIGNS)
        place = rng.choice(PLACES[county])
        name = f"{place}演示{word}{trade}{form}"
        texture = rng.random()
        if texture < 0.06:
            name = f"演示{word}（{place.removesuffix('县').removesuffix('市')}）{trade}{form}"
        elif texture < 0.08:
            name = f"浙江演示{word}{trade}有限公司{BRANCH_PLACES[county]}分公司"
        if name not in taken:
            taken.add(name)
            return name


def _firm(
    rng: random.Random,
    index: int,
    day: date,
    name: str,
    county: str,
    township: str | None,
    trade: tuple[str, str, str],
) -> InventedFirm:
    branch = is_branch(name)
    climb = "none" if branch else rng.choices(_CLIMBS, _SHARES if trade[2] else _SHARES_PLAIN)[0]
    if 1 <= index <= len(_FIRST_CLIMBS):
        climb = _FIRST_CLIMBS[index - 1]
    # old enough for what it has reached
    youngest = {"leading": 12, "hnte": 7, "past": 6, "sme": 2, "none": 0}[climb]
    age = youngest * 365 + rng.randrange(80, 365 * 14)
    values = {
        "name": name,
        "code": _code(rng, index, climb),
        "registered_on": day - timedelta(days=age),
        "firm_type": "有限责任公司分公司" if branch else _type_of(rng, name),
        "registered_capital": None if branch else Decimal(rng.choice(_CAPITALS)),
        "capital_currency": None if branch else "CNY",
        "industry": trade[1],
        "hnte_field": trade[2] or None,
        "business_scope": f"演示数据：{trade[0]}的研发、生产与销售，技术咨询，货物进出口。",
    }
    former = None
    if index in (2, 11) or (index > len(CURATED) and rng.random() < 0.05):
        former = (_former(name, trade[0]), day - timedelta(days=rng.randrange(40, 1400)))
    archived = index > len(CURATED) and climb in ("none", "past") and rng.random() < 0.04
    return InventedFirm(
        index=index,
        county=county,
        township=township,
        unit=rng.choice(UNITS[county]) if rng.random() < 0.3 else None,
        values=values,
        former=former,
        contacts=_contacts(rng, index, climb),
        climb=climb,
        archive_reason=rng.choice(("已注销", "已迁出绍兴市")) if archived else None,
    )


def _type_of(rng: random.Random, name: str) -> str:
    return rng.choice([kind for ending, kind in FORMS if name.endswith(ending)] or [FORMS[0][1]])


_CAPITALS = (50, 100, 200, 500, 508, 1000, 2000, 3000, 5180, 12000)  # 万元
_CLIMBS = ("leading", "hnte", "past", "sme", "none")
_SHARES = (3, 30, 7, 38, 22)
_SHARES_PLAIN = (0, 4, 3, 18, 75)
# What the screens of the first firms are to show, whatever the dice say.
_FIRST_CLIMBS = (
    "hnte",
    "sme",
    "past",
    "leading",
    "hnte",
    "hnte",
    "sme",
    "hnte",
    "hnte",
    "sme",
    "leading",
    "leading",
    "sme",
    "hnte",
    "none",
    "hnte",
)


def _former(name: str, trade: str) -> str:
    """What it was called before: 演示 stays in it."""
    older = (
        name.replace("股份有限公司", "有限公司")
        if "股份" in name
        else name.replace(trade, trade[:2] + "制造")
    )
    return older if older != name else name.replace("演示", "演示老")


def _code(rng: random.Random, index: int, climb: str) -> str | None:
    code = code_of(index)
    if index == 15 or (climb == "none" and rng.random() < 0.05):
        return None
    if index == 13 or (index > 60 and rng.random() < 0.008):
        # one character read wrongly, as lists have it: the check character no longer fits
        return code[:-1] + ("1" if code[-1] != "1" else "2")
    return code


def _contacts(rng: random.Random, index: int, climb: str) -> tuple[InventedContact, ...]:
    """Numbers nobody has (0575-0…), addresses under a name kept for tests."""
    if climb == "none" and rng.random() < 0.5:
        return ()
    found = []
    for place in range(1 if rng.random() < 0.75 else 2):
        sign = PEOPLE_SIGNS[(index + place) % len(PEOPLE_SIGNS)]
        email = f"contact{index}-{place + 1}@example.test" if rng.random() < 0.8 else None
        phone = f"0575-0{index % 1_000_000:06d}{place}" if rng.random() < 0.9 or email is None else None
        bounced = place == 0 and email is not None and (index == 6 or rng.random() < 0.01)
        found.append(InventedContact(f"演示联系人{sign}", phone, email, bounced))
    return tuple(found)
