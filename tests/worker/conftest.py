"""Real processes: Redis, Celery workers, beats, an SMTP sink that keeps every mail as a file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
import redis
from flask import Flask

from crm.database import db
from crm.embedded.redis_server import RedisServer
from crm.settings import ROOT


def until(condition: Callable[[], object], seconds: float, what: str) -> None:
    """Ask again and again until it holds; fail with `what` after so many seconds."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"not within {seconds:.0f} s: {what}", pytrace=False)
        time.sleep(0.05)


class Redis:
    """A Redis that can be stopped and started again at the same address."""

    def __init__(self, folder: Path) -> None:
        self.server = RedisServer.prepare(folder)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(self.server.command, stdout=subprocess.DEVNULL)
        until(self._answers, 15, "redis-server answers")

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)

    def _answers(self) -> bool:
        client = redis.Redis.from_url(self.server.url)
        with suppress(redis.RedisError):
            return bool(client.ping())
        return False


class Sink:
    """The SMTP sink process and what it has accepted."""

    def __init__(self, folder: Path, delay_seconds: float) -> None:
        self.folder = folder
        command = [sys.executable, str(ROOT / "tests/mail/sink.py"), "--dir", str(folder)]
        self.process = subprocess.Popen(
            [*command, "--delay", str(delay_seconds)], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def count(self) -> int:
        return len(list(self.folder.glob("*.eml")))

    def message_ids(self) -> Counter[str]:
        """Message-ID -> how often it was accepted."""
        mails = (message_from_bytes(path.read_bytes(), policy=default) for path in self.folder.glob("*.eml"))
        return Counter(str(mail["Message-ID"]) for mail in mails)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(10)


class Celery:
    """Workers and beats as an operator starts them."""

    def __init__(self, environ: dict[str, str], folder: Path) -> None:
        self._environ = environ
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []

    def worker(self) -> subprocess.Popen[bytes]:
        name = f"w{len(self._processes)}"
        words = ["worker", "-c", "1", "-n", f"{name}@test", "--without-gossip", "--without-mingle"]
        return self._start("celery_worker", *words)

    def beat(self) -> subprocess.Popen[bytes]:
        schedule = self._folder / f"beat-{len(self._processes)}"
        return self._start("tests.worker.quick_beat", "beat", "-s", str(schedule), "--pidfile=")

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """-9 to the process and its children at once: nobody cleans up."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def stop(self) -> None:
        for process in self._processes:
            if process.poll() is None:
                self.kill(process)

    def _start(self, app: str, *words: str) -> subprocess.Popen[bytes]:
        number = len(self._processes)
        log = (self._folder / f"celery-{number}.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", app, *words, "-l", "INFO"],
            cwd=ROOT,
            env=self._environ,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._processes.append(process)
        return process


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Redis]:
    folder = tmp_path / "redis"
    folder.mkdir()
    server = Redis(folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Sink]:
    relay = Sink(tmp_path / "sink", delay_seconds=0.02)
    yield relay
    relay.stop()


@pytest.fixture
def celery(app: Flask, database_url: str, broker: Redis, sink: Sink, tmp_path: Path) -> Iterator[Celery]:
    """The application of the test, in processes of their own."""
    db.session.remove()
    environ = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "CRM_DATA_DIR": str(tmp_path / "data"),
        "CRM_DATABASE_URL": database_url,
        "CRM_SECRET_KEY": "test-secret-key-0123456789",
        "CRM_REDIS_URL": broker.server.url,
        "CRM_MAIL_URL": f"smtp://127.0.0.1:{sink.port}",
        "CRM_MAIL_FROM": "crm@bureau.test",
        "CRM_MAILS_PER_MINUTE": "100000",
    }
    processes = Celery(environ, tmp_path)
    yield processes
    processes.stop()
