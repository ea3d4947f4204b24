"""`<data folder>/run`: one run at a time, and what other shells need to find it.

The lock is the kernel's, so that it ends with its holders and no stale file can bar a start.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from contextlib import suppress
from pathlib import Path

# as long as the guardian of a killed run needs to end what that run left
PATIENCE_SECONDS = 12.0


class AlreadyRunningError(Exception):
    """Another run holds this data folder; the text names it."""


class RunFolder:
    """Holds the lock from claim() until the process ends."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.path = data_dir / "run"
        self.path.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o700)
        self.lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)

    def claim(self) -> None:
        """Take the lock. Waits only where its holder is dead and its guardian still cleans up.

        Raises AlreadyRunningError.
        """
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                holder = self._holder()
                if _is_alive(holder.get("pid")) or time.monotonic() > end:
                    raise AlreadyRunningError(
                        f"已在运行：进程 {holder.get('pid')}，{holder.get('url', '…')}，"
                        f"数据目录 {self.data_dir} "
                        f"(already running; stop it first, or set CRM_DATA_DIR to another folder)"
                    ) from None
                time.sleep(0.1)
        self.note_holder(None)

    def note_holder(self, url: str | None) -> None:
        """Who runs and at which address, for the message to a second start."""
        os.ftruncate(self.lock, 0)
        document = {"pid": os.getpid()} | ({"url": url} if url else {})
        os.pwrite(self.lock, json.dumps(document).encode(), 0)

    def publish(self, name: str, value: str) -> None:
        """Leave one value for other shells (settings.py reads redis-url and public-url); 0600."""
        path = self.path / name
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(value + "\n")

    def withdraw(self) -> None:
        """Remove what was published: nobody listens there any more."""
        for name in ("redis-url", "public-url", "redis.conf"):
            with suppress(OSError):
                (self.path / name).unlink()

    def _holder(self) -> dict[str, object]:
        try:
            document = json.loads(os.pread(self.lock, 1000, 0) or b"{}")
        except ValueError:
            document = {}
        return document if isinstance(document, dict) else {}


def _is_alive(pid: object) -> bool:
    if not isinstance(pid, int):
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
