"""The whole product as a newcomer starts it, and a Chromium that speaks Chinese."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from crm.accounts.demo_people import DEMO_PASSWORD
from crm.settings import ROOT

START_SECONDS = 150
# A busy machine is slow, not wrong.
WAIT_MS = 20_000
expect.set_options(timeout=WAIT_MS)
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
# What axe is asked: WCAG 2.2 A and AA, and its own good practice.
AXE_RUN = """async (rules) => {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const only = rules.length ? { type: 'rule', values: rules } : { type: 'tag', values: tags };
  const found = await axe.run(document, { runOnly: only });
  const places = (v) => v.nodes.slice(0, 3).map((n) => n.target.join(" ")).join(" | ");
  return found.violations.map((v) => v.id + ": " + places(v));
}"""


class Product:
    """`python -m crm.embedded` on a fresh data folder, with its demo data."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.log = data_dir.parent / "product.out"
        kept = {k: v for k, v in os.environ.items() if not k.startswith("CRM_") and k not in ("HOST", "PORT")}
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "crm.embedded"],
                cwd=ROOT,
                env=kept | {"CRM_DATA_DIR": str(data_dir), "PYTHONUNBUFFERED": "1"},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        end = time.monotonic() + START_SECONDS
        while "Ctrl-C" not in self.log.read_text(encoding="utf-8"):
            assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
            assert time.monotonic() < end, self.log.read_text(encoding="utf-8")
            time.sleep(0.2)
        self.url = (data_dir / "run" / "public-url").read_text().strip()

    def flask(self, *arguments: str) -> str:
        """Run a command on the same data folder; its standard output."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("CRM_")}
        done = subprocess.run(
            [sys.executable, "-m", "flask", *arguments],
            cwd=ROOT,
            env=kept | {"CRM_DATA_DIR": str(self.data_dir)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in (0, 1), done.stderr
        return done.stdout

    def end(self) -> None:
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """One running product for the session's browser tests."""
    started = Product(tmp_path_factory.mktemp("product") / "data")
    yield started
    started.end()


class Visitor:
    """A signed-in page that remembers what went wrong in it."""

    def __init__(self, context: BrowserContext, url: str, user: str, password: str = DEMO_PASSWORD) -> None:
        self.context, self.url, self.user = context, url, user
        self.page: Page = context.new_page()
        self.faults: list[str] = []
        self.page.on("console", lambda m: self.faults.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", self._at_home)
        self.page.goto(f"{url}/sign-in")
        self.sign_in(password)

    def sign_in(self, password: str = DEMO_PASSWORD) -> None:
        """Fill the sign-in page that stands open, and wait for the page behind it."""
        self.page.fill("#name", self.user)
        self.page.fill("#password", password)
        self.page.click("form.l-door-form button[type=submit]")
        self.page.wait_for_url(lambda address: "/sign-in" not in address)

    def sign_out(self) -> None:
        """By the menu, as a person does."""
        self.page.click("header details.l-menu summary")
        self.page.click("header details.l-menu form button")
        self.page.wait_for_url("**/sign-in**")

    def forgive(self, text: str) -> None:
        """Forget console lines that Chromium writes about an answer the test asked for (a 409, a 422)."""
        self.faults = [fault for fault in self.faults if text not in fault]

    def _at_home(self, request: object) -> None:
        address = request.url  # type: ignore[attr-defined]
        if not address.startswith((self.url, "data:", "blob:")):
            self.faults.append(f"request to {address}")

    def open(self, path: str) -> Page:
        """Open an address of the product; its status must not be a fault."""
        answer = self.page.goto(self.url + path)
        assert answer is not None and answer.status < 400, (path, answer and answer.status)
        return self.page

    def axe(self, *rules: str) -> list[str]:
        """Violations that axe finds on the page as it stands; of these rules alone where some are named."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: list[str] = self.page.evaluate(AXE_RUN, list(rules))
        return found

    def overflow(self) -> int:
        """Pixels by which the page can be scrolled sideways."""
        return int(
            self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        )


@pytest.fixture
def visit(chromium: Browser, product: Product) -> Iterator[Callable[..., Visitor]]:
    """visit(user, width=1366, password=…) -> a Visitor, signed in; what went wrong in it fails the test."""
    opened: list[Visitor] = []

    def visitor(user: str, width: int = 1366, password: str = DEMO_PASSWORD, **options: object) -> Visitor:
        height = 844 if width < 500 else 900
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            **options,
        )
        context.set_default_timeout(WAIT_MS)
        opened.append(Visitor(context, product.url, user, password))
        return opened[-1]

    yield visitor
    faults = [(one.user, one.faults) for one in opened if one.faults]
    for one in opened:
        one.context.close()
    assert not faults, json.dumps(faults, ensure_ascii=False)
