"""What is checked before a firm is written: texts, place, owner, code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from crm.accounts.queries import possible_owners
from crm.database import db
from crm.domain import firm_name
from crm.domain.access import Actor
from crm.domain.errors import RefusedError
from crm.firms.derivation import NAME_MOST, branch, code_columns, name_columns
from crm.firms.models import Firm, FormerName
from crm.firms.queries import in_scope
from crm.territories.queries import TerritoryNode, tree

if TYPE_CHECKING:
    from crm.accounts.models import User

# Editable columns with the length of texts (None: not a text).
EDITABLE: Mapping[str, int | None] = {
    "name": NAME_MOST,
    "code": 18,
    "district_id": None,
    "township_id": None,
    "reporting_unit_id": None,
    "development_zone_hint": 200,
    "registered_on": None,
    "firm_type": 100,
    "registered_capital": None,
    "capital_currency": 3,
    "is_branch": None,
    "industry": 100,
    "hnte_field": 60,
    "business_scope": 4000,
    "note": 4000,
    "owner_id": None,
}


def checked(actor: Actor, values: Mapping[str, Any], firm: Firm | None = None) -> dict[str, Any]:
    """Columns to write for what was given; firm: the one being changed.

    A failing code is kept and flagged, a missing one allowed. Raises RefusedError on the field at fault.
    """
    unknown = set(values) - set(EDITABLE)
    if unknown:
        raise KeyError(f"not a column of a firm: {sorted(unknown)}")
    columns = {key: _text(key, value) for key, value in values.items()}
    if "name" in columns:
        name = firm_name.printed(columns["name"] or "")
        if not firm_name.normalise(name):
            raise RefusedError("name", "required")
        columns |= name_columns(name)
    if "code" in columns:
        columns |= code_columns(columns["code"])
    if firm is None or "is_branch" in columns:
        name = columns.get("name") or (firm.name if firm else "")
        columns["is_branch"] = branch(name, columns.get("is_branch"))
    _check_code(actor, columns, firm)
    _check_same_name(actor, columns, firm)
    if firm is None or columns.keys() & {"district_id", "township_id"}:
        _check_place(actor, columns, firm)
    if columns.get("owner_id") is not None and (firm is None or firm.owner_id != columns["owner_id"]):
        place = columns.get("township_id") or columns.get("district_id")
        owner = owner_for(actor, columns["owner_id"])
        if not may_own(owner, place or (firm.township_id or firm.district_id if firm else 0)):
            raise RefusedError("owner_id", "owner_elsewhere", name=owner.display_name)
    return columns


def _text(key: str, value: Any) -> Any:
    most = EDITABLE[key]
    if most is None:
        return value
    text = str(value or "").strip()
    if len(text) > most:
        raise RefusedError(key, "too_long", most=most)
    return text or None


def _check_code(actor: Actor, columns: dict[str, Any], firm: Firm | None) -> None:
    """A code belongs to one firm; the other one is named only to who may see it."""
    code = columns.get("code")
    if not code or (firm is not None and firm.code == code):
        return
    if len(code) > 18:
        raise RefusedError("code", "too_long", most=18)
    other = db.session.scalar(sa.select(Firm).where(Firm.code == code))
    if other is None:
        return
    if db.session.scalar(sa.select(Firm.id).where(Firm.id == other.id, in_scope(actor))):
        raise RefusedError("code", "code_taken", name=other.name, firm_id=other.id)
    raise RefusedError("code", "code_taken_elsewhere")


def _check_same_name(actor: Actor, columns: dict[str, Any], firm: Firm | None) -> None:
    """Without a code two firms of one name cannot be told apart."""
    if firm is not None or columns.get("code"):
        return
    other = db.session.scalar(
        sa.select(Firm).where(Firm.name_normal == columns["name_normal"], in_scope(actor)).limit(1)
    )
    if other is not None:
        raise RefusedError("name", "name_taken", name=other.name, firm_id=other.id)


def _check_place(actor: Actor, columns: dict[str, Any], firm: Firm | None) -> None:
    """District and township fit together and lie in the actor's territory."""
    territories = tree()
    district_id = columns.get("district_id") or (firm.district_id if firm else None)
    township_id = columns.get("township_id", firm.township_id if firm else None)
    if district_id is None:
        raise RefusedError("district_id", "required")
    district = territories.by_id.get(district_id)
    if district is None or district.level not in ("county", "city") or district.is_retired:
        raise RefusedError("district_id", "district_unknown")
    if not _reachable(actor, district, township_id):
        raise RefusedError("district_id", "place_elsewhere", name=district.name)
    if township_id is not None:
        township = territories.by_id.get(township_id)
        if township is None or township.level != "township" or township.parent_id != district_id:
            raise RefusedError("township_id", "township_elsewhere", name=district.name)


def _reachable(actor: Actor, district: TerritoryNode, township_id: int | None) -> bool:
    territories = tree()
    if actor.everything or district.path.startswith(actor.territory_path):
        return True
    return township_id in territories.by_id and territories.is_within(township_id, actor.territory_path)


def owner_for(actor: Actor, owner_id: int) -> User:
    """A person the actor may hand firms to. Raises RefusedError."""
    for user in possible_owners(actor):
        if user.id == owner_id:
            return user
    raise RefusedError("owner_id", "owner_unknown")


def may_own(owner: User, place_id: int) -> bool:
    """True where the owner's territory holds the firm's place: an owner must see the firm."""
    return tree().is_within(place_id, owner.territory.path)


def keep_former(firm: Firm, until: Any) -> FormerName | None:
    """The name a firm leaves, as a former one; None where it is kept already."""
    known = db.session.scalar(
        sa.select(FormerName).where(FormerName.firm_id == firm.id, FormerName.name_normal == firm.name_normal)
    )
    if known is not None:
        known.until = until
        return None
    former = FormerName(firm_id=firm.id, name=firm.name, name_normal=firm.name_normal, until=until)
    db.session.add(former)
    return former
