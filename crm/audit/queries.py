"""The trail read: entries by page, of one firm or of a territory; the head of the chain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from crm.accounts.models import User
from crm.audit.models import AuditEntry, AuditHead, AuditSeal
from crm.audit.telling import Told, tell
from crm.audit.use_cases import VERIFY_RUN
from crm.clock import office_zone
from crm.database import db
from crm.domain.access import Actor
from crm.firms.models import Firm
from crm.firms.queries import find_firms, in_scope
from crm.operations.models import TaskRun
from crm.territories.queries import tree

PAGE = 50
# So many firms may carry the name that the trail is narrowed by.
FIRMS_MOST = 200
# Of a printed hash so many signs must be given to be compared.
LEAST_HASH = 8


@dataclass(frozen=True)
class Filters:
    """What the trail is narrowed by. who: sign-in name; firm: part of a name, code or initials."""

    who: str = ""
    action: str = ""
    first: date | None = None
    last: date | None = None
    firm: str = ""


@dataclass(frozen=True)
class TrailPage:
    """Entries newest first; older and newer are ids to page by."""

    entries: list[Told]
    newer: int | None
    older: int | None


def of_firm(firm_id: int, *, before: int | None = None, after: int | None = None) -> TrailPage:
    """What was done with one firm; the caller has settled that the actor may see it."""
    return _page(sa.select(AuditEntry).where(AuditEntry.firm_id == firm_id), before, after)


def trail(
    actor: Actor, filters: Filters, *, before: int | None = None, after: int | None = None
) -> TrailPage:
    """The whole trail of the actor's territory: its firms' entries and what its people did beside them.

    Who reaches every county sees every entry, those of tasks, commands and failed sign-ins too.
    """
    statement = sa.select(AuditEntry)
    scope = in_scope(actor)
    if not isinstance(scope, sa.True_):
        people = sa.select(User.id).where(User.territory_id.in_(tree().subtree_ids(actor.territory_id)))
        beside = sa.and_(AuditEntry.firm_id.is_(None), AuditEntry.actor_id.in_(people))
        firms = sa.select(Firm.id).where(scope)
        statement = statement.where(sa.or_(AuditEntry.firm_id.in_(firms), beside))
    if filters.firm:
        found = find_firms(actor, filters.firm, limit=FIRMS_MOST)
        statement = statement.where(AuditEntry.firm_id.in_([firm.id for firm in found.firms]))
    if filters.who:
        statement = statement.where(AuditEntry.actor_name == filters.who)
    if filters.action:
        statement = statement.where(AuditEntry.action == filters.action)
    if filters.first:
        statement = statement.where(AuditEntry.at >= _midnight(filters.first))
    if filters.last:
        statement = statement.where(AuditEntry.at < _midnight(filters.last + timedelta(days=1)))
    return _page(statement, before, after)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), office_zone())


def _page(statement: Any, before: int | None, after: int | None) -> TrailPage:
    upward = after is not None and before is None
    if before is not None:
        statement = statement.where(AuditEntry.id < before)
    elif after is not None:
        statement = statement.where(AuditEntry.id > after)
    order = AuditEntry.id if upward else AuditEntry.id.desc()
    found: list[AuditEntry] = list(db.session.scalars(statement.order_by(order).limit(PAGE + 1)))
    more, rows = len(found) > PAGE, found[:PAGE]
    if upward:
        rows.reverse()
    told = tell(rows)
    has_newer = more if upward else before is not None
    has_older = True if upward else more
    return TrailPage(
        told,
        newer=rows[0].id if rows and has_newer else None,
        older=rows[-1].id if rows and has_older else None,
    )


def head() -> AuditHead | None:
    """The newest seal: what is printed or mailed to prove the chain later."""
    return db.session.get(AuditHead, 1, populate_existing=True)


def still_in_chain(seal_no: int, printed_hash: str) -> bool:
    """Whether the chain still holds the seal that was printed or mailed; its first signs are enough."""
    printed = printed_hash.strip().lower()
    kept = db.session.scalar(sa.select(AuditSeal.hash).where(AuditSeal.seal_no == seal_no))
    return kept is not None and len(printed) >= LEAST_HASH and kept.startswith(printed)


def nightly_run() -> TaskRun | None:
    """Last nightly verification: when it ended well, or with which fault."""
    return db.session.scalar(sa.select(TaskRun).where(TaskRun.name == VERIFY_RUN))


def actors(actor: Actor) -> list[tuple[str, str]]:
    """(sign-in name, display name) of the people of the actor's territory, for the filter."""
    rows = db.session.execute(
        sa.select(User.name, User.display_name)
        .where(User.territory_id.in_(tree().subtree_ids(actor.territory_id)))
        .order_by(User.display_name)
    )
    return [(name, display) for name, display in rows]
