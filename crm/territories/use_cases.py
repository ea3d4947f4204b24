"""Townships as lists name them; who leads a territory; units of reporting."""

from __future__ import annotations

import re
import unicodedata

import sqlalchemy as sa

from crm.audit.use_cases import record
from crm.database import db, transaction
from crm.domain.access import Actor, Permission, require
from crm.domain.errors import NotFoundError, RefusedError
from crm.territories.models import ReportingUnit, Territory
from crm.territories.queries import TerritoryNode, forget_tree, may_lead, tree, unit_is_within


def ensure_township(actor: Actor, county_id: int, name: str) -> TerritoryNode:
    """The township of that name in the county; a new one gets the county's code, T and a serial number.

    Raises NotFoundError for a county outside the actor's territory, RefusedError on the name.
    """
    name = unicodedata.normalize("NFKC", name).strip()
    if not 2 <= len(name) <= 30:
        raise RefusedError("township", "township_name")
    with transaction():
        county = tree().by_id.get(county_id)
        if county is None or county.level != "county" or not _reaches(actor, county):
            raise NotFoundError("territory", county_id)
        found = tree().find_name(name, county_id)
        if found is not None:
            return found
        row = Territory(
            code=_next_code(county), name=name, level="township", parent_id=county.id, path=county.path
        )
        db.session.add(row)
        db.session.flush()
        row.path = f"{county.path}{row.id}/"
        db.session.flush()
        after = {"code": row.code, "name": name}
        record(actor, "territory.add", subject_type="territory", subject_id=row.id, after=after)
        forget_tree()
        return tree().by_id[row.id]


def _reaches(actor: Actor, county: TerritoryNode) -> bool:
    return actor.everything or county.path.startswith(actor.territory_path)


def _next_code(county: TerritoryNode) -> str:
    taken = db.session.scalars(sa.select(Territory.code).where(Territory.code.startswith(f"{county.code}T")))
    last = max(
        (int(code.rpartition("T")[2]) for code in taken if code.rpartition("T")[2].isdigit()), default=0
    )
    return f"{county.code}T{last + 1:02d}"


def set_lead(actor: Actor, territory_id: int, user_id: int | None) -> None:
    """Who hears of the firms of a territory whose owner is missing or gone; None: nobody.

    Raises NotFoundError outside the actor's territory, RefusedError lead_unknown.
    """
    require(actor, Permission.USER_ADMIN)
    with transaction():
        node = tree().by_id.get(territory_id)
        if node is None or node.is_retired or not _reaches(actor, node):
            raise NotFoundError("territory", territory_id)
        if user_id is not None and user_id not in {user.id for user in may_lead(node)}:
            raise RefusedError("user_id", "lead_unknown", name=node.name)
        if user_id == node.lead_user_id:
            return
        row = db.session.get_one(Territory, territory_id)
        row.lead_user_id = user_id
        record(
            actor,
            "territory.lead",
            subject_type="territory",
            subject_id=territory_id,
            before={"name": node.name, "lead_user_id": node.lead_user_id},
            after={"name": node.name, "lead_user_id": user_id},
        )
        db.session.flush()
        forget_tree()


def managed_unit(actor: Actor, unit_id: int) -> ReportingUnit:
    """A unit of reporting of the administrator's territory. Raises NotFoundError."""
    require(actor, Permission.USER_ADMIN)
    unit = db.session.get(ReportingUnit, unit_id)
    if unit is None or not unit_is_within(unit, actor):
        raise NotFoundError("reporting_unit", unit_id)
    return unit


def save_reporting_unit(
    actor: Actor, unit_id: int | None, *, code: str, name: str, parent_codes: str, is_active: bool = True
) -> ReportingUnit:
    """Add a unit of reporting (unit_id None) or change one; one out of use stays on the firms that have it.

    parent_codes: codes of the counties it lies in, separated by blanks.
    Raises NotFoundError, RefusedError unit_code, unit_name, unit_taken, unit_counties.
    """
    require(actor, Permission.USER_ADMIN)
    new = {
        "code": unicodedata.normalize("NFKC", code).strip().upper(),
        "name": name.strip(),
        "parent_codes": _county_codes(actor, parent_codes),
        "is_active": is_active,
    }
    if not re.fullmatch(r"[A-Z0-9-]{2,24}", str(new["code"])):
        raise RefusedError("code", "unit_code")
    if not 2 <= len(str(new["name"])) <= 60:
        raise RefusedError("name", "unit_name")
    with transaction():
        unit = managed_unit(actor, unit_id) if unit_id is not None else ReportingUnit()
        for field in ("code", "name"):
            column = getattr(ReportingUnit, field)
            other = db.session.scalar(sa.select(ReportingUnit.id).where(column == new[field]))
            if other is not None and other != unit_id:
                raise RefusedError(field, "unit_taken", text=new[field])
        before = {key: getattr(unit, key) for key, value in new.items() if getattr(unit, key) != value}
        if not before:
            return unit
        for key in before:
            setattr(unit, key, new[key])
        db.session.add(unit)
        db.session.flush()
        record(
            actor,
            "reporting_unit.add" if unit_id is None else "reporting_unit.update",
            subject_type="reporting_unit",
            subject_id=unit.id,
            before=None if unit_id is None else {"name": before.get("name", unit.name), **before},
            after={"name": unit.name, **{key: new[key] for key in before}},
        )
    return unit


def _county_codes(actor: Actor, text: str) -> str:
    """Counties in force within the actor's territory, in order; a retired code becomes its successor."""
    found = set()
    for code in unicodedata.normalize("NFKC", text).replace(",", " ").replace("、", " ").split():
        county = tree().by_code(code)
        if county is None or county.level != "county" or not _reaches(actor, county):
            raise RefusedError("parent_codes", "unit_counties", text=code)
        found.add(county.code)
    if not found:
        raise RefusedError("parent_codes", "required")
    return " ".join(sorted(found))
