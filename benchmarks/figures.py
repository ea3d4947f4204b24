"""What a benchmark found, and the one table that shows it."""

from __future__ import annotations

import statistics
import time
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line of the table; "" where a column says nothing about it.

    ratio: our time over the peer's, so 1 is as fast and 2 takes twice as long. growth: our time at the
    largest size over that at the smallest.
    """

    database: str
    benchmark: str
    case: str
    ours: str
    peer: str = ""
    ratio: float | None = None
    p95: str = ""
    statements: str = ""
    growth: float | None = None
    note: str = ""

    def cells(self) -> tuple[str, ...]:
        return (
            self.database,
            self.benchmark,
            self.case,
            self.ours,
            self.p95,
            self.statements,
            _times(self.growth),
            self.peer,
            _times(self.ratio),
            self.note,
        )


HEADINGS = (
    "database", "benchmark", "case", "ours", "p95", "statements", "growth", "peer", "ours/peer", "note",
)  # fmt: skip
_RIGHT = {3, 4, 5, 6, 7, 8}


def table(figures: Iterable[Figure]) -> str:
    """All figures as one Markdown table that also reads well as plain text."""
    rows = [HEADINGS, *(figure.cells() for figure in figures)]
    widths = [max(_width(row[i]) for row in rows) for i in range(len(HEADINGS))]
    lines = ["| " + " | ".join(_padded(c, widths[i], i) for i, c in enumerate(row)) + " |" for row in rows]
    rule = [("-" * (w + 1) + ":") if i in _RIGHT else "-" * (w + 2) for i, w in enumerate(widths)]
    return "\n".join([lines[0], "|" + "|".join(rule) + "|", *lines[1:]])


def seconds_of(work: Callable[[], object]) -> float:
    """How long a piece of work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def median(samples: Sequence[float]) -> float:
    return statistics.median(samples)


def percentile(samples: Sequence[float], percent: int) -> float:
    """The sample that so many percent do not exceed."""
    ordered = sorted(samples)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def rate(count: int, seconds: float, unit: str) -> str:
    return f"{count / seconds:,.0f} {unit}/s"


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def _times(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def _width(text: str) -> int:
    """Columns of a terminal: Chinese signs take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _padded(text: str, width: int, column: int) -> str:
    blanks = " " * (width - _width(text))
    return blanks + text if column in _RIGHT else text + blanks
