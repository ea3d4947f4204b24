"""Starts Redis, web, worker and beat, keeps them alive, and ends them together.

A child that dies is started again after a growing pause; one that dies too often ends the whole, because a
half-dead set (pages without a worker) misleads more than one that stands still.
"""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from crm.embedded.beat_schedule import remove_if_damaged
from crm.embedded.guardian import end_groups
from crm.embedded.listening import OpenSocket
from crm.embedded.processes import Child, Console, ProcessLog, end
from crm.embedded.redis_server import RedisServer
from crm.embedded.run_folder import RunFolder
from crm.settings import ROOT, Settings

WEB_WORKERS, WEB_THREADS = 2, 8
TASK_PROCESSES = 2
GRACE_SECONDS = 7.0
REDIS_GRACE_SECONDS = 3.0
START_SECONDS = 90.0
TICK_SECONDS = 0.1


class StartFailedError(Exception):
    """Something that must work before the rest can start did not; the text says what and where to read on."""


class Supervisor:
    """One run, from the guardian to the last child."""

    def __init__(self, settings: Settings, opened: OpenSocket, folder: RunFolder, console: Console) -> None:
        self.settings, self.opened, self.folder, self.console = settings, opened, folder, console
        self.log_dir = settings.data_dir / "logs"
        self.log_dir.mkdir(exist_ok=True)
        self.children: list[Child] = []
        self.signals = 0
        self.stopping = threading.Event()
        self.environ = {
            **os.environ,
            "CRM_DATA_DIR": str(settings.data_dir),
            "PYTHONUNBUFFERED": "1",
        }
        self.environ.setdefault("CRM_PUBLIC_URL", opened.url)
        self.guardian = self._start_guardian()

    # -- what runs --------------------------------------------------------------------------------

    def start_redis(self, url: str | None) -> None:
        """Our own Redis, unless CRM_REDIS_URL names one."""
        if url is None:
            for _ in range(3):
                server = RedisServer.prepare(self.folder.path)
                child = self._child("redis", server.command, on_console=False)
                child.start()
                if self._answers(child, _redis_port(server.url)):
                    self.children.append(child)
                    break
                end([child], 0, lambda: True)
            else:
                raise StartFailedError(f"Redis 未能启动 (did not start): {self.log_dir / 'redis.log'}")
            url = server.url
            self.folder.publish("redis-url", url)
        self.environ["CRM_REDIS_URL"] = url

    def start_programs(self) -> None:
        """Web, worker and beat; each reads the same settings from its environment."""
        python, fd = sys.executable, self.opened.socket.fileno()
        celery = (python, "-m", "celery", "--quiet", "-A", "celery_worker")
        schedule = self.folder.path / "beat-schedule"
        web = (
            *(python, "-m", "gunicorn", "wsgi:app", "--bind", f"fd://{fd}", "--no-control-socket"),
            *("--workers", str(WEB_WORKERS), "--worker-class", "gthread", "--threads", str(WEB_THREADS)),
            *("--timeout", "120", "--graceful-timeout", "5", "--log-level", "info"),
        )
        worker = (
            *(*celery, "worker", "--loglevel", "INFO", "--concurrency", str(TASK_PROCESSES)),
            *("--without-gossip", "--without-mingle", "--hostname", "crm@localhost"),
        )
        beat = (*celery, "beat", "--loglevel", "INFO", "--schedule", str(schedule), "--pidfile", "")
        for child in (
            self._child("web", web, inherited=(fd,)),
            self._child("worker", worker),
            self._child("beat", beat, before_start=lambda: self._check_schedule(schedule)),
        ):
            self.children.append(child)
            child.start()
        self.folder.publish("public-url", self.environ["CRM_PUBLIC_URL"])

    def run_once(self, name: str, *words: str) -> str:
        """One flask command to its end; returns its output. Raises StartFailedError with its last lines."""
        path = self.log_dir / f"{name}.log"
        with (
            path.open("a", encoding="utf-8") as log,
            tempfile.TemporaryFile("w+", encoding="utf-8") as output,
        ):
            process = subprocess.Popen(
                [sys.executable, "-m", "flask", *words],
                cwd=ROOT,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=log,
                start_new_session=True,
            )
            self.guard(f"+{process.pid}")
            while process.poll() is None and not self.stopping.wait(TICK_SECONDS):
                pass
            end_groups({process.pid})
            status = process.wait()
            self.guard(f"-{process.pid}")
            output.seek(0)
            text = output.read()
        if status and not self.stopping.is_set():
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()[-5:]
            said = " / ".join(line for line in lines if line.strip())
            raise StartFailedError(f"flask {' '.join(words)}: {said or status} ({path})")
        return text

    # -- keeping them alive -----------------------------------------------------------------------

    def watch(self, until: Callable[[], bool] = lambda: False) -> bool:
        """Start again what dies, until a signal (False), `until` (True), or a child that dies too often.

        Raises StartFailedError in the last case.
        """
        while not self.stopping.wait(TICK_SECONDS):
            now = time.monotonic()
            for child in self.children:
                self._look_after(child, now)
            if self.guardian.poll() is not None:
                self.guardian = self._start_guardian()
                for child in self.children:
                    if child.process is not None:
                        self.guard(f"+{child.process.pid}")
            if until():
                return True
        return False

    def wait_for_web(self) -> bool:
        """True when pages answer; False when a signal came first. Raises StartFailedError when late."""
        limit = time.monotonic() + START_SECONDS

        def answered() -> bool:
            if time.monotonic() > limit:
                raise StartFailedError(f"网页未能启动 (web did not answer): {self.log_dir / 'web.log'}")
            return self.is_healthy()

        return self.watch(answered)

    def is_healthy(self) -> bool:
        """Whether /healthz answers 200."""
        host, port = self.opened.own_address
        connection = http.client.HTTPConnection(host, port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _look_after(self, child: Child, now: float) -> None:
        status = child.note_death(now)
        if status is not None:
            how = f"信号 {-status} (signal)" if status < 0 else f"状态 {status} (status)"
            if child.dies_too_often:
                raise StartFailedError(
                    f"{child.name} 接连结束 {child.short_lives} 次，全部停止 "
                    f"(died too often, everything ends): {self.log_dir / (child.name + '.log')}"
                )
            self.console.say(f"{child.name} 已结束，{how}，重新启动 (died, starting again)")
        if child.process is None and child.start_again_at is not None and now >= child.start_again_at:
            child.start()

    # -- the end ----------------------------------------------------------------------------------

    def on_signal(self, _number: int, _frame: object) -> None:
        """The first one ends in order, the second at once."""
        self.signals += 1
        self.stopping.set()

    def stop(self) -> None:
        """Programs first, Redis last: a worker that ends gives its messages back."""
        self.stopping.set()
        self.opened.socket.close()
        programs = [child for child in self.children if child.name != "redis"]
        end(programs, GRACE_SECONDS, lambda: self.signals > 1)
        redis = [child for child in self.children if child.name == "redis"]
        end(redis, REDIS_GRACE_SECONDS, lambda: self.signals > 1)
        self.folder.withdraw()
        with suppress(OSError):
            self.guardian.stdin.close()  # type: ignore[union-attr]
        self.guardian.wait(10)

    # -- parts ------------------------------------------------------------------------------------

    def guard(self, line: str) -> None:
        """Tell the guardian of a group that began (+) or ended (-)."""
        assert self.guardian.stdin is not None
        with suppress(OSError):
            self.guardian.stdin.write(line + "\n")
            self.guardian.stdin.flush()

    def _start_guardian(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "crm.embedded.guardian"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            pass_fds=(self.folder.lock,),
            start_new_session=True,
            encoding="ascii",
        )

    def _child(
        self,
        name: str,
        command: tuple[str, ...],
        *,
        inherited: tuple[int, ...] = (),
        before_start: Callable[[], None] | None = None,
        on_console: bool = True,
    ) -> Child:
        log = ProcessLog(name, self.log_dir, self.console, on_console=on_console)
        return Child(name, command, self.environ, log, self.guard, inherited, before_start)

    def _check_schedule(self, path: Path) -> None:
        if remove_if_damaged(path):
            self.console.say(f"beat 的时刻文件已损坏，已删除重建 (damaged schedule removed): {path}")

    def _answers(self, child: Child, port: int) -> bool:
        limit = time.monotonic() + 15
        while child.is_running and time.monotonic() < limit and not self.stopping.is_set():
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                # another program may own the port: then our Redis ends within a moment
                time.sleep(0.1)
                return child.is_running
            time.sleep(0.02)
        return False


def _redis_port(url: str) -> int:
    return int(url.rsplit(":", 1)[1].split("/")[0])
