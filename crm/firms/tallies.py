"""Counts of firms by what the list filters on: steps written with each change, summed for a total.

A step is one insert, so writers never wait for each other on a counter. A task merges steps now and then
and compares them with a full count.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import sqlalchemy as sa

from crm.database import db, insert_in_chunks
from crm.firms.models import Firm, FirmTally

log = logging.getLogger(__name__)


class Tally(NamedTuple):
    """What a firm is counted by."""

    district_id: int
    township_id: int | None
    owner_id: int | None
    rung: int
    has_code: bool
    is_archived: bool


def tally_of(firm: Firm) -> Tally:
    """How a firm is counted now."""
    return Tally(
        firm.district_id,
        firm.township_id,
        firm.owner_id,
        firm.rung or 0,
        firm.code is not None,
        bool(firm.is_archived),
    )


def add(tally: Tally, n: int = 1) -> None:
    """One firm more (n = 1) or less (n = -1) inside the running transaction."""
    add_many([(tally, n)])


def moved(before: Tally, after: Tally) -> None:
    """A firm is counted elsewhere now; nothing where both are the same."""
    add_many([(before, -1), (after, 1)])


def add_many(steps: Iterable[tuple[Tally, int]]) -> None:
    """Steps of many firms, summed before they are written."""
    sums: Counter[Tally] = Counter()
    for tally, n in steps:
        sums[tally] += n
    rows = [{**tally._asdict(), "n": n} for tally, n in sums.items() if n]
    if rows:
        db.session.flush()
        insert_in_chunks(FirmTally.__table__, rows)


def merge() -> int:
    """Make one row of each combination; returns how many rows went. Stands in a use case's transaction.

    Rows are deleted and read by one statement, so a step committed meanwhile is neither lost nor doubled.
    """
    columns = [getattr(FirmTally, name) for name in Tally._fields]
    gone = db.session.execute(
        sa.delete(FirmTally).returning(*columns, FirmTally.n).execution_options(synchronize_session=False)
    ).all()
    add_many((Tally(*row[:-1]), row[-1]) for row in gone)
    return len(gone)


def mend() -> int:
    """Compare with a full count, write the difference as steps and log it; returns how far off the sum was.

    One statement sees one snapshot of both sides, so a change committed meanwhile is no difference.
    """
    firm_side = sa.select(
        Firm.district_id,
        Firm.township_id,
        Firm.owner_id,
        Firm.rung,
        Firm.code.is_not(None).label("has_code"),
        Firm.is_archived,
        sa.literal(1).label("n"),
    )
    tally_side = sa.select(*(getattr(FirmTally, name) for name in Tally._fields), (-FirmTally.n).label("n"))
    both = sa.union_all(firm_side, tally_side).subquery()
    keys = [both.c[name] for name in Tally._fields]
    total = sa.func.sum(both.c.n)
    off = db.session.execute(sa.select(*keys, total).group_by(*keys).having(total != 0)).all()
    if off:
        log.error("counts of firms were off in %s combinations, mended: %s", len(off), off[:20])
        add_many((Tally(*row[:4], bool(row[4]), bool(row[5])), int(row[-1])) for row in off)
    return sum(abs(int(row[-1])) for row in off)
