"""Parts of the run command, one by one."""

from __future__ import annotations

import shelve
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm.embedded import listening, processes
from crm.embedded.beat_schedule import remove_if_damaged
from crm.embedded.listening import CannotListenError, open_socket
from crm.embedded.processes import Console
from crm.embedded.run_folder import AlreadyRunningError, RunFolder
from crm.embedded.supervisor import StartFailedError, Supervisor
from crm.settings import ROOT, Listening, read_settings


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    settings = read_settings({"CRM_DATA_DIR": str(tmp_path)})
    folder = RunFolder(tmp_path)
    folder.claim()
    made = Supervisor(settings, open_socket(Listening("127.0.0.1", _free_port())), folder, Console())
    yield made
    made.stop()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def test_a_program_that_dies_too_often_ends_the_run(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "LONGEST_PAUSE_SECONDS", 0.0)
    child = supervisor._child("broken", (sys.executable, "-c", "raise SystemExit(3)"))
    supervisor.children.append(child)
    child.start()

    with pytest.raises(StartFailedError, match=r"broken\.log"):
        supervisor.watch()


def test_a_command_that_fails_says_its_last_lines(supervisor: Supervisor) -> None:
    with pytest.raises(StartFailedError, match="no-such-command"):
        supervisor.run_once("wrong", "no-such-command")


def test_the_guardian_ends_a_group_that_ignores_the_first_signal() -> None:
    stubborn = (
        "import signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print(flush=True)\n"
        "time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", stubborn], stdout=subprocess.PIPE, start_new_session=True
    )
    assert process.stdout and process.stdout.readline()
    guardian = subprocess.Popen(
        [sys.executable, "-m", "crm.embedded.guardian"], stdin=subprocess.PIPE, cwd=ROOT
    )

    guardian.communicate(f"+{process.pid}\n".encode(), timeout=20)
    assert process.wait(5) == -signal.SIGKILL
    process.stdout.close()


def test_the_usual_port_is_stepped_over_when_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        monkeypatch.setattr(listening, "DEFAULT_PORT", taken)
        opened = open_socket(Listening("127.0.0.1", None))
        opened.socket.close()

    assert opened.port != taken
    assert opened.note and str(taken) in opened.note and str(opened.port) in opened.note


def test_a_port_asked_for_is_never_stepped_over() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        with pytest.raises(CannotListenError, match=f"PORT={taken}"):
            open_socket(Listening("127.0.0.1", taken))


@pytest.mark.parametrize(("host", "loopback"), [("127.0.0.1", True), ("localhost", True), ("0.0.0.0", False)])
def test_only_loopback_counts_as_loopback(host: str, loopback: bool) -> None:
    opened = open_socket(Listening(host, _free_port()))
    with opened.socket:
        assert opened.is_loopback is loopback
        assert "0.0.0.0" not in opened.url


def test_an_unknown_host_is_named() -> None:
    with pytest.raises(CannotListenError, match="HOST=no-such-host"):
        open_socket(Listening("no-such-host.invalid", 0))


def test_one_run_at_a_time_holds_a_data_folder(tmp_path: Path) -> None:
    first, second = RunFolder(tmp_path), RunFolder(tmp_path)
    first.claim()
    first.note_holder("http://127.0.0.1:8123")

    with pytest.raises(AlreadyRunningError, match="8123"):
        second.claim()


def test_the_lock_of_a_dead_run_bars_nobody(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "lock").write_text('{"pid": 999999999}')
    started = time.monotonic()

    RunFolder(tmp_path).claim()
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("size", [0, 1, 100, 700])
def test_a_truncated_schedule_is_removed(tmp_path: Path, size: int) -> None:
    path = tmp_path / "beat-schedule"
    _schedule(path)
    for file in tmp_path.iterdir():
        file.write_bytes(file.read_bytes()[:size])

    assert remove_if_damaged(path)
    assert not list(tmp_path.iterdir())


def test_a_whole_schedule_stays(tmp_path: Path) -> None:
    path = tmp_path / "beat-schedule"
    assert not remove_if_damaged(path)
    _schedule(path)

    assert not remove_if_damaged(path)
    assert list(tmp_path.iterdir())


def _schedule(path: Path) -> None:
    with shelve.open(str(path), writeback=True) as file:
        file["entries"] = {f"task {number}": "x" * 200 for number in range(40)}
        file["tz"] = "Asia/Shanghai"
