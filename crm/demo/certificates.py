"""The certificates of an invented firm: chains, gaps, revocations, cohorts that all end on one day."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from crm.demo.invention import InventedFirm

# Days on which the main lists of Zhejiang bear their date (domain rules §0.11: 2023-12-08); others as usual.
COHORT_DAYS = {2017: (11, 13), 2018: (11, 30), 2019: (12, 4), 2020: (12, 1), 2021: (12, 16), 2022: (12, 24)}
USUAL_COHORT_DAY = (12, 8)
_SIDE = (
    ("innovative_sme", 20),
    ("specialised_sme", 10),
    ("technology_centre_zhejiang", 5),
    ("research_institute_zhejiang", 5),
    ("young_eagle", 3),
)
_SIDE_OF_LEADERS = (
    "little_giant",
    "hidden_champion_zhejiang",
    "key_research_institute_zhejiang",
    "tech_giant_zhejiang",
)


@dataclass(frozen=True)
class InventedGrant:
    """One grant to record. revoked: (first day without it, reason)."""

    firm: int
    scheme: str
    granted_on: date
    number: str | None
    cohort: str | None
    revoked: tuple[date, str] | None = None


def cohort_day(year: int) -> date:
    """Day of issue of the main HNTE list of a year."""
    return date(year, *COHORT_DAYS.get(year, USUAL_COHORT_DAY))


def certificates(firm: InventedFirm, day: date) -> Iterator[InventedGrant]:
    """All grants of one firm up to the day, by the length of its climb."""
    for grant in _climb(firm, day):
        if firm.registered_on <= grant.granted_on <= day:
            yield grant


def _climb(firm: InventedFirm, day: date) -> Iterator[InventedGrant]:
    rng = random.Random(f"演示证书 {firm.index}")
    if firm.climb == "none":
        return
    yield from _tech_sme(rng, firm, day)
    if firm.climb in ("hnte", "leading", "past"):
        yield from _hnte(rng, firm, day)
    if firm.climb == "leading":
        yield from _leading(rng, firm, day)
    for scheme, share in _SIDE:
        if firm.climb != "past" and rng.randrange(100) < share:
            granted = day - timedelta(days=rng.randrange(60, 1000))
            yield InventedGrant(firm.index, scheme, granted, None, f"{granted.year}年度")


def _hnte(rng: random.Random, firm: InventedFirm, day: date) -> Iterator[InventedGrant]:
    """A chain of three-year certificates; serials from 900001 are above any that Zhejiang has issued."""
    newest = day.year if cohort_day(day.year) <= day else day.year - 1
    # Three of ten end with this year's cohort: the cliff.
    ending = rng.choices((day.year - 3, newest, newest - 1), (4, 3, 3))[0]
    if firm.climb == "past":
        ending = day.year - rng.choice((4, 5))
    soon = None
    if firm.climb == "hnte" and firm.index % 23 in (1, 5):
        # a supplementary filing that ends within weeks of today, whatever the season
        soon = day + timedelta(days=(3, 9, 20, 34, 60)[firm.index % 5])
        ending = soon.year - 3
    years = [year for year in (ending - 6, ending - 3, ending) if year > firm.registered_on.year]
    if len(years) > 2 and rng.random() < 0.2:
        del years[-2]  # not recognised that time: a gap of three years
    numbered: set[int] = set()
    for year in years:
        granted, cohort = cohort_day(year), f"{year}年第一批"
        if rng.random() < 0.15:
            granted, cohort = date(year + 1, 4, 18), f"{year}年补充备案"
        if year == ending and soon is not None:
            granted, cohort = _years_before(soon, 3), f"{soon.year - 3}年补充备案"
        if granted > day:
            granted, cohort = cohort_day(year - 1), f"{year - 1}年第一批"
        if granted.year in numbered:
            continue
        numbered.add(granted.year)
        revoked = None
        if year == ending and firm.climb == "hnte" and firm.index % 37 == 9:
            from_ = date(day.year, 1, 1)
            if granted < from_:
                revoked = (from_, "复核发现年度研发费用占比不足，省认定办公告取消资格（演示）")
        yield InventedGrant(firm.index, "hnte", granted, _hnte_number(firm, granted.year), cohort, revoked)
    if (
        ending == day.year - 3
        and day.year not in numbered
        and firm.index % 3 == 0
        and date(day.year, 11, 10) <= day
    ):
        # renewed before the old certificate ends
        yield InventedGrant(
            firm.index, "hnte", date(day.year, 11, 6), _hnte_number(firm, day.year), f"{day.year}年第一批"
        )


def _hnte_number(firm: InventedFirm, year: int) -> str:
    return f"GR{year}33{900_000 + firm.index:06d}"


def _tech_sme(rng: random.Random, firm: InventedFirm, day: date) -> Iterator[InventedGrant]:
    """The national evaluation, a number a year, and the provincial recognition without end."""
    provincial = rng.random() < (0.7 if firm.climb == "sme" else 0.5)
    if provincial or firm.climb == "sme":
        year = max(firm.registered_on.year + 1, day.year - rng.randrange(1, 8))
        granted = date(year, *rng.choice(((5, 20), (12, 10))))
        if granted <= day and provincial:
            revoked = None
            if firm.index % 41 == 7 and granted.year < day.year - 1:
                revoked = (date(day.year, 3, 1), "累计两年未参加年度统计调查（演示）")
            yield InventedGrant(firm.index, "tech_sme_zhejiang", granted, None, f"{year}年", revoked)
        elif not provincial:
            yield from _numbers(rng, firm, day, last=day.year)
            return
    last = day.year - rng.choices((0, 1, 2), (70, 22, 8))[0]
    if firm.climb in ("past", "leading"):
        last = day.year - rng.choice((2, 3))
    yield from _numbers(rng, firm, day, last)


def _numbers(rng: random.Random, firm: InventedFirm, day: date, last: int) -> Iterator[InventedGrant]:
    years = 4 if firm.index <= 12 else rng.randrange(0, 5)
    first = max(firm.registered_on.year, last - years, 2018)
    for year in range(first, last + 1):
        if year < last and rng.random() < 0.1:
            continue
        granted = date(year, 7, 16) + timedelta(days=20 * rng.randrange(4))
        if granted > day:
            continue
        mark = "B" if year == firm.registered_on.year else "A"
        if granted < firm.registered_on:
            continue
        number = f"{year}{firm.county}{mark}8{900_000 + firm.index % 100_000:06d}"
        yield InventedGrant(
            firm.index, "tech_sme_national", granted, number, f"{year}年第{rng.randrange(1, 9)}批"
        )


def _leading(rng: random.Random, firm: InventedFirm, day: date) -> Iterator[InventedGrant]:
    """The title, five years; one of the old name 创新型领军企业 where the year still gives it."""
    if firm.index % 2 == 0:
        granted = max(date(2021, 12, 30), _years_before(day + timedelta(days=35), 5))
    else:
        granted = date(day.year - 1 - firm.index % 3, 12, 22)
    if granted < day:
        yield InventedGrant(firm.index, "leading_zhejiang", granted, None, f"{granted.year}年度")
    for scheme in rng.sample(_SIDE_OF_LEADERS, 2):
        granted = day - timedelta(days=rng.randrange(100, 900))
        yield InventedGrant(firm.index, scheme, granted, None, f"{granted.year}年度")


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)
