"""What follows from a change of certifications: chain of renewals, rung, deadlines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa

from crm.certifications.chain import renewals
from crm.certifications.models import Certification
from crm.certifications.queries import branches_among, firms_to_look_at, grants_of
from crm.database import db, transaction
from crm.deadlines import use_cases as deadlines
from crm.domain.access import Actor
from crm.domain.certification import Grant
from crm.domain.ladder import rung_on
from crm.firms import use_cases as firms

_CHUNK = 500


def follow_up(actor: Actor, firm_ids: Iterable[int], today: date) -> None:
    """Chain, rung of today and deadlines of firms whose certifications changed."""
    wanted = sorted(set(firm_ids))
    db.session.flush()
    chain_anew(wanted)
    firms.set_rung(_rungs(wanted, today))
    deadlines.refresh_firms(actor, wanted, today)


def refresh_rungs(today: date) -> int:
    """Bring the kept rung of every firm in line with the rung of today; returns how many changed.

    A certificate begins or ends by itself at midnight, so this runs daily; a transaction for each few
    hundred firms. Firms on a rung without certification are looked at too.
    """
    changed, last_id = 0, 0
    while True:
        with transaction():
            chunk = firms_to_look_at(after=last_id, limit=_CHUNK)
            if chunk:
                changed += firms.set_rung(_rungs(chunk, today))
        if not chunk:
            return changed
        last_id = chunk[-1]


def _rungs(firm_ids: Iterable[int], today: date) -> dict[int, int]:
    grants = grants_of(firm_ids)
    branches = branches_among(grants)
    return {i: rung_on(held, today, is_branch=i in branches).rung for i, held in grants.items()}


def chain_anew(firm_ids: Iterable[int]) -> None:
    """Let each certification point at the one it renews, as the dates say."""
    kept: dict[int, int | None] = {}
    wanted: dict[int, int | None] = {}
    for held in grants_of(firm_ids).values():
        by_scheme: dict[str, list[Grant]] = defaultdict(list)
        for grant in held:
            by_scheme[grant.scheme].append(grant)
            if grant.superseded_by is not None and grant.id is not None:
                kept[grant.superseded_by] = grant.id
        for grants in by_scheme.values():
            wanted.update(renewals(grants))
    changed = [(i, former) for i, former in wanted.items() if kept.get(i) != former]
    if not changed:
        return
    table: sa.Table = Certification.__table__
    connection = db.session.connection()
    # First let go, then take hold: no two may point at one certificate, not even for a moment.
    ids = [{"b_id": i} for i, _ in changed]
    connection.execute(table.update().where(table.c.id == sa.bindparam("b_id")).values(renews_id=None), ids)
    held_now = [{"b_id": i, "b_former": former} for i, former in changed if former is not None]
    if held_now:
        connection.execute(
            table.update()
            .where(table.c.id == sa.bindparam("b_id"))
            .values(renews_id=sa.bindparam("b_former")),
            held_now,
        )
    for loaded in [o for o in db.session.identity_map.values() if isinstance(o, Certification)]:
        db.session.expire(loaded, ["renews_id"])
