"""Derive deadlines anew from certifications and measures: idempotent, a change leaves its trace."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa

from crm.audit import use_cases as audit
from crm.certifications.queries import grants_of
from crm.clock import utc_now
from crm.database import db, insert_ignoring, transaction
from crm.deadlines.models import Deadline
from crm.deadlines.sources import firms_with_sources, locked_firms
from crm.domain.access import Actor
from crm.domain.deadlines import DerivedDeadline, derive, worth_creating
from crm.firms import use_cases as firms
from crm.support_plans.queries import measure_facts

_CHUNK = 500
SOURCE_ENDED = "source_ended"
FIRM_ARCHIVED = "firm_archived"


@dataclass(frozen=True)
class RefreshCounts:
    """What a refresh did. A closed deadline whose source is back counts as created."""

    created: int = 0
    moved: int = 0
    closed: int = 0
    unchanged: int = 0

    def __add__(self, other: RefreshCounts) -> RefreshCounts:
        return RefreshCounts(
            self.created + other.created,
            self.moved + other.moved,
            self.closed + other.closed,
            self.unchanged + other.unchanged,
        )


class _Stored(NamedTuple):
    id: int
    firm_id: int
    kind: str
    source_type: str
    source_id: int
    period: str
    due_on: date
    state: str
    reason: str | None

    @property
    def key(self) -> tuple[str, str, int, str]:
        return self.kind, self.source_type, self.source_id, self.period


def refresh_firms(actor: Actor, firm_ids: Iterable[int], today: date) -> RefreshCounts:
    """Bring the deadlines of these firms in line with their sources, and each firm's next one.

    Called by whoever changed a source, inside that change's transaction; the caller has checked the right
    and the territory. Done and waived stay so unless the date moved: then the thing is due anew.
    """
    wanted = sorted(set(firm_ids))
    counts = RefreshCounts()
    with transaction():
        for start in range(0, len(wanted), _CHUNK):
            counts += _refresh_chunk(actor, wanted[start : start + _CHUNK], today)
    return counts


def refresh_all(actor: Actor, today: date, territory_id: int | None = None) -> RefreshCounts:
    """The same for every firm of the actor's territory, a transaction for each few hundred.

    territory_id: only firms of that part of the tree. Firms without source and deadline cost nothing.
    """
    counts, last_id = RefreshCounts(), 0
    while True:
        chunk = firms_with_sources(actor, territory_id, after=last_id, limit=_CHUNK)
        if not chunk:
            return counts
        counts += refresh_firms(actor, chunk, today)
        last_id = chunk[-1]


def _refresh_chunk(actor: Actor, firm_ids: Sequence[int], today: date) -> RefreshCounts:
    db.session.flush()
    # Two refreshes of one firm come one after the other: the row of the firm is the lock.
    archived = locked_firms(firm_ids)
    wanted = _derived(firm_ids, archived)
    stored = _stored(firm_ids)
    now = utc_now()
    created: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    trace: dict[str, list[tuple[int | None, int | None, dict[str, Any], dict[str, Any]]]] = defaultdict(list)
    done = {"created": 0, "moved": 0, "closed": 0, "unchanged": 0}
    known = {row.key: row for row in stored}
    for key, (firm_id, due) in wanted.items():
        row = known.get(key)
        if row is None:
            if worth_creating(due, today):
                created.append(_new(firm_id, due, now))
                done["created"] += 1
            continue
        step = _step(row, due, today)
        done[step] += 1
        if step == "unchanged":
            continue
        after = {"due_on": due.due_on, "state": "open"}
        changed.append(_changed(row, due_on=due.due_on, state="open", reason=None))
        action = "deadline.move" if step == "moved" else "deadline.reopen"
        before = {"due_on": row.due_on, "state": row.state}
        trace[action].append((row.id, row.firm_id, {"kind": row.kind, **before}, {"kind": row.kind, **after}))
    for row in stored:
        if row.key in wanted or row.state != "open":
            continue
        reason = FIRM_ARCHIVED if archived[row.firm_id] else SOURCE_ENDED
        changed.append(_changed(row, due_on=row.due_on, state="closed", reason=reason))
        before = {"kind": row.kind, "due_on": row.due_on, "state": "open"}
        trace["deadline.close"].append(
            (row.id, row.firm_id, before, {**before, "state": "closed", "reason": reason})
        )
        done["closed"] += 1
    _write(created, changed)
    for action, rows in trace.items():
        audit.record_many(actor, action, rows, subject_type="deadline")
    refresh_next_due(firm_ids)
    return RefreshCounts(**done)


def _step(row: _Stored, due: DerivedDeadline, today: date) -> str:
    """moved, created (a closed one whose source is back) or unchanged."""
    if row.state == "closed":
        return "created" if worth_creating(due, today) else "unchanged"
    return "moved" if row.due_on != due.due_on else "unchanged"


def _derived(
    firm_ids: Sequence[int], archived: dict[int, bool]
) -> dict[tuple[str, str, int, str], tuple[int, DerivedDeadline]]:
    """Everything due by its key; an archived firm owes nothing."""
    measures = measure_facts(firm_ids)
    return {
        due.key: (firm_id, due)
        for firm_id, grants in grants_of(firm_ids).items()
        if archived.get(firm_id) is False
        for due in derive(grants, measures.get(firm_id, ()))
    }


def _stored(firm_ids: Sequence[int]) -> list[_Stored]:
    columns = [getattr(Deadline, name) for name in _Stored._fields]
    return [
        _Stored(*row) for row in db.session.execute(sa.select(*columns).where(Deadline.firm_id.in_(firm_ids)))
    ]


def _new(firm_id: int, due: DerivedDeadline, now: Any) -> dict[str, Any]:
    return {
        "firm_id": firm_id,
        "kind": due.kind,
        "source_type": due.source_type,
        "source_id": due.source_id,
        "period": due.period,
        "due_on": due.due_on,
        "state": "open",
        "created_at": now,
        "version": 1,
    }


def _changed(row: _Stored, *, due_on: date, state: str, reason: str | None) -> dict[str, Any]:
    return {
        "b_id": row.id,
        "b_due_on": due_on,
        "b_moved_from": row.due_on if due_on != row.due_on else None,
        "b_state": state,
        "b_reason": reason,
    }


def _write(created: list[dict[str, Any]], changed: list[dict[str, Any]]) -> None:
    table: sa.Table = Deadline.__table__
    for start in range(0, len(created), 1000):
        db.session.execute(insert_ignoring(table), created[start : start + 1000])
    if changed:
        db.session.connection().execute(
            table.update()
            .where(table.c.id == sa.bindparam("b_id"))
            .values(
                due_on=sa.bindparam("b_due_on"),
                moved_from=sa.func.coalesce(sa.bindparam("b_moved_from", type_=sa.Date), table.c.moved_from),
                state=sa.bindparam("b_state"),
                reason=sa.bindparam("b_reason"),
                done_on=None,
                evidence=None,
                settled_by=None,
                settled_at=None,
                version=table.c.version + 1,
            ),
            changed,
        )
        ids = {row["b_id"] for row in changed}
        for loaded in [o for o in db.session.identity_map.values() if isinstance(o, Deadline)]:
            if loaded.id in ids:
                db.session.expire(loaded)


def refresh_next_due(firm_ids: Sequence[int]) -> None:
    """Keep each firm's next open deadline, for lists. Inside the caller's transaction."""
    statement = (
        sa.select(Deadline.firm_id, Deadline.due_on, Deadline.kind)
        .where(Deadline.firm_id.in_(firm_ids), Deadline.state == "open")
        .order_by(Deadline.firm_id, Deadline.due_on, Deadline.id)
    )
    nearest: dict[int, tuple[date, str] | None] = dict.fromkeys(firm_ids)
    for firm_id, due_on, kind in db.session.execute(statement):
        nearest[firm_id] = nearest[firm_id] or (due_on, kind)
    firms.set_next_due(nearest)
