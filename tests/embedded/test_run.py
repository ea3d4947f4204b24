"""The run command with real processes: what it starts, keeps alive and ends."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from crm.settings import ROOT

pytestmark = pytest.mark.worker
START_SECONDS = 120


class Run:
    """One `python -m crm.embedded` on a data folder."""

    def __init__(self, data_dir: Path, **environ: str) -> None:
        self.data_dir = data_dir
        self.log = data_dir.parent / f"{data_dir.name}-{time.monotonic_ns()}.out"
        self.known: dict[int, psutil.Process] = {}
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "crm.embedded"],
                cwd=ROOT,
                env=bare_environ() | {"CRM_DATA_DIR": str(data_dir)} | environ,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def text(self) -> str:
        return self.log.read_text(encoding="utf-8")

    @property
    def url(self) -> str:
        return (self.data_dir / "run" / "public-url").read_text().strip()

    def wait_until_ready(self) -> None:
        wait(lambda: "Ctrl-C" in self.text or self.process.poll() is not None, START_SECONDS)
        assert self.process.poll() is None, self.text
        self.look()

    def look(self) -> dict[int, psutil.Process]:
        """All processes of this run that are alive now; remembers them for the end."""
        found = {p.pid: p for p in psutil.Process(self.process.pid).children(recursive=True)}
        self.known |= found
        return found

    def child(self, word: str) -> psutil.Process:
        """The program of the set whose command has this word; waits while it is between two lives."""
        found: list[psutil.Process] = []
        wait(lambda: found.extend(p for p in self.programs() if word in command(p)) or found, 30)
        return found[0]

    def programs(self) -> list[psutil.Process]:
        """What the supervisor itself has started."""
        return psutil.Process(self.process.pid).children()

    def alive(self) -> list[str]:
        """Commands of all processes ever seen that still run."""
        return [" ".join(command(p)) for p in self.known.values() if is_alive(p)]

    def finish(self) -> None:
        if self.process.poll() is None:
            self.look()
            self.process.kill()
            self.process.wait(10)
        for process in self.known.values():
            if is_alive(process):
                process.kill()


def bare_environ() -> dict[str, str]:
    """This environment without what would steer the run."""
    return {k: v for k, v in os.environ.items() if not k.startswith("CRM_") and k not in ("HOST", "PORT")}


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def command(process: psutil.Process) -> list[str]:
    """Its words; none for one that has just ended."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


def wait(condition: Callable[[], object], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.1)


@pytest.fixture
def start() -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def starting(data_dir: Path, **environ: str) -> Run:
        runs.append(Run(data_dir, **environ))
        return runs[-1]

    yield starting
    for run in runs:
        run.finish()


@pytest.fixture
def used_folder(tmp_path: Path) -> Path:
    """A data folder whose first start is over, as far as demo data goes."""
    folder = tmp_path / "used"
    folder.mkdir()
    (folder / "crm.db").touch()
    return folder


def test_a_first_start_shows_pages_and_ctrl_c_ends_every_process(
    start: Callable[..., Run], tmp_path: Path
) -> None:
    run = start(tmp_path / "data")
    run.wait_until_ready()
    with urllib.request.urlopen(run.url + "/sign-in", timeout=10) as answer:
        page = answer.read().decode()
    people = [line for line in run.text.splitlines() if "ladder-demo" in line]
    wait(lambda: "ready" in (run.data_dir / "logs" / "worker.log").read_text(encoding="utf-8"), 30)
    run.look()

    assert answer.status == 200 and "ladder-demo" in page
    assert len(people) >= 7, "a demo sign-in of each role"
    mode = (run.data_dir / "run" / "redis-url").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert len(run.known) >= 8, "guardian, Redis, web and two, worker and two, beat"

    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(20) == 0
    wait(lambda: not run.alive(), 3)
    assert not (run.data_dir / "run" / "redis-url").exists()


def test_a_dead_program_is_started_again_and_a_second_run_is_refused(
    start: Callable[..., Run], used_folder: Path
) -> None:
    run = start(used_folder)
    run.wait_until_ready()
    for word in ("worker", "beat", "gunicorn"):
        old = run.child(word)
        run.look()
        old.kill()
        old.wait(10)
        assert run.child(word).pid != old.pid
    with urllib.request.urlopen(run.url + "/healthz", timeout=20) as answer:
        assert answer.status == 200
    second = start(used_folder)

    assert second.process.wait(30) == 2
    assert str(run.process.pid) in second.text and run.url in second.text
    assert run.process.poll() is None

    run.process.terminate()
    assert run.process.wait(20) == 0
    wait(lambda: not run.alive(), 3)


def test_a_killed_run_leaves_nothing_and_the_next_one_starts(
    start: Callable[..., Run], used_folder: Path
) -> None:
    run = start(used_folder)
    run.wait_until_ready()
    run.process.kill()
    run.process.wait(10)
    after = start(used_folder)

    wait(lambda: not run.alive(), 15)
    after.wait_until_ready()
    after.process.send_signal(signal.SIGTERM)
    assert after.process.wait(20) == 0


def test_a_port_asked_for_that_is_taken_is_named(start: Callable[..., Run], used_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        run = start(used_folder, PORT=str(port))
        assert run.process.wait(30) == 2
    assert f"PORT={port}" in run.text
    assert not list((used_folder / "run").glob("*-url"))


@pytest.mark.parametrize(("name", "value"), [("PORT", "eighty"), ("CRM_REDIS_URL", "localhost")])
def test_a_malformed_setting_stops_the_start(
    start: Callable[..., Run], used_folder: Path, name: str, value: str
) -> None:
    run = start(used_folder, **{name: value})
    assert run.process.wait(30) == 2
    assert name in run.text and "for example" in run.text
