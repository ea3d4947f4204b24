"""What other features keep on a firm for its lists: rung, next deadline, last activity, search keys.

System-internal: no permission is asked, the caller has asked its own; each joins the caller's transaction
and stands in the caller's audit entry. The firm's version stays, so nobody's open form is disturbed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm.util import identity_key

from crm.database import db, transaction
from crm.firms import search_index, tallies
from crm.firms.models import NO_DEADLINE, Firm

_CHUNK = 500


def set_rung(rungs: Mapping[int, int]) -> int:
    """Keep the rung of firms (firm id -> 0 to 3); returns how many changed."""
    changed: dict[int, int] = {}
    with transaction():
        db.session.flush()
        for ids in _chunks(rungs):
            columns = [
                Firm.id,
                *(getattr(Firm, name) for name in tallies.Tally._fields if name != "has_code"),
            ]
            steps: list[tuple[tallies.Tally, int]] = []
            for row in db.session.execute(
                sa.select(*columns, Firm.code.is_not(None).label("has_code")).where(Firm.id.in_(ids))
            ):
                if row.rung == rungs[row.id]:
                    continue
                before = tallies.Tally(*(getattr(row, name) for name in tallies.Tally._fields))
                steps += [(before, -1), (before._replace(rung=rungs[row.id]), 1)]
                changed[row.id] = rungs[row.id]
            tallies.add_many(steps)
        _write([{"b_id": i, "rung": rung} for i, rung in changed.items()])
    return len(changed)


def set_next_due(dues: Mapping[int, tuple[date, str] | None]) -> None:
    """Keep the nearest open deadline of firms (firm id -> (due_on, kind), None: nothing is due)."""
    with transaction():
        _write(
            [
                {
                    "b_id": i,
                    "due_order": due[0] if due else NO_DEADLINE,
                    "next_due_kind": due[1] if due else None,
                }
                for i, due in dues.items()
            ]
        )


def note_activity(firm_id: int, day: date) -> None:
    """Keep the day of the last activity, where it is later than the one kept."""
    with transaction():
        db.session.execute(
            sa.update(Firm)
            .where(Firm.id == firm_id, sa.or_(Firm.last_activity_on.is_(None), Firm.last_activity_on < day))
            .values(last_activity_on=day)
            .execution_options(synchronize_session=False)
        )
        _forget([firm_id], ("last_activity_on",))


def add_search_keys(firm_id: int, kind: str, text: str, source_id: int | None = None) -> None:
    """Let the firm be found by a text; kind "certificate" with the certification's id as source_id."""
    with transaction():
        search_index.insert_keys(search_index.keys_for(firm_id, kind, text, source_id))


def add_many_search_keys(kind: str, texts: Iterable[tuple[int, str, int | None]]) -> None:
    """The same for many texts of one kind at once: (firm id, text, source id), for imports."""
    with transaction():
        rows = (search_index.keys_for(firm_id, kind, text, source) for firm_id, text, source in texts)
        search_index.insert_keys([key for keys in rows for key in keys])


def remove_search_keys(kind: str, source_id: int) -> None:
    """Take out what one source added."""
    with transaction():
        search_index.delete_source(kind, source_id)


def _write(rows: list[dict[str, Any]]) -> None:
    """UPDATE many firms, each with its own values (every row has the same keys, b_id is the firm)."""
    if not rows:
        return
    db.session.flush()
    names = [name for name in rows[0] if name != "b_id"]
    table = Firm.__table__
    statement = (
        sa.update(table)
        .where(table.c.id == sa.bindparam("b_id"))
        .values({name: sa.bindparam(f"b_{name}") for name in names})
    )
    bound = [{"b_id": row["b_id"], **{f"b_{name}": row[name] for name in names}} for row in rows]
    db.session.connection().execute(statement, bound)
    _forget((row["b_id"] for row in rows), names)


def _forget(firm_ids: Iterable[int], names: Iterable[str]) -> None:
    """Let firms already read in this session read these columns anew."""
    wanted = list(names)
    for firm_id in firm_ids:
        firm = db.session.identity_map.get(identity_key(Firm, firm_id))
        if firm is not None:
            db.session.expire(firm, wanted)


def _chunks(ids: Iterable[int]) -> Iterable[list[int]]:
    every = sorted(ids)
    for start in range(0, len(every), _CHUNK):
        yield every[start : start + _CHUNK]
