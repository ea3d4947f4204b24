"""The main job end to end, in Chinese, with real processes: list in, certificate, plan, visit, mail, file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from crm.domain import credit_code
from tests.browser.conftest import Product, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
ROWS = 1_200


def _code(number: int) -> str:
    stem = f"91330699TB{number:07d}"
    return next(stem + last for last in sorted(credit_code.ALPHABET) if credit_code.is_valid(stem + last))


def _list(folder: Path) -> Path:
    """A list as Excel on a Chinese desk saves it: GB18030, CRLF; over 1,000 rows, so the worker takes it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["企业名称", "统一社会信用代码", "注册日期", "所在区县", "乡镇街道", "技术领域"])
    for number in range(ROWS):
        county = ("新昌县", "柯桥区")[number % 2]
        name = f"演示玄鸟{number:04d}号材料（{county[:2]}）有限公司"
        writer.writerow([name, _code(number), "2015年3月5日", county, "", "新材料"])
    path = folder / "演示名单.csv"
    path.write_bytes(out.getvalue().encode("gb18030"))
    return path


def _import(visitor: Visitor, path: Path) -> None:
    page = visitor.open("/imports")
    page.set_input_files("input[type=file]", str(path))
    page.click("text=下一步：核对设定")
    page.wait_for_selector("text=列的对应关系")
    assert "gb18030" in page.inner_text("#encoding").lower()
    page.click("text=试运行，看会写入什么")
    page.wait_for_selector(".l-import-tiles", timeout=60_000)
    page.click(f"button:has-text('写入 {ROWS} 行')")
    page.wait_for_selector("text=已写入：", timeout=60_000)


def test_the_main_job(visit: Callable[..., Visitor], product: Product, tmp_path: Path):
    city = visit("demo-city")
    _import(city, _list(tmp_path))
    assert f"新增 {ROWS} 行" in city.page.inner_text("main")

    # the county finds its own by two characters, and none of another's
    county = visit("demo-county")
    page = county.open("/")
    page.keyboard.press("/")
    page.keyboard.type("玄鸟", delay=20)
    page.wait_for_selector("#find-results a")
    assert "柯桥" not in page.inner_text("#find-results")
    page.keyboard.press("Enter")
    page.wait_for_url("**/firms**")
    county.open("/firms?q=玄鸟&sort=name")
    assert f"共 {ROWS // 2} 家" in re.sub(r"[,\s]+", " ", page.inner_text("main"))
    page.click("table a:has-text('玄鸟0000号')")
    page.wait_for_selector("h1:has-text('玄鸟0000号')")
    firm = page.url.split("?")[0].split("#")[0].removeprefix(product.url)

    # its certificate; rung, timeline, deadlines
    page = county.open(f"{firm}/certifications")
    page.click("text=登记资质")
    granted = date.today() - timedelta(days=200)
    page.select_option("#scheme", "hnte")
    page.fill("#number", f"GR{granted.year}33990001")
    page.fill("#granted_on", granted.isoformat())
    page.click("form button:has-text('保存')")
    page.wait_for_selector(".l-rung.r2")
    assert f"GR{granted.year}33990001" in page.inner_text("main")
    page = county.open(f"{firm}/deadlines")
    assert "证书到期" in page.inner_text("main") and "高企年报" in page.inner_text("main")

    # a plan with a goal and a measure due tomorrow
    due = date.today() + timedelta(days=1)
    page = county.open(f"{firm}/plans/new")
    page.select_option("#target_rung", "3")
    page.fill("#target_year", str(date.today().year + 2))
    page.fill("[name=goals-0-indicator]", "研发费用占比")
    page.fill("[name=goals-0-value_to]", "5%")
    page.fill("[name=goals-0-due_on]", f"{date.today().year + 1}-12-31")
    page.select_option("[name=measures-0-kind]", "university_cooperation")
    page.fill("[name=measures-0-title]", "演示：对接院校")
    page.fill("[name=measures-0-due_on]", due.isoformat())
    page.select_option("[name=measures-0-responsible_id]", index=1)
    page.click("main form button.main[type=submit]")
    page.wait_for_url("**/plans/*")
    plan = page.url.removeprefix(product.url).split("?")[0]
    page.click("button:has-text('提交')")
    page.wait_for_selector("text=待审批")
    chief = visit("demo-chief")
    chief.open(plan)
    chief.page.click("button:has-text('批准')")
    chief.page.wait_for_selector("text=已批准")

    # a visit on a phone
    phone = visit("demo-county", 390)
    page = phone.open(f"{firm}/activities/new")
    page.fill("#summary", "看了演示车间，研发台账齐全。")
    page.click("text=保存记录")
    page.wait_for_selector("text=看了演示车间")
    assert phone.overflow() == 0

    # what will be said, then the tick, then the mail in the outbox
    page = county.open(f"{firm}/deadlines")
    assert "帮扶措施到期" in page.inner_text("main")
    product.flask("reminders", "dispatch", "--on", due.isoformat())
    page = county.open("/outbox")
    assert page.locator("main a").count() > 0

    # the province's file
    page = county.open("/exports/profiles/hnte_holders")
    page.fill("#purpose", "演示：报市局")
    if page.locator("[name=problems_seen]").count():
        page.check("[name=problems_seen]")
    page.click("text=生成并留底")
    page.wait_for_selector("text=SHA-256")
    with page.expect_download() as waiting:
        page.click("main a:has-text('下载')")
    content = Path(waiting.value.path()).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf") and b"\r\n" in content
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    row = next(line for line in lines if "玄鸟0000号" in line[1])
    assert row[2].strip("\t") == _code(0) and row[5] == f"GR{granted.year}33990001"
    again = page.request.get(page.url + "/download").body()
    assert again == content


def test_a_session_that_ended_keeps_what_was_typed(visit: Callable[..., Visitor], product: Product):
    county = visit("demo-county")
    page = county.open("/firms")
    page.click("table tbody a >> nth=0")
    page.wait_for_selector("h1")
    firm = page.url.split("?")[0].removeprefix(product.url)
    page = county.open(f"{firm}/activities/new")
    page.fill("#summary", "打到一半的演示记录")
    county.context.clear_cookies()
    page.click("text=保存记录")
    page.wait_for_url("**/sign-in**")
    page.fill("#name", "demo-county")
    page.fill("#password", "ladder-demo")
    page.click("form.l-door-form button[type=submit]")
    page.wait_for_url(lambda address: "/sign-in" not in address)
    page = county.open(f"{firm}/activities/new")
    assert page.input_value("#summary") == "打到一半的演示记录"


def test_the_list_is_driven_by_the_keyboard(visit: Callable[..., Visitor]):
    county = visit("demo-county")
    page = county.open("/firms")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.wait_for_selector("tr[aria-selected=true]")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/firms/\d+"))
    page.go_back()
    page.wait_for_url("**/firms**")


def test_english_is_chosen_and_kept(visit: Callable[..., Visitor]):
    viewer = visit("demo-viewer")
    viewer.page.click("button[name=language]")
    viewer.page.wait_for_selector("html[lang=en]")
    for path in ("/", "/firms", "/deadlines", "/plans", "/exports", "/reminders"):
        page = viewer.open(path)
        heading = page.inner_text("h1")
        assert not re.search(r"[\u4e00-\u9fff]", heading), (path, heading)
    viewer.page.click("button[name=language]")
    viewer.page.wait_for_selector("html[lang=zh-CN]")
