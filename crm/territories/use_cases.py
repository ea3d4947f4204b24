"""Townships as lists name them: found, or added below their county."""

from __future__ import annotations

import unicodedata

import sqlalchemy as sa

from crm.audit.use_cases import record
from crm.database import db, transaction
from crm.domain.access import Actor
from crm.domain.errors import NotFoundError, RefusedError
from crm.territories.models import Territory
from crm.territories.queries import TerritoryNode, forget_tree, tree


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
    last = max((int(code.rpartition("T")[2]) for code in taken if code.rpartition("T")[2].isdigit()), default=0)
    return f"{county.code}T{last + 1:02d}"
