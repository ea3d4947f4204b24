"""Upkeep of the counts: merged, compared, mended."""

from __future__ import annotations

from crm.database import transaction
from crm.firms import tallies


def merge_tallies() -> tuple[int, int]:
    """Merge the steps and mend a difference from a full count; returns rows merged, firms off."""
    with transaction():
        merged = tallies.merge()
        off = tallies.mend()
    return merged, off
