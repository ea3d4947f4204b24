"""Hand firms to a person: a few that were ticked, or everything a list shows."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from crm.audit.use_cases import record_many
from crm.clock import utc_now
from crm.database import db, transaction
from crm.domain.access import Actor, Permission, require
from crm.domain.errors import RefusedError
from crm.firms import tallies
from crm.firms.filters import Filters
from crm.firms.listing import selected_ids
from crm.firms.models import Firm
from crm.firms.queries import in_scope
from crm.firms.use_cases.checking import may_own, owner_for

_CHUNK = 500
REFUSED_SHOWN = 20


@dataclass(frozen=True)
class AssignResult:
    """What became of a hand-over. refused: reason -> how many; refused_firms: the first of them by name."""

    changed: int
    same: int
    refused: dict[str, int]
    refused_firms: tuple[str, ...]


def assign_owner(
    actor: Actor,
    *,
    owner_id: int | None,
    firm_ids: Sequence[int] = (),
    filters: Filters | None = None,
    today: date,
) -> AssignResult:
    """Make a person (None: nobody) owner of firms: of firm_ids, or of all that filters leave.

    Refused, and said so: archived firms, firms outside the person's territory, firms the actor cannot see
    (absent and foreign count alike). Raises RefusedError where nothing is selected or the person cannot own.
    """
    require(actor, Permission.FIRM_ASSIGN)
    if filters is None and not firm_ids:
        raise RefusedError(None, "nothing_selected")
    batch = f"assign-{uuid.uuid4().hex[:12]}"
    with transaction():
        owner = owner_for(actor, owner_id) if owner_id is not None else None
        refused: Counter[str] = Counter()
        names: list[str] = []
        same = 0
        change: list[sa.Row[tuple[object, ...]]] = []
        asked = set(firm_ids)
        for row in _rows(actor, sorted(asked), filters, today):
            asked.discard(row.id)
            if row.owner_id == owner_id:
                same += 1
            elif row.is_archived:
                refused["firm_archived"] += 1
                names.append(row.name)
            elif owner is not None and not may_own(owner, row.township_id or row.district_id):
                refused["owner_elsewhere"] += 1
                names.append(row.name)
            else:
                change.append(row)
        if filters is None and asked:
            refused["firm_not_found"] += len(asked)
        _write(actor, change, owner_id, batch)
    return AssignResult(len(change), same, dict(refused), tuple(names[:REFUSED_SHOWN]))


def _rows(actor: Actor, ids: list[int], filters: Filters | None, today: date):  # type: ignore[no-untyped-def]
    columns = sa.select(
        Firm.id,
        Firm.name,
        Firm.district_id,
        Firm.township_id,
        Firm.owner_id,
        Firm.rung,
        Firm.code.is_not(None).label("has_code"),
        Firm.is_archived,
    )
    if filters is not None:
        yield from db.session.execute(columns.where(Firm.id.in_(selected_ids(actor, filters, today)))).all()
        return
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        yield from db.session.execute(columns.where(Firm.id.in_(chunk), in_scope(actor))).all()


def _write(actor: Actor, rows: list[sa.Row], owner_id: int | None, batch: str) -> None:  # type: ignore[type-arg]
    steps: list[tuple[tallies.Tally, int]] = []
    for start in range(0, len(rows), _CHUNK):
        db.session.execute(
            sa.update(Firm)
            .where(Firm.id.in_([row.id for row in rows[start : start + _CHUNK]]))
            .values(owner_id=owner_id, updated_at=utc_now(), version=Firm.version + 1)
            .execution_options(synchronize_session="fetch")
        )
    for row in rows:
        before = tallies.Tally(*(getattr(row, name) for name in tallies.Tally._fields))
        steps += [(before, -1), (before._replace(owner_id=owner_id), 1)]
    tallies.add_many(steps)
    record_many(
        actor,
        "firm.assign",
        [(row.id, row.id, {"owner_id": row.owner_id}, {"owner_id": owner_id}) for row in rows],
        subject_type="firm",
        batch=batch,
    )
