"""Any part finds a firm, spelt in any width; the same on both databases, within the territory."""

from __future__ import annotations

from datetime import date

import pytest

from crm.firms import listing, searching, use_cases
from crm.firms.filters import Filters
from tests.factories.firms import make_firm, valid_code

TODAY = date(2026, 3, 2)


def found(actor, text: str) -> list[tuple[str, str]]:
    return [(firm.name, firm.hit.kind) for firm in searching.find(actor, text).firms]


@pytest.mark.both_databases
def test_any_part_finds_the_firm_and_says_what_matched(cast):
    name = "浙江演示（重庆）ＡＢ轴承有限公司"
    firm = make_firm(cast.officer, name=name, code=valid_code(77))
    make_firm(cast.officer, name="浙江演示别家纺织有限公司")
    use_cases.add_search_keys(firm.id, "certificate", "GR202133004862", 9)
    for text, kind in (
        ("轴", "name"),
        ("示（重", "name"),
        ("示(重", "name"),
        ("示〔重庆〕ab", "name"),
        ("ａｂ轴", "name"),
        (" 轴承 重庆 ", "name"),
        ("cqabzc", "initials"),
        (valid_code(77)[11:].lower(), "code"),
    ):
        assert found(cast.officer, text) == [(name, kind)], text
    assert [hit[0] for hit in found(cast.officer, "33004862")] == [name]
    assert found(cast.officer, "没有这家") == []
    assert found(cast.officer, "%") == found(cast.officer, "_") == found(cast.officer, "   ") == []
    assert found(cast.stranger, "轴承") == []


@pytest.mark.both_databases
def test_a_name_beyond_the_width_of_the_index_is_compared_whole(cast):
    long = "浙江演示" + "新材料与智能纺织装备联合研究开发及国际贸易进出口" * 2
    first, second = (
        make_firm(cast.officer, name=long + "甲公司"),
        make_firm(cast.officer, name=long + "乙公司"),
    )
    assert found(cast.officer, long + "甲") == [(first.name, "name")]
    assert searching.find(cast.officer, long).total == 2
    assert found(cast.officer, second.name) == [(second.name, "name")]


@pytest.mark.both_databases
def test_a_common_word_finds_the_same_by_walking(cast, monkeypatch):
    for number in range(12):
        make_firm(cast.officer, name=f"绍兴演示{number}纺织有限公司")
    make_firm(cast.officer, name="绍兴演示轴承厂")
    by_index = listing.firm_page(cast.officer, Filters(q="纺织"), TODAY)
    monkeypatch.setattr(searching, "COMMON_FOR_LIST", 5)
    monkeypatch.setattr(searching, "COMMON_FOR_BOX", 5)
    by_walk = listing.firm_page(cast.officer, Filters(q="纺织"), TODAY)
    assert by_index.total == by_walk.total == 12
    assert [row.id for row in by_index.rows] == [row.id for row in by_walk.rows]
    assert searching.find(cast.officer, "纺织").total == 12


def test_names_that_begin_with_the_text_come_first(cast):
    make_firm(cast.officer, name="阿演示锦马配件有限公司")
    make_firm(cast.officer, name="锦马演示有限公司")
    assert found(cast.officer, "锦马")[0][0] == "锦马演示有限公司"


def test_the_hit_is_marked_where_it_stands_in_print(cast):
    make_firm(cast.officer, name="绍兴演示（ＡＢ）有限公司")
    (firm,) = searching.find(cast.officer, "(ab)").firms
    assert [text for text, hit in firm.hit.pieces if hit] == ["（ＡＢ）"]
    (firm,) = searching.find(cast.officer, "ysab").firms
    assert [text for text, hit in firm.hit.pieces if hit] == ["演示（ＡＢ"]
