"""Beat's memory of its last runs: a file that a power cut can leave truncated."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

# In a process of its own: a damaged file can crash the database library, not only raise.
_PROBE = """
import shelve, sys
with shelve.open(sys.argv[1], flag="r") as file:
    for key in file:
        file[key]
    sys.exit(0 if "entries" in file else 3)
"""


def remove_if_damaged(path: Path) -> bool:
    """True where a schedule file was there, could not be read and was removed; beat then makes a new one."""
    files = [file for file in path.parent.glob(path.name + "*") if file.is_file()]
    if not files:
        return False
    probe = subprocess.run(
        [sys.executable, "-c", _PROBE, str(path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=30,
    )
    if probe.returncode == 0:
        return False
    for file in files:
        file.unlink(missing_ok=True)
    return True
