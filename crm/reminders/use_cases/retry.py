"""When a mail that did not go out is tried again, and what becomes of one in doubt."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import current_app

ATTEMPTS_MOST = 12
_WAITS_MINUTES = (1, 5, 15, 30, 60)
_LATER_MINUTES = 120
PAUSE_MINUTES = 5


def wait_after(attempt: int) -> timedelta:
    """How long to wait after the attempt of that number (1 is the first) failed for now."""
    minutes = _WAITS_MINUTES[attempt - 1] if attempt <= len(_WAITS_MINUTES) else _LATER_MINUTES
    return timedelta(minutes=minutes)


def in_doubt_values(next_at: datetime) -> dict[str, Any]:
    """The row of a mail whose final dot nobody answered: again, with the same Message-ID, or held."""
    if current_app.config["CRM"].in_doubt_policy == "hold":
        return {"state": "in_doubt", "reason": "in_doubt"}
    return {"state": "deferred", "is_repeat": True, "next_at": next_at, "reason": "in_doubt"}
