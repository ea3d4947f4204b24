"""What a list of firms is cut by: read from an address, written to an address, turned into conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from crm.domain.access import Actor
from crm.firms.models import Firm, FirmTally
from crm.firms.queries import in_scope

SORTS = ("due", "name", "new")
OWNER_MINE, OWNER_NONE = "mine", "none"
DUE_CHOICES = (14, 30, 90, 180)
_DUE_MOST = 3660
_QUERY_MOST = 80


@dataclass(frozen=True)
class Filters:
    """owner: "mine", "none" or a user's id as text; due: days from today; None and "" mean: not cut by it."""

    q: str = ""
    district: int | None = None
    township: int | None = None
    rung: int | None = None
    owner: str | None = None
    code: str | None = None  # "missing"
    state: str | None = None  # "archived"
    due: int | None = None
    sort: str = "due"

    @classmethod
    def read(cls, args: Mapping[str, Any]) -> Filters:
        """From the parameters of an address; what makes no sense is left out."""
        owner = str(args.get("owner", ""))
        rung = _number(args.get("rung"), 3)
        sort = str(args.get("sort", ""))
        return cls(
            q=" ".join(str(args.get("q", "")).split())[:_QUERY_MOST],
            district=_number(args.get("district")),
            township=_number(args.get("township")),
            rung=rung,
            owner=owner if owner in (OWNER_MINE, OWNER_NONE) or _number(owner) else None,
            code="missing" if args.get("code") == "missing" else None,
            state="archived" if args.get("state") == "archived" else None,
            due=_number(args.get("due"), _DUE_MOST),
            sort=sort if sort in SORTS else "due",
        )

    def address(self, **changes: Any) -> dict[str, Any]:
        """Parameters of the address that shows this list, changed as said."""
        changed = replace(self, **changes)
        found = {f.name: getattr(changed, f.name) for f in fields(changed)}
        return {
            key: value
            for key, value in found.items()
            if value not in (None, "") and (key, value) != ("sort", "due")
        }

    @property
    def active(self) -> tuple[str, ...]:
        """Names of the filters that cut the list."""
        return tuple(key for key in self.address() if key != "sort")


def _number(value: Any, most: int = 2**31 - 1) -> int | None:
    text = "" if value is None else str(value)
    return int(text) if text.isascii() and text.isdigit() and int(text) <= most else None


def counted_conditions(
    actor: Actor, filters: Filters, table: Any = FirmTally
) -> list[sa.ColumnElement[bool]]:
    """Conditions that firms and their counts share: all but the search text and the deadline."""
    found = [in_scope(actor, table), table.is_archived == sa.literal(filters.state == "archived")]
    if filters.district is not None:
        found.append(table.district_id == filters.district)
    if filters.township is not None:
        found.append(table.township_id == filters.township)
    if filters.rung is not None:
        found.append(table.rung == filters.rung)
    if filters.owner == OWNER_MINE:
        found.append(table.owner_id == actor.user_id)
    elif filters.owner == OWNER_NONE:
        found.append(table.owner_id.is_(None))
    elif filters.owner is not None:
        found.append(table.owner_id == int(filters.owner))
    if filters.code == "missing":
        found.append(Firm.code.is_(None) if table is Firm else table.has_code.is_(False))
    return found


def firm_conditions(actor: Actor, filters: Filters, today: date) -> list[sa.ColumnElement[bool]]:
    """All conditions on Firm but the search text."""
    found = counted_conditions(actor, filters, Firm)
    if filters.due is not None:
        found.append(Firm.due_order <= today + timedelta(days=filters.due))
    return found
