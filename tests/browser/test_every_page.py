"""Every page a role can reach: no axe violation, no console error, no request abroad, no sideways scroll.

Pages are found by following the links of the product itself; one of each kind is tried.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
MOST_PAGES = 60


def _kind(path: str) -> str:
    """An address without its ids and without the values of its query: one kind of page."""
    address, _, query = path.partition("?")
    names = sorted({part.split("=")[0] for part in query.split("&") if part})
    return re.sub(r"\d+", "N", address) + ("?" + "&".join(names) if names else "")


def _walk(visitor: Visitor, *rules: str) -> list[tuple[str, str]]:
    """Follow links from the desk; what was wrong as (address, what). rules: those of axe, else all."""
    waiting, seen, wrong = ["/"], {"/"}, []
    while waiting and len(seen) <= MOST_PAGES:
        path = waiting.pop(0)
        visitor.open(path)
        wrong += [(path, violation) for violation in visitor.axe(*rules)]
        if visitor.overflow() > 0:
            wrong.append((path, f"scrolls sideways by {visitor.overflow()} px"))
        hrefs = visitor.page.eval_on_selector_all(
            "a[href]",
            "links => links.map((a) => a.download || a.dataset.download ? '' : a.getAttribute('href'))",
        )
        for href in hrefs:
            target = href.split("#")[0]
            if not target.startswith("/") or target.startswith(("/static", "/sign-")):
                continue
            if any(word in target for word in ("download", ".csv", ".eml", "/refused", "/raw")):
                continue
            if _kind(target) not in seen and len(seen) <= MOST_PAGES:
                seen.add(_kind(target))
                waiting.append(target)
    return wrong


@pytest.mark.parametrize(
    ("user", "width"),
    [("demo-county", 1366), ("demo-chief", 390), ("demo-auditor", 390)],
)
def test_no_page_breaks_the_rules_of_access(visit: Callable[..., Visitor], user: str, width: int):
    assert _walk(visit(user, width)) == []


def test_no_page_breaks_them_in_english_on_a_wide_screen(visit: Callable[..., Visitor]):
    visitor = visit("demo-admin", 1920)
    visitor.page.click("button[name=language]")
    visitor.page.wait_for_selector("html[lang=en]")
    try:
        assert _walk(visitor) == []
    finally:
        visitor.open("/")
        visitor.page.click("button[name=language]")


def test_the_dark_theme_keeps_its_contrast(visit: Callable[..., Visitor]):
    visitor = visit("demo-city", 1366)
    visitor.page.click("button[name=theme]")
    visitor.page.wait_for_selector("html[data-bs-theme=dark]")
    try:
        assert _walk(visitor, "color-contrast") == []
    finally:
        visitor.open("/")
        visitor.page.click("button[name=theme]")


def test_the_sign_in_page_is_accessible_and_complete(visit: Callable[..., Visitor]):
    visitor = visit("demo-viewer")
    visitor.page.click("details.l-menu summary")
    visitor.page.click("details.l-menu button")
    visitor.page.wait_for_url("**/sign-in")
    assert visitor.axe() == []
    assert "演示账号" in visitor.page.inner_text("body")
