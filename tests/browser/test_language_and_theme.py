"""English says everything, and language and theme stay as they were chosen."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
CHINESE = re.compile(r"[㐀-鿿]")
PAGES = (
    "/", "/firms", "/firms/new", "/deadlines", "/plans", "/exports", "/reminders", "/reminders/sent",
    "/reminders/policies", "/imports", "/audit", "/account", "/account/password",
)  # fmt: skip
# The words of the interface; names of firms and people, and columns of the province's file, stay as they are.
WORDS = """() => [...document.querySelectorAll(
  "h1, h2, nav.l-side li, main :is(.l-tabs a, label, legend, button, .l-btn, dt, th, small)"
)].filter((e) => !e.closest("[lang=zh-CN]")).map((e) => e.innerText.trim())"""
NAMES = re.compile(r"演示(市级)?(经办|联络员|处长|科长|查看员|审计员|管理员)[甲乙丙丁戊己]?")


def test_the_main_pages_are_in_english_down_to_the_buttons(visit: Callable[..., Visitor]):
    chief = visit("demo-chief")
    page = chief.page
    page.click("button[name=language]")
    page.wait_for_selector("html[lang=en]")
    chinese = []
    try:
        for path in PAGES:
            chief.open(path)
            assert page.get_attribute("html", "lang") == "en"
            chinese += [
                (path, words) for words in page.evaluate(WORDS) if CHINESE.search(NAMES.sub("", words))
            ]
            chinese += [(path, page.title())] if CHINESE.search(page.title()) else []
    finally:
        page.click("button[name=language]")
        page.wait_for_selector("html[lang=zh-CN]")
    assert chinese == []


def test_the_theme_stays_after_reload_and_at_the_next_sign_in(visit: Callable[..., Visitor]):
    viewer = visit("demo-viewer")
    page = viewer.page
    page.click("button[name=theme]")
    page.wait_for_selector("html[data-bs-theme=dark]")
    light = "getComputedStyle(document.body).backgroundColor"
    dark_ground = page.evaluate(light)
    page.reload()
    assert page.get_attribute("html", "data-bs-theme") == "dark"
    viewer.sign_out()
    page.goto(viewer.url + "/sign-in")
    viewer.sign_in()
    assert page.get_attribute("html", "data-bs-theme") == "dark"
    page.click("button[name=theme]")
    page.wait_for_selector("html[data-bs-theme=light]")
    assert page.evaluate(light) != dark_ground
