"""Sessions as people meet them: signing out, shut out, typing while the session ends, two at one record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from crm.clock import today
from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
FIRST, OWN = "first-password-1", "own-password-22"


def _some_firm(visitor: Visitor) -> str:
    """Path of the first firm on the visitor's list."""
    visitor.open("/firms?sort=name")
    return str(visitor.page.get_attribute("table a.firm >> nth=0", "href"))


def test_after_sign_out_neither_the_back_button_nor_a_kept_cookie_opens_a_page(visit: Callable[..., Visitor]):
    officer = visit("demo-county-2")
    firm = _some_firm(officer)
    name = officer.open(firm).inner_text("h1")
    kept = officer.context.cookies()
    officer.sign_out()

    officer.page.go_back()
    officer.page.wait_for_url("**/sign-in**")
    assert name not in officer.page.content()

    officer.context.clear_cookies()
    officer.context.add_cookies(kept)
    officer.page.goto(officer.url + firm)
    assert "/sign-in" in officer.page.url


def test_a_person_changes_the_first_password_and_is_out_at_the_click_after_deactivation(
    visit: Callable[..., Visitor],
):
    admin = visit("demo-admin")
    page = admin.open("/people/new")
    page.fill("#name", "yanshi-browser")
    page.fill("#display_name", "演示新人")
    page.select_option("#role", "county_officer")
    page.select_option("#territory", "330624")
    page.fill("#password", FIRST)
    page.click("main form button.main")
    page.wait_for_selector("text=已新增 演示新人")

    # whatever is asked for, the first password comes first
    person = visit("yanshi-browser", password=FIRST)
    page = person.open("/firms")
    assert page.url.endswith("/account/password")
    page.fill("#old_password", FIRST)
    page.fill("#password", OWN)
    page.fill("#again", OWN)
    page.click("text=保存新密码")
    page.wait_for_url("**/sign-in**")
    assert "密码已修改" in page.inner_text("body")
    person.sign_in(OWN)
    person.open("/firms")
    assert page.inner_text("h1") == "企业"

    page = admin.open("/people")
    page.click("a:has-text('演示新人')")
    page.uncheck("[name=is_active]")
    page.click("form.l-form:not(.one) button.main")
    page.wait_for_selector("text=已保存 演示新人")
    person.page.click("nav.l-side a >> nth=0")
    person.page.wait_for_url("**/sign-in**")


def test_a_visit_typed_while_the_session_ended_is_kept_and_sent(visit: Callable[..., Visitor]):
    officer = visit("demo-county")
    firm = _some_firm(officer)
    page = officer.open(f"{firm}/activities/new")
    page.fill("#summary", "演示：打到一半时会话结束了")
    page.fill("#next_step", "演示：下周再去")
    page.fill("#next_step_due", (today() + timedelta(days=7)).isoformat())
    officer.context.clear_cookies()
    page.click("text=保存记录")
    page.wait_for_url("**/sign-in**")
    officer.sign_in()

    # back where the words were typed, with the words
    page.wait_for_url(f"**{firm}/activities/new")
    page.wait_for_selector("text=未保存的内容")
    assert page.input_value("#summary") == "演示：打到一半时会话结束了"
    assert page.input_value("#next_step") == "演示：下周再去"
    page.click("text=保存记录")
    page.wait_for_url(f"**{firm}/activities")
    assert page.locator("p.said:has-text('打到一半时会话结束了')").count() == 1

    # saved, so the next one begins empty
    officer.open(f"{firm}/activities/new")
    assert page.input_value("#summary") == ""


def test_who_saves_second_sees_what_changed_and_loses_nothing(visit: Callable[..., Visitor]):
    first, second = visit("demo-county"), visit("demo-city")
    firm = _some_firm(first)
    first.open(f"{firm}/edit")
    second.open(f"{firm}/edit")

    first.page.fill("#industry", "演示先存的行业")
    first.page.click("#firm-form button.main")
    first.page.wait_for_selector("text=已保存")

    page = second.page
    page.fill("#industry", "演示后存的行业")
    page.fill("#note", "演示：后存的备注")
    page.click("#firm-form button.main")
    page.wait_for_selector("text=您编辑期间，别人修改了这家企业")
    second.forgive("409")
    compared = page.inner_text(".l-conflict tbody")
    assert "演示先存的行业" in compared and "演示后存的行业" in compared
    assert page.input_value("#note") == "演示：后存的备注"
    assert second.axe() == []

    page.uncheck("#theirs-industry")
    page.click("#firm-form button.main")
    page.wait_for_selector("text=已保存")
    facts = page.inner_text(".l-basics")
    assert "演示后存的行业" in facts and "演示：后存的备注" in facts
