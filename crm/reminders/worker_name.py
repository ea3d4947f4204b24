"""Which process holds a claim, and whether it still lives: a dead one's claim need not wait for its lease."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def this_worker() -> str:
    """Host, process namespace, process id and start of this very process: `host|4026531836|812|3391744`."""
    return f"{_here()}|{os.getpid()}|{_started(os.getpid()) or 0}"


def host_name() -> str:
    """This machine's name, as the release of mailing keeps it."""
    return socket.gethostname()[:60]


def is_surely_dead(worker: str | None) -> bool:
    """True only for a process of this machine and namespace that is gone; of others nothing is known."""
    parts = (worker or "").split("|")
    if len(parts) != 4 or f"{parts[0]}|{parts[1]}" != _here() or not parts[2].isdigit():
        return False
    started = _started(int(parts[2]))
    return _can_tell() and str(started) != parts[3]


def _here() -> str:
    # containers may share a host name, never the namespace of their processes
    try:
        namespace = os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        namespace = 0
    return f"{socket.gethostname()[:30]}|{namespace}"


def _can_tell() -> bool:
    return _started(os.getpid()) is not None


def _started(process_id: int) -> int | None:
    """Start of a process in ticks since boot; None where it is gone, a zombie, or there is no /proc."""
    try:
        stat = Path(f"/proc/{process_id}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in ("Z", "X") else int(fields[19])
