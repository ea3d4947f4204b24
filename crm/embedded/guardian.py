"""Ends the process groups of a run whose supervisor was killed: `python -m crm.embedded.guardian`.

The supervisor writes `+<group>` and `-<group>` lines to our standard input. When it dies, however it dies,
the pipe ends; what is still listed is stopped. Works wherever there are pipes; the lock of the run folder is
inherited, so that a new run waits until we are through.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress

GRACE_SECONDS = 5.0


def main() -> int:
    """Reads until the pipe ends, then ends what is left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        sign, group = line[:1], int(line[1:])
        if sign == "+":
            groups.add(group)
        else:
            groups.discard(group)
    end_groups(groups)
    return 0


def end_groups(groups: set[int], grace_seconds: float = GRACE_SECONDS) -> None:
    """SIGTERM to each group, SIGKILL to those that are still there after the grace."""
    for group in groups:
        _send(group, signal.SIGTERM)
    end = time.monotonic() + grace_seconds
    while time.monotonic() < end and any(_send(group, 0) for group in groups):
        time.sleep(0.1)
    for group in groups:
        _send(group, signal.SIGKILL)


def _send(group: int, number: int) -> bool:
    """True where the group exists."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
        return True
    return False


if __name__ == "__main__":
    sys.exit(main())
