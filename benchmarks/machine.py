"""The machine in words, without which a figure says nothing."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.databases import server_version


def words(databases: Sequence[str]) -> list[str]:
    """Lines on time, processor, memory, versions and how busy the machine is."""
    versions = [f"Python {platform.python_version()}"]
    if "sqlite" in databases:
        versions.append(f"SQLite {sqlite3.sqlite_version}")
    if "postgresql" in databases:
        versions.append(f"PostgreSQL {server_version()} on this machine, its own settings")
    return [
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, {_processor()}, {_memory()}",
        ", ".join(versions),
        f"load at the start: {load()}",
    ]


def load() -> str:
    """Load averages of 1, 5 and 15 minutes."""
    return " ".join(f"{value:.2f}" for value in os.getloadavg())


def _processor() -> str:
    for line in _lines("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _memory() -> str:
    for line in _lines("/proc/meminfo"):
        if line.startswith("MemTotal"):
            return f"{int(line.split()[1]) / 1024 / 1024:.0f} GB"
    return "memory unknown"


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
