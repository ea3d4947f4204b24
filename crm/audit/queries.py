"""The trail as sentences: entries by page, ids turned to names; a fixed number of statements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext

from crm.accounts.models import User
from crm.activities.labels import KIND_WORDS as ACTIVITY_WORDS
from crm.audit import labels
from crm.audit.models import AuditEntry, AuditHead
from crm.certifications.labels import scheme_word
from crm.clock import office_zone
from crm.database import db
from crm.deadlines.labels import KIND_WORDS, STATE_WORDS
from crm.domain.access import Actor, Role
from crm.firms.models import Firm
from crm.firms.queries import in_scope
from crm.support_plans.labels import MEASURE_KIND_WORDS, MEASURE_STATE_WORDS, PLAN_STATE_WORDS
from crm.territories.queries import tree

PAGE = 50
# A value of more characters is cut in the sentence; the entry keeps it whole.
LONGEST = 120
_USER_FIELDS = {"owner_id", "lead_user_id", "responsible_id"}
# Stored words and what they are called, by what they are said of.
_VALUE_WORDS: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("activity", "kind"): ACTIVITY_WORDS,
    ("deadline", "kind"): KIND_WORDS,
    ("deadline", "state"): STATE_WORDS,
    ("support_plan", "kind"): MEASURE_KIND_WORDS,
    ("support_plan", "state"): {**MEASURE_STATE_WORDS, **PLAN_STATE_WORDS},
}
_TERRITORY_FIELDS = {"district_id", "township_id", "territory_id"}


@dataclass(frozen=True)
class FieldChange:
    """One field: what it is called, what it was, what it became; None where there was nothing."""

    label: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Told:
    """One entry as a person reads it."""

    id: int
    at: datetime
    who: str
    role: str
    via: str
    source: str
    what: str
    firm_id: int | None
    firm: str | None
    subject_id: int | None
    batch: str | None
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True)
class Filters:
    """What the trail is narrowed by; firm: part of its name."""

    who: str = ""
    action: str = ""
    first: date | None = None
    last: date | None = None


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

    Auditor and administrator of the whole tree's top see every entry, those of tasks and commands too.
    """
    statement = sa.select(AuditEntry)
    if not _sees_all(actor):
        firms = sa.select(Firm.id).where(in_scope(actor))
        people = sa.select(User.id).where(User.territory_id.in_(tree().subtree_ids(actor.territory_id)))
        beside = sa.and_(AuditEntry.firm_id.is_(None), AuditEntry.actor_id.in_(people))
        statement = statement.where(sa.or_(AuditEntry.firm_id.in_(firms), beside))
    if filters.who:
        statement = statement.where(AuditEntry.actor_name == filters.who)
    if filters.action:
        statement = statement.where(AuditEntry.action == filters.action)
    if filters.first:
        statement = statement.where(AuditEntry.at >= _midnight(filters.first))
    if filters.last:
        statement = statement.where(AuditEntry.at < _midnight(filters.last + timedelta(days=1)))
    return _page(statement, before, after)


def _sees_all(actor: Actor) -> bool:
    level = tree().by_id[actor.territory_id].level
    return actor.role in (Role.AUDITOR, Role.ADMINISTRATOR, Role.SECTION_CHIEF) and level in (
        "city",
        "province",
    )


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
    told = _tell(rows)
    has_newer = more if upward else before is not None
    has_older = True if upward else more
    return TrailPage(
        told,
        newer=rows[0].id if rows and has_newer else None,
        older=rows[-1].id if rows and has_older else None,
    )


def _tell(rows: list[AuditEntry]) -> list[Told]:
    documents = [doc for row in rows for doc in (row.before, row.after) if isinstance(doc, dict)]
    user_ids = {doc[name] for doc in documents for name in _USER_FIELDS & doc.keys() if doc[name]}
    user_ids |= {row.actor_id for row in rows if row.actor_id}
    users: dict[int, str] = {}
    if user_ids:
        named = db.session.execute(sa.select(User.id, User.display_name).where(User.id.in_(user_ids)))
        users = {user_id: name for user_id, name in named}
    firm_ids = {row.firm_id for row in rows if row.firm_id}
    firms: dict[int, str] = {}
    if firm_ids:
        found = db.session.execute(sa.select(Firm.id, Firm.name).where(Firm.id.in_(firm_ids)))
        firms = {firm_id: name for firm_id, name in found}
    return [
        Told(
            id=row.id,
            at=row.at,
            # The name kept in the entry stands where the person's own row is gone.
            who=users.get(row.actor_id or 0) or (gettext("系统") if row.actor_id is None else row.actor_name),
            role=row.actor_role,
            via=str(labels.VIA.get(row.via, row.via)),
            source=row.source,
            what=str(labels.ACTIONS.get(row.action, row.action)),
            firm_id=row.firm_id,
            firm=firms.get(row.firm_id or 0),
            subject_id=row.subject_id,
            batch=row.batch,
            changes=_changes(row.subject_type, row.before, row.after, users),
        )
        for row in rows
    ]


def _changes(subject: str, before: Any, after: Any, users: Mapping[int, str]) -> tuple[FieldChange, ...]:
    old = before if isinstance(before, dict) else {}
    new = after if isinstance(after, dict) else {}
    names = [*old, *(name for name in new if name not in old)]
    return tuple(
        FieldChange(
            _label(name),
            _shown(subject, name, old[name], users) if name in old else None,
            _shown(subject, name, new[name], users) if name in new else None,
        )
        for name in names
    )


def _label(name: str) -> str:
    base, _, number = name.partition(" ")
    plural = {"goal": "goals", "measure": "measures"}.get(base, base)
    return f"{labels.FIELDS.get(plural, base)}{' ' + number if number else ''}"


def _shown(subject: str, name: str, value: Any, users: Mapping[int, str]) -> str:
    if value is None or value == "":
        return str(labels.EMPTY)
    if isinstance(value, bool):
        return str(labels.YES if value else labels.NO)
    if name in _USER_FIELDS:
        return users.get(value, str(value))
    if name in _TERRITORY_FIELDS and value in tree().by_id:
        return tree().name(value)
    if name == "scheme":
        return str(scheme_word(value))
    words = _VALUE_WORDS.get((subject, name), {})
    if isinstance(value, str) and value in words:
        return str(words[value])
    if isinstance(value, dict):
        parts = [
            f"{_label(key)} {_shown(subject, key, one, users)}" for key, one in value.items() if key != "id"
        ]
        return gettext("，").join(parts)[:LONGEST]
    if isinstance(value, list):
        texts = [
            one.get("indicator") or one.get("title") or "" if isinstance(one, dict) else str(one)
            for one in value
        ]
        return gettext("、").join(texts)[:LONGEST]
    text = str(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def head() -> AuditHead | None:
    """The newest seal: what is printed or mailed to prove the chain later."""
    return db.session.get(AuditHead, 1, populate_existing=True)


def actors() -> list[tuple[str, str]]:
    """(sign-in name, display name) of people, for the filter."""
    rows = db.session.execute(sa.select(User.name, User.display_name).order_by(User.display_name))
    return [(name, display) for name, display in rows]
