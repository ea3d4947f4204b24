"""Fixture `chromium`: one Chromium for the session, found on the machine or installed where we may.

Without one the browser tests alone are skipped, with a loud line; with CI=true that is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# no request leaves for the browser's maker; no sandbox, because CI runs as root
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
MISSING = "no Chromium on this machine: install the package chromium (and fonts-noto-cjk)"


def executable() -> str | None:
    """Path of a Chromium on PATH, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def install() -> None:
    """apt-get install, where we are root on Debian; elsewhere nothing."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", *PACKAGES]):
        subprocess.run(["apt-get", *words], env=quiet, stdout=subprocess.DEVNULL, check=False)


PACKAGES = ("chromium", "fonts-noto-cjk")


def pytest_configure(config: pytest.Config) -> None:
    """Installs once, before the workers start: two of them would meet at apt's lock."""
    if not hasattr(config, "workerinput") and _is_wanted(config) and executable() is None:
        install()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says loudly that browser tests did not run."""
    skipped = terminalreporter.stats.get("skipped", [])
    if any(MISSING in str(report.longrepr) for report in skipped):
        terminalreporter.write_line(f"BROWSER TESTS WERE SKIPPED: {MISSING}", red=True, bold=True)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless Chromium that speaks Chinese when a context says so."""
    path = executable()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(MISSING, pytrace=False)
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


def _is_wanted(config: pytest.Config) -> bool:
    """True for a run that may reach tests/browser: the whole suite or that folder."""
    return not config.args or any("browser" in a or a.rstrip("/").endswith("tests") for a in config.args)
