"""One child process: its own process group, its lines on the console and in a log file, its restarts."""

from __future__ import annotations

import logging
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

from crm.settings import ROOT

# in a row; counted by life time and not by the minute, because a busy machine starts slowly
SHORT_LIVES_ALLOWED = 5
SHORT_LIFE_SECONDS = 30.0
LONGEST_PAUSE_SECONDS = 4.0
LOG_BYTES, LOG_FILES = 10_000_000, 10

# what all is well says; kept in the log file, not on the console
_ROUTINE = re.compile(r"\b(?:INFO|DEBUG)\b|^\s*$")


class Console:
    """Prefixed lines of several processes; a console that went away does not disturb the run."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def say(self, line: str, *, prefix: str = "run") -> None:
        """One line at once, whole."""
        with self._lock, suppress(OSError, ValueError):
            sys.stdout.write(f"{prefix:<6} | {line}\n")
            sys.stdout.flush()


class ProcessLog:
    """Copies a child's output: every line with its time to the file, what is worth reading to the console."""

    def __init__(self, name: str, folder: Path, console: Console, *, on_console: bool) -> None:
        self.name, self._console, self._on_console = name, console, on_console
        self._file = RotatingFileHandler(
            folder / f"{name}.log", maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8"
        )
        self._file.setFormatter(logging.Formatter("%(asctime)s %(message)s"))

    def follow(self, stream: IO[str]) -> threading.Thread:
        """Copy until the stream ends, in a thread."""
        thread = threading.Thread(target=self._copy, args=(stream,), name=f"log-{self.name}", daemon=True)
        thread.start()
        return thread

    def _copy(self, stream: IO[str]) -> None:
        with stream:
            for text in stream:
                line = text.rstrip("\n")
                self._file.emit(logging.LogRecord(self.name, logging.INFO, "", 0, line, None, None))
                if self._on_console and not _ROUTINE.search(line):
                    self._console.say(line, prefix=self.name)


@dataclass
class Child:
    """A program that is to run as long as the run does."""

    name: str
    command: tuple[str, ...]
    environ: Mapping[str, str]
    log: ProcessLog
    guard: Callable[[str], None]
    inherited: tuple[int, ...] = ()
    before_start: Callable[[], None] | None = None
    process: subprocess.Popen[str] | None = None
    started_at: float = 0.0
    short_lives: int = 0
    start_again_at: float | None = None

    def start(self) -> None:
        """Begin in a new session, so that Ctrl-C reaches the supervisor alone, which ends all in order."""
        if self.before_start:
            self.before_start()
        self.start_again_at = None
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env=dict(self.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=self.inherited,
            start_new_session=True,
            encoding="utf-8",
            errors="replace",
        )
        self.guard(f"+{self.process.pid}")
        assert self.process.stdout is not None
        self.log.follow(self.process.stdout)

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def note_death(self, now: float) -> int | None:
        """Clears away what a dead child left and sets the time of its next start.

        Returns its exit status (negative: the signal) the first time after a death, else None.
        """
        if self.process is None or self.process.poll() is None:
            return None
        status, pid = self.process.returncode, self.process.pid
        self.process = None
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        self.guard(f"-{pid}")
        self.short_lives = self.short_lives + 1 if now - self.started_at < SHORT_LIFE_SECONDS else 0
        self.start_again_at = now + min(0.5 * 2**self.short_lives, LONGEST_PAUSE_SECONDS)
        return status

    @property
    def dies_too_often(self) -> bool:
        return self.short_lives > SHORT_LIVES_ALLOWED

    def signal(self, number: int) -> None:
        """To the whole group where it is to be killed, else to the program itself, which ends its own."""
        if self.process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            if number == signal.SIGKILL:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)


def end(children: list[Child], grace_seconds: float, hurry: Callable[[], bool]) -> None:
    """SIGTERM; after the grace, or at once when in a hurry, SIGKILL to the groups of those still there."""
    for child in children:
        child.signal(signal.SIGTERM)
    limit = time.monotonic() + grace_seconds
    while any(child.is_running for child in children) and time.monotonic() < limit and not hurry():
        time.sleep(0.05)
    for child in children:
        if child.process is None:
            continue
        child.signal(signal.SIGKILL)
        child.process.wait()
        child.guard(f"-{child.process.pid}")
        child.process = None
