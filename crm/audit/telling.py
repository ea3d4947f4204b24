"""Entries told as a person reads them: who did what to which record, field by field, ids turned to names.

A fixed number of statements for any number of entries. What an entry itself keeps comes first, so that it
stays readable when the person, the firm or the record is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext

from crm.accounts.models import User
from crm.activities.labels import KIND_WORDS as ACTIVITY_WORDS
from crm.audit import labels
from crm.audit.models import AuditEntry
from crm.certifications.labels import scheme_word
from crm.database import db
from crm.deadlines.labels import CLOSE_WORDS, KIND_WORDS, STATE_WORDS
from crm.domain.export_profiles import profiles
from crm.domain.masking import masked_email, masked_phone
from crm.firms.models import Firm
from crm.reminders.labels import CHANNEL_WORDS, REASON_WORDS
from crm.reminders.labels import STATE_WORDS as DELIVERY_WORDS
from crm.support_plans.labels import MEASURE_KIND_WORDS, MEASURE_STATE_WORDS, PLAN_STATE_WORDS
from crm.territories.models import ReportingUnit
from crm.territories.queries import tree
from crm.web.front_page import ROLE_WORDS, RUNG_WORDS
from crm.web.language import chosen

# A value of more characters is cut in the sentence; the entry keeps it whole.
LONGEST = 120
_USER_FIELDS = {"owner_id", "lead_user_id", "responsible_id"}
_TERRITORY_FIELDS = {"district_id", "township_id", "territory_id"}
# Stored words and what they are called, by what they are said of.
_VALUE_WORDS: Mapping[tuple[str, str], Mapping[Any, Any]] = {
    ("activity", "kind"): ACTIVITY_WORDS,
    ("deadline", "kind"): KIND_WORDS,
    ("deadline", "state"): STATE_WORDS,
    ("deadline", "reason"): CLOSE_WORDS,
    ("delivery", "state"): DELIVERY_WORDS,
    ("delivery", "reason"): REASON_WORDS,
    ("reminder_policy", "kind"): KIND_WORDS,
    ("reminder_policy", "channel"): CHANNEL_WORDS,
    ("support_plan", "kind"): MEASURE_KIND_WORDS,
    ("support_plan", "state"): {**MEASURE_STATE_WORDS, **PLAN_STATE_WORDS},
    ("support_plan", "target_rung"): RUNG_WORDS,
    ("user", "role"): ROLE_WORDS,
    ("export", "permission"): labels.EXPORT_PERMISSIONS,
}
# Fields that say which record is meant; where they did not change they are no change to be told.
_NAMING = {
    "certification": ("scheme", "number"),
    "contact": ("name",),
    "deadline": ("kind", "due_on"),
    "import": ("filename",),
    "reminder_policy": ("kind", "channel"),
    "reporting_unit": ("name",),
    "support_plan": ("title",),
    "territory": ("name",),
}
# Keys of entries that only machines read.
_SILENT = {"id", "measure", "responsible"}


@dataclass(frozen=True)
class FieldChange:
    """One field: what it is called, what it was, what it became; None where there was nothing."""

    label: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Told:
    """One entry as a person reads it. subject: which record, where the action alone does not say it."""

    id: int
    at: datetime
    who: str
    role: str
    via: str
    source: str
    what: str
    subject: str
    firm_id: int | None
    firm: str | None
    subject_id: int | None
    batch: str | None
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True)
class _Names:
    users: Mapping[int, str]
    firms: Mapping[int, str]
    units: Mapping[int, str]


def tell(rows: list[AuditEntry]) -> list[Told]:
    """The entries in their order."""
    names = _names(rows)
    return [_told(row, names) for row in rows]


def _told(row: AuditEntry, names: _Names) -> Told:
    before = row.before if isinstance(row.before, dict) else {}
    after = row.after if isinstance(row.after, dict) else {}
    naming = {
        field: _shown(row.subject_type, field, value, names)
        for field in _NAMING.get(row.subject_type, ())
        if (value := after.get(field, before.get(field))) not in (None, "")
        and (field not in before or field not in after or before[field] == after[field])
    }
    return Told(
        id=row.id,
        at=row.at,
        # The name kept in the entry stands where the person's own row is gone.
        who=names.users.get(row.actor_id or 0)
        or (gettext("系统") if row.actor_id is None else row.actor_name),
        role=row.actor_role,
        via=str(labels.VIA.get(row.via, row.via)),
        source=row.source,
        what=str(labels.ACTIONS.get(row.action, row.action)),
        subject=_subject(row, naming, names),
        firm_id=row.firm_id,
        firm=names.firms.get(row.firm_id or 0),
        subject_id=row.subject_id,
        batch=row.batch,
        changes=_changes(row.subject_type, before, after, naming, names),
    )


def _subject(row: AuditEntry, naming: Mapping[str, str], names: _Names) -> str:
    if row.subject_type == "user" and row.subject_id not in (None, row.actor_id):
        return names.users.get(row.subject_id or 0, "")
    if row.subject_type == "submission":
        return gettext("第 %(id)s 批", id=row.subject_id)
    return " ".join(naming.values())


def _changes(
    subject: str, before: Mapping[str, Any], after: Mapping[str, Any], naming: Iterable[str], names: _Names
) -> tuple[FieldChange, ...]:
    fields = [*before, *(field for field in after if field not in before)]
    return tuple(
        FieldChange(
            _label(field),
            _shown(subject, field, before[field], names) if field in before else None,
            _shown(subject, field, after[field], names) if field in after else None,
        )
        for field in fields
        if field not in naming
        and field not in _SILENT
        and not (field not in before and after[field] in (None, ""))
        and not (field in before and field in after and before[field] == after[field])
    )


def _names(rows: list[AuditEntry]) -> _Names:
    documents = [doc for row in rows for doc in (row.before, row.after) if isinstance(doc, dict)]
    everything = [*documents, *(part for doc in documents for part in _nested(doc))]
    user_ids = {doc[name] for doc in everything for name in _USER_FIELDS & doc.keys() if doc[name]}
    user_ids |= {row.actor_id for row in rows if row.actor_id}
    user_ids |= {row.subject_id for row in rows if row.subject_type == "user" and row.subject_id}
    unit_ids = {doc["reporting_unit_id"] for doc in documents if doc.get("reporting_unit_id")}
    firm_ids = {row.firm_id for row in rows if row.firm_id}
    return _Names(
        users=_named(User.id, User.display_name, user_ids),
        firms=_named(Firm.id, Firm.name, firm_ids),
        units=_named(ReportingUnit.id, ReportingUnit.name, unit_ids),
    )


def _nested(document: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """Rows of plans inside an entry: by themselves or in lists."""
    for value in document.values():
        yield from (
            part for part in (value if isinstance(value, list) else [value]) if isinstance(part, dict)
        )


def _named(key: Any, name: Any, ids: set[int]) -> dict[int, str]:
    """Names by id; asked even for none, so that a page costs the same whatever stands on it."""
    return {row_id: text for row_id, text in db.session.execute(sa.select(key, name).where(key.in_(ids)))}


def _label(field: str) -> str:
    base, _, number = field.partition(" ")
    return f"{labels.FIELDS.get(base, base)}{' ' + number if number else ''}"


def _shown(subject: str, field: str, value: Any, names: _Names) -> str:
    if value is None or value in ("", [], {}):
        return str(labels.EMPTY)
    if isinstance(value, bool):
        return str(labels.YES if value else labels.NO)
    if field in _MASKS:
        # Masked when written; once more for entries of another time.
        return _MASKS[field](str(value))
    if field in _USER_FIELDS:
        return names.users.get(value, str(value))
    if field == "reporting_unit_id":
        return names.units.get(value, str(value))
    if field in _TERRITORY_FIELDS and value in tree().by_id:
        return tree().name(value)
    if field == "territory" and (place := tree().by_code(str(value))) is not None:
        return place.name
    if field == "scheme":
        return str(scheme_word(value))
    if field == "profile" and value in profiles():
        return profiles()[value].label(chosen())
    words = _VALUE_WORDS.get((subject, field), {})
    if isinstance(value, (str, int)) and value in words:
        return str(words[value])
    if isinstance(value, dict):
        parts = [
            f"{_label(key)} {_shown(subject, key, one, names)}"
            for key, one in value.items()
            if key not in _SILENT and one is not None
        ]
        return _cut(gettext("，").join(parts))
    if isinstance(value, list):
        return _cut(gettext("、").join(_item(one) for one in value))
    return _cut(str(value))


def _item(value: Any) -> str:
    """One of a list: a row of a plan by its title, a lead of a policy by its days."""
    if isinstance(value, dict):
        return str(value.get("indicator") or value.get("title") or value.get("name") or "")
    return str(value[0]) if isinstance(value, list) and value else str(value)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


_MASKS: Mapping[str, Callable[[str], str]] = {"phone": masked_phone, "email": masked_email}
