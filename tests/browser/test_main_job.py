"""The main job end to end, in Chinese, with real processes: list in, certificate, plan, visit, mail, file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest

from crm.clock import today
from crm.domain import credit_code
from crm.domain.working_days import official_calendar
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
    writer.writerow(["企业名称", "统一社会信用代码", "注册日期", "所在区县", "经办人", "技术领域"])
    for number in range(ROWS):
        county, officer = (("新昌县", "demo-county"), ("柯桥区", "demo-county-2"))[number % 2]
        name = f"演示玄鸟{number:04d}号材料（{county[:2]}）有限公司"
        writer.writerow([name, _code(number), "2015年3月5日", county, officer, "新材料"])
    path = folder / "演示名单.csv"
    path.write_bytes(out.getvalue().encode("gb18030"))
    return path


def _next_working_day() -> date:
    """The day whose reminders an officer looks at on the evening before."""
    day = today() + timedelta(days=1)
    while not official_calendar().is_working_day(day):
        day += timedelta(days=1)
    return day


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
    page.wait_for_selector("#find-results a:has-text('玄鸟')")
    assert "柯桥" not in page.inner_text("#find-results")
    page.keyboard.press("Enter")
    page.wait_for_url("**/firms?q=**")
    assert f"共 {ROWS // 2} 家" in re.sub(r"[,\s]+", " ", page.inner_text("main"))
    page.click("table a:has-text('玄鸟0000号')")
    page.wait_for_selector("h1:has-text('玄鸟0000号')")
    firm = page.url.split("?")[0].split("#")[0].removeprefix(product.url)

    # its certificate; rung, timeline, deadlines
    page = county.open(f"{firm}/certifications")
    page.click("text=登记资质")
    granted = today() - timedelta(days=200)
    page.select_option("#scheme", "hnte")
    page.fill("#number", f"GR{granted.year}33990001")
    page.fill("#granted_on", granted.isoformat())
    page.click("form button:has-text('保存')")
    page.wait_for_selector("h1 + .l-rung.r2")
    assert page.locator(".l-climb .l-cert.r2").count() == 1
    assert f"GR{granted.year}33990001" in page.inner_text("main")
    page = county.open(f"{firm}/deadlines")
    assert "证书到期" in page.inner_text("main") and "高企年报" in page.inner_text("main")

    # a plan with a goal and a measure due on the next working day
    due = _next_working_day()
    page = county.open(f"{firm}/plans/new")
    page.select_option("#target_rung", "3")
    page.fill("#target_year", str(today().year + 2))
    page.fill("[name=goals-0-indicator]", "研发费用占比")
    page.fill("[name=goals-0-value_to]", "5%")
    page.fill("[name=goals-0-due_on]", f"{today().year + 1}-12-31")
    page.select_option("[name=measures-0-kind]", "university_cooperation")
    page.fill("[name=measures-0-title]", "演示：对接院校")
    page.fill("[name=measures-0-due_on]", due.isoformat())
    page.select_option("[name=measures-0-responsible_id]", label="演示经办甲")
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

    # who will hear what on the next working day; then the work of that day, and the mail as it went out
    page = county.open(f"{firm}/deadlines")
    assert "帮扶措施到期" in page.inner_text("main")
    page = county.open(f"/reminders?day={due}")
    page.click("section[aria-labelledby=digests] a:has-text('演示经办甲')")
    page.wait_for_selector(
        "section[aria-labelledby=lines] tr:has-text('玄鸟0000号'):has-text('帮扶措施到期')"
    )
    product.flask("reminders", "dispatch", "--on", due.isoformat())
    page = county.open("/outbox")
    page.click(f"tr:has-text('demo-county@'):has-text('{due}') a")
    page.wait_for_selector("#content")
    assert "玄鸟0000号" in page.text_content("details.l-mail-text pre")

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
    assert content.count(b"\n") == content.count(b"\r\n")
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    row = next(line for line in lines if "玄鸟0000号" in line[1])
    assert row[2].strip("\t") == _code(0) and row[5] == f"GR{granted.year}33990001"
    again = page.request.get(page.url + "/download").body()
    assert again == content


def test_what_an_import_refuses_comes_back_as_a_file(visit: Callable[..., Visitor], tmp_path: Path):
    book = openpyxl.Workbook()
    for row in (
        ["企业名称", "统一社会信用代码", "所在区县"],
        ["演示朱雀一号（新昌）有限公司", _code(9_001), "新昌县"],
        ["演示朱雀二号（柯桥）有限公司", _code(9_002), "柯桥区"],
    ):
        book.active.append(row)
    book.save(tmp_path / "演示两家.xlsx")

    county = visit("demo-county")
    page = county.open("/imports")
    page.set_input_files("input[type=file]", str(tmp_path / "演示两家.xlsx"))
    page.click("text=下一步：核对设定")
    page.click("text=试运行，看会写入什么")
    page.wait_for_selector(".l-import-tiles")
    page.click("button:has-text('写入 1 行')")
    page.wait_for_selector("text=已写入：新增 1 行")

    page.click("nav.l-rows-seg a:has-text('拒绝')")
    page.wait_for_selector("tr:has-text('朱雀二号')")
    with page.expect_download() as waiting:
        page.click("text=下载拒绝的 1 行")
    content = Path(waiting.value.path()).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    heading, *refused = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert [row[0] for row in refused] == ["演示朱雀二号（柯桥）有限公司"]
    assert refused[0][1].strip("\t") == _code(9_002)
    assert len(heading) == 4 and refused[0][-1]
    county.open("/firms?q=朱雀")
    assert page.locator("tr[data-row]").count() == 1
