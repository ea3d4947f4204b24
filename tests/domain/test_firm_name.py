"""Names of firms: match key, printed form, branches, pinyin, search suffixes."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from crm.domain import firm_name

CASES = yaml.safe_load((Path(__file__).parent / "cases/names/firm_names.yaml").read_text("utf-8"))
texts = st.text(max_size=40)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["key"])
def test_key_printed_form_and_branch(case: dict[str, object]) -> None:
    name = str(case["name"])
    assert firm_name.normalise(name) == case["key"]
    assert firm_name.printed(name) == case["printed"]
    assert firm_name.is_branch(name) == case["branch"]


@given(texts)
def test_normalising_or_printing_twice_changes_nothing(text: str) -> None:
    key = firm_name.normalise(text)
    assert firm_name.normalise(key) == key
    assert not any(c.isspace() for c in key)


@given(texts)
def test_the_printed_form_matches_what_was_written(text: str) -> None:
    assert firm_name.normalise(firm_name.printed(text)) == firm_name.normalise(text)


@pytest.mark.parametrize(
    ("name", "initials", "key"),
    [
        ("重庆长安（A8）公司", "cqcaa8gs", "chong qing chang an a8 gong si"),
        ("绍兴银行", "sxyh", "shao xing yin hang"),
        ("诸暨绿源ＬＥＤ", "zjlyled", "zhu ji lv yuan led"),
        ("柯桥·会稽", "kqkj", "ke qiao kuai ji"),
        ("崧厦支行", "sxzh", "song xia zhi hang"),
        ("会稽山", "kjs", "kuai ji shan"),
        ("", "", ""),
    ],
)
def test_pinyin(name: str, initials: str, key: str) -> None:
    assert firm_name.pinyin_initials(name) == initials
    assert firm_name.pinyin_key(name) == key


@given(texts)
def test_initials_hold_only_letters_and_digits(text: str) -> None:
    assert set(firm_name.pinyin_initials(text)) <= set("abcdefghijklmnopqrstuvwxyz0123456789")


def test_syllables_sort_before_longer_syllables() -> None:
    assert firm_name.pinyin_key("西安公司") < firm_name.pinyin_key("先公司")


@given(st.text(min_size=1, max_size=60), st.data())
def test_any_part_up_to_the_width_begins_a_suffix(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    part = text[start : start + data.draw(st.integers(1, 12))]
    assert any(suffix.startswith(part) for suffix in firm_name.suffixes(text))


def test_suffixes_are_cut_and_unique() -> None:
    assert firm_name.suffixes("演示演示", width=2) == ("演示", "示演", "示")


def test_seven_thousand_names_take_well_under_two_seconds() -> None:
    places, trades = (
        ["绍兴", "诸暨", "嵊州", "新昌", "上虞", "柯桥", "越城"],
        ["纺织", "印染", "机械", "医药", "重工", "乐器", "银饰"],
    )
    names = [f"{p}演示{t}{n}有限公司" for p in places for t in trades for n in range(144)]
    firm_name.pinyin_key("先读词典")
    began = time.process_time()
    for name in names:
        firm_name.normalise(name), firm_name.pinyin_key(name), firm_name.pinyin_initials(name)
    assert len(names) > 7000
    assert time.process_time() - began < 2
