"""What the deadlines page shows, read from its address and written back to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

import sqlalchemy as sa

from crm.deadlines.models import Deadline
from crm.domain.access import Actor
from crm.domain.deadlines import KINDS
from crm.firms.models import Firm
from crm.firms.queries import in_scope

VIEWS = ("month", "list")
STATES = ("open", "overdue", "done", "waived", "closed", "all")
OWNER_MINE, OWNER_NONE = "mine", "none"


@dataclass(frozen=True)
class DeadlineFilters:
    """view: month or list. month: any day of it. day: one day. owner: "mine", "none" or a user's id."""

    view: str = "month"
    month: str = ""  # 2026-12
    day: date | None = None
    kind: str = ""
    state: str = "open"
    owner: str = ""
    district: int | None = None

    @classmethod
    def read(cls, args: Mapping[str, Any]) -> DeadlineFilters:
        """From the parameters of an address; what makes no sense is left out."""
        owner, district = str(args.get("owner", "")), str(args.get("district", ""))
        view, kind, state = (str(args.get(name, "")) for name in ("view", "kind", "state"))
        return cls(
            view=view if view in VIEWS else "month",
            month=str(args.get("month", "")) if _first_of(str(args.get("month", ""))) else "",
            day=_day(str(args.get("day", ""))),
            kind=kind if kind in KINDS else "",
            state=state if state in STATES else "open",
            owner=owner if owner in (OWNER_MINE, OWNER_NONE) or _is_id(owner) else "",
            district=int(district) if _is_id(district) else None,
        )

    def address(self, **changes: Any) -> dict[str, Any]:
        """Parameters of the address that shows this, changed as said; defaults are left out."""
        changed, plain = replace(self, **changes), DeadlineFilters()
        values = {f.name: getattr(changed, f.name) for f in fields(changed)}
        return {key: value for key, value in values.items() if value != getattr(plain, key)}

    def first_of_month(self, otherwise: date) -> date:
        """First day of the month shown: as said, else of the chosen day, else of another."""
        return _first_of(self.month) or (self.day or otherwise).replace(day=1)

    @property
    def is_cut(self) -> bool:
        """Whether anything but the view narrows it."""
        return bool(self.kind or self.owner or self.district or self.state != "open")


def conditions(
    actor: Actor, filters: DeadlineFilters, today: date, *, with_state: bool = True, with_kind: bool = True
) -> list[sa.ColumnElement[bool]]:
    """Conditions on Deadline and Firm: the territory always, then what the filters say (not the day)."""
    found = [in_scope(actor)]
    if filters.district is not None:
        found.append(Firm.district_id == filters.district)
    if filters.owner == OWNER_MINE:
        found.append(Firm.owner_id == actor.user_id)
    elif filters.owner == OWNER_NONE:
        found.append(Firm.owner_id.is_(None))
    elif filters.owner:
        found.append(Firm.owner_id == int(filters.owner))
    if with_kind and filters.kind:
        found.append(Deadline.kind == filters.kind)
    if with_state:
        found += state_conditions(filters.state, today)
    return found


def state_conditions(state: str, today: date) -> list[sa.ColumnElement[bool]]:
    """Stored state, or overdue: open and past."""
    if state == "all":
        return []
    if state == "overdue":
        return [Deadline.state == "open", Deadline.due_on < today]
    return [Deadline.state == state]


def _first_of(text: str) -> date | None:
    return _day(f"{text}-01") if len(text) == 7 else None


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
    # A calendar page reaches some days over both ends of a month.
    return found if found and 1990 <= found.year <= 2200 else None


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 18
