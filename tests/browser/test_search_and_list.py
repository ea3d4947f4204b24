"""The search box and the list of firms: found by what one remembers, driven by the keyboard, at any width."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from crm.domain.firm_name import pinyin_initials
from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
LONG = "演示" + "超长名称智能装备与新材料联合研究" * 4 + "（新昌）股份有限公司"


def _firm(page: Page) -> tuple[str, str, str]:
    """Name, code and path of the first firm of the list that has a code."""
    row = page.locator("tr[data-row]:has(td .l-mono)").first
    link = row.locator("a.firm")
    return link.inner_text(), row.locator(".l-mono").inner_text(), str(link.get_attribute("href"))


def _typed(page: Page, text: str) -> str:
    """Type into the search box as it stands and wait for the answer to these very words."""
    page.fill("#find", "")
    with page.expect_response(lambda answer: "/firms/find" in answer.url):
        page.keyboard.insert_text(text)
    page.wait_for_selector("#find-results [role=option]")
    return page.inner_text("#find-results")


def test_a_firm_is_found_by_one_character_initials_or_part_of_its_code(visit: Callable[..., Visitor]):
    officer = visit("demo-county-2")
    page = officer.open("/firms?sort=name")
    name, code, path = _firm(page)
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    assert page.input_value("#find") == ""

    _typed(page, name[2])
    options = page.locator("#find-results a:not(.all)")
    assert options.count() > 0
    assert all(name[2] in text for text in options.locator(".name").all_inner_texts())
    expect(page.locator("#find")).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#find-results")).to_be_hidden()

    officer.open(f"/firms?q={pinyin_initials(name)[:6]}")
    assert name in page.inner_text("table")

    page.keyboard.press("/")
    assert name in _typed(page, code[8:17])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{path}")
    assert page.inner_text("h1") == name

    page.keyboard.press("/")
    assert "没有找到" in _typed(page, "绝无此名")


def test_the_list_is_driven_by_the_keyboard_and_found_again_as_it_was_left(visit: Callable[..., Visitor]):
    officer = visit("demo-county-2")
    page = officer.open("/firms?sort=name&rung=2")
    rows = page.locator("tr[data-row]")
    for key in ("j", "j", "j", "k"):
        page.keyboard.press(key)
    expect(rows.nth(1)).to_have_class(re.compile(r"\bcur\b"))
    page.keyboard.press("x")
    expect(rows.nth(1)).to_have_attribute("aria-selected", "true")
    expect(page.locator("[data-bulk-count]")).to_have_text("已选 1 家")
    page.keyboard.press("Escape")
    expect(rows.nth(1)).to_have_attribute("aria-selected", "false")

    number = rows.nth(1).get_attribute("data-row")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/firms/{number}")
    page.keyboard.press("Escape")
    page.wait_for_url("**/firms?sort=name&rung=2")
    expect(page.locator("tr.cur")).to_have_attribute("data-row", str(number))


def test_filters_stand_in_the_address_and_survive_reload_and_back(visit: Callable[..., Visitor]):
    officer = visit("demo-city")
    page = officer.open("/firms")
    page.click("summary:has-text('添加筛选')")
    page.select_option("#f-rung", "2")
    page.select_option("#f-owner", "none")
    page.click("text=应用筛选")
    page.wait_for_url("**rung=2**")
    address, chips = page.url, page.locator(".l-chip.on")
    assert "owner=none" in address
    shown = page.inner_text(".l-foot b"), chips.all_inner_texts()
    assert len(shown[1]) == 2

    page.reload()
    assert (page.inner_text(".l-foot b"), chips.all_inner_texts()) == shown
    page.click("nav.l-side a[href='/deadlines']")
    page.wait_for_url("**/deadlines**")
    page.go_back()
    page.wait_for_url(address)
    assert (page.inner_text(".l-foot b"), chips.all_inner_texts()) == shown


def test_firms_picked_on_two_pages_are_assigned_together(visit: Callable[..., Visitor]):
    officer = visit("demo-city")
    page = officer.open("/firms?sort=name")
    picked = []
    for turn in range(2):
        page.keyboard.press("j")
        page.keyboard.press("x")
        picked.append(page.inner_text("tr[aria-selected=true] a.firm"))
        if turn == 0:
            page.click("a[rel=next]")
            page.wait_for_url("**after=**")
    expect(page.locator("[data-bulk-count]")).to_have_text("已选 2 家，其中 1 家在别的页")
    page.select_option("#owner-to", label="演示市级经办")
    page.click("[data-bulk] button:has-text('指派')")
    expect(page.locator("#messages")).to_contain_text("已改负责人 2 家")
    expect(page.locator("[data-bulk-count]")).not_to_contain_text("已选")

    officer.open("/firms?owner=mine&sort=name")
    assert set(picked) <= set(page.locator("a.firm").all_inner_texts())


def _new_firm(officer: Visitor, name: str) -> None:
    page = officer.open("/firms/new")
    page.fill("#name", name)
    page.select_option("#district_id", label="新昌县")
    page.click("#firm-form button.main")
    page.wait_for_selector(f"h1:has-text('{name}')")


@pytest.mark.parametrize("width", [390, 1366])
def test_a_long_name_takes_two_lines_and_an_empty_list_says_what_to_do(
    visit: Callable[..., Visitor], width: int
):
    # A name of its own for each width: no test may lean on another's having run.
    name = LONG.replace("装备", f"装备{width}", 1)
    officer = visit("demo-county", width)
    _new_firm(officer, name)
    assert officer.overflow() == 0
    page = officer.open(f"/firms?q=装备{width}")
    link = page.locator("tr[data-row] a.firm")
    assert link.get_attribute("title") == name
    lines = link.evaluate("a => a.offsetHeight / parseFloat(getComputedStyle(a).lineHeight)")
    assert lines < 2.5
    assert officer.overflow() == 0

    officer.open("/firms?q=绝无此名")
    assert "没有符合条件的企业" in page.inner_text("main")
    assert officer.overflow() == 0
    page.click("text=查看全部企业")
    page.wait_for_url("**/firms")
    assert page.locator("tr[data-row]").count() > 0
