"""Pages of the list: exact, stable while others write, as many statements for 200 rows as for 10."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from crm.firms import listing, use_cases
from crm.firms.filters import Filters
from tests.factories.firms import make_firm
from tests.statements import count_statements

TODAY = date(2026, 3, 2)


def all_pages(actor, filters: Filters, size: int = 4) -> list[int]:
    ids, after = [], None
    while True:
        page = listing.firm_page(actor, filters, TODAY, after=after, size=size)
        ids += [row.id for row in page.rows]
        if page.after is None:
            return ids
        after = page.after


@pytest.mark.both_databases
@pytest.mark.parametrize("sort", ["due", "name", "new"])
def test_pages_hold_every_firm_once_and_lead_back(cast, sort):
    firms = [make_firm(cast.officer, name=f"演示{word}有限公司") for word in "轴承纺织锦马安昌新和瑞丰"]
    use_cases.set_next_due({f.id: (date(2026, 5, 1 + f.id % 3), "sme_update") for f in firms[:6]})
    filters = Filters(sort=sort)
    ids = all_pages(cast.officer, filters)
    assert sorted(ids) == sorted(firm.id for firm in firms)
    second = listing.firm_page(
        cast.officer,
        filters,
        TODAY,
        after=listing.firm_page(cast.officer, filters, TODAY, size=4).after,
        size=4,
    )
    back = listing.firm_page(cast.officer, filters, TODAY, before=second.before, size=4)
    assert [row.id for row in back.rows] == ids[:4] and back.before is None
    assert second.total == len(firms)


def test_a_firm_that_comes_meanwhile_shifts_nothing(cast):
    for word in "乙丙丁戊己庚":
        make_firm(cast.officer, name=f"{word}演示有限公司")
    filters = Filters(sort="name")
    first = listing.firm_page(cast.officer, filters, TODAY, size=3)
    expected = all_pages(cast.officer, filters, size=3)[3:]
    make_firm(cast.officer, name="阿演示有限公司")
    second = listing.firm_page(cast.officer, filters, TODAY, after=first.after, size=3)
    assert [row.id for row in second.rows] == expected


@pytest.mark.both_databases
def test_filters_and_their_counts_agree(cast):
    town = make_firm(cast.city, township="330603T01")
    bare = make_firm(cast.city, code=None)
    other = make_firm(cast.city, district="330681")
    use_cases.set_rung({bare.id: 2})
    use_cases.set_next_due({other.id: (TODAY + timedelta(days=30), "sme_update")})
    use_cases.assign_owner(cast.city, owner_id=cast.city.user_id, firm_ids=[town.id], today=TODAY)
    cases = {
        Filters(district=other.district_id): {other.id},
        Filters(township=town.township_id): {town.id},
        Filters(rung=2): {bare.id},
        Filters(owner="mine"): {town.id},
        Filters(owner="none"): {bare.id, other.id},
        Filters(owner=str(cast.city.user_id)): {town.id},
        Filters(code="missing"): {bare.id},
        Filters(due=30): {other.id},
        Filters(due=14): set(),
        Filters(state="archived"): set(),
    }
    for filters, expected in cases.items():
        page = listing.firm_page(cast.city, filters, TODAY)
        assert ({row.id for row in page.rows}, page.total) == (expected, len(expected)), filters
        for name in filters.active:
            assert page.counts[name] == len(expected), filters
    assert {row.id for row in listing.firm_page(cast.liaison, Filters(), TODAY).rows} == {town.id}
    assert listing.firm_page(cast.stranger, Filters(), TODAY).total == 1


def test_the_number_of_statements_does_not_grow(cast):
    counts = []
    for wanted in (10, 60):
        while listing.firm_page(cast.officer, Filters(), TODAY).total < wanted:
            make_firm(cast.officer)
        for filters in (Filters(), Filters(q="演示", due=90)):
            with count_statements() as sent:
                listing.firm_page(cast.officer, filters, TODAY, size=40)
            counts.append(len(sent))
    assert counts[:2] == counts[2:] and max(counts) <= 8


def test_an_address_without_sense_shows_the_plain_list(cast):
    make_firm(cast.officer)
    filters = Filters.read({"rung": "9", "district": "x", "owner": "'; --", "sort": "up", "due": "²"})
    assert filters == Filters()
    assert listing.firm_page(cast.officer, filters, TODAY, after="1~gestern").total == 1
    assert Filters.read(Filters(rung=0, owner="mine", q="a b").address()) == Filters(
        rung=0, owner="mine", q="a b"
    )
