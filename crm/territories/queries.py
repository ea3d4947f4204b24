"""The territory tree, read once a request: a few hundred rows that every page needs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask import g

from crm.database import db
from crm.territories.models import ReportingUnit, Territory

if TYPE_CHECKING:
    from crm.accounts.models import User
    from crm.domain.access import Actor


@dataclass(frozen=True)
class TerritoryNode:
    """One territory as a value."""

    id: int
    code: str
    name: str
    level: str
    parent_id: int | None
    path: str
    valid_to: date | None
    successor_id: int | None
    lead_user_id: int | None
    name_en: str | None = None

    @property
    def is_retired(self) -> bool:
        return self.valid_to is not None


@dataclass(frozen=True)
class TerritoryTree:
    """All territories with lookups; retired codes resolve to their successors."""

    by_id: dict[int, TerritoryNode]
    _by_code: dict[str, TerritoryNode]
    _children: dict[int | None, list[TerritoryNode]] = field(default_factory=dict)

    def by_code(self, code: str) -> TerritoryNode | None:
        """Territory of a code; a retired one answers with its successor in force."""
        node = self._by_code.get(code.strip())
        while node is not None and node.successor_id is not None:
            node = self.by_id[node.successor_id]
        return node

    def children(self, territory_id: int | None) -> list[TerritoryNode]:
        """Territories in force directly below, by code."""
        return [node for node in self._children.get(territory_id, []) if not node.is_retired]

    def subtree_ids(self, territory_id: int) -> list[int]:
        """The territory and everything below it, retired ones included (history stays visible)."""
        path = self.by_id[territory_id].path
        return [node.id for node in self.by_id.values() if node.path.startswith(path)]

    def districts_of(self, territory_id: int) -> list[int]:
        """Ids that may stand in firms.district_id within the territory: the city itself and its counties."""
        return [i for i in self.subtree_ids(territory_id) if self.by_id[i].level in ("city", "county")]

    def counties(self) -> list[TerritoryNode]:
        """Counties in force, by code."""
        return sorted(
            (n for n in self.by_id.values() if n.level == "county" and not n.is_retired), key=lambda n: n.code
        )

    def townships(self, county_id: int | None = None) -> list[TerritoryNode]:
        """Townships in force, of one county or of all."""
        found = [n for n in self.by_id.values() if n.level == "township" and not n.is_retired]
        return sorted((n for n in found if county_id in (None, n.parent_id)), key=lambda n: n.code)

    def name(self, territory_id: int | None) -> str:
        """Name for people; empty for None."""
        return self.by_id[territory_id].name if territory_id is not None else ""

    def is_within(self, territory_id: int, ancestor_path: str) -> bool:
        """True where the territory lies in the subtree of that path."""
        return self.by_id[territory_id].path.startswith(ancestor_path)

    def find_name(self, text: str, parent_id: int | None = None) -> TerritoryNode | None:
        """Territory by exact name (county level unless a parent is given)."""
        for node in self.by_id.values():
            if node.name == text and (
                node.parent_id == parent_id if parent_id else node.level in ("city", "county")
            ):
                return self.by_code(node.code)
        return None


def tree() -> TerritoryTree:
    """The tree as the running request or task sees it; `forget_tree` after a change."""
    cached: TerritoryTree | None = g.get("territory_tree")
    if cached is None:
        columns: list[Any] = [
            Territory.id,
            Territory.code,
            Territory.name,
            Territory.level,
            Territory.parent_id,
            Territory.path,
            Territory.valid_to,
            Territory.successor_id,
            Territory.lead_user_id,
            Territory.name_en,
        ]
        nodes = [
            TerritoryNode(*row) for row in db.session.execute(sa.select(*columns).order_by(Territory.code))
        ]
        children: dict[int | None, list[TerritoryNode]] = defaultdict(list)
        for node in nodes:
            children[node.parent_id].append(node)
        cached = TerritoryTree({n.id: n for n in nodes}, {n.code: n for n in nodes}, dict(children))
        g.territory_tree = cached
    return cached


def forget_tree() -> None:
    """Let the next `tree()` read anew."""
    g.pop("territory_tree", None)


def reporting_units() -> list[ReportingUnit]:
    """Units of reporting in use, by code."""
    return list(
        db.session.scalars(
            sa.select(ReportingUnit).where(ReportingUnit.is_active).order_by(ReportingUnit.code)
        )
    )


def possible_leads() -> list[User]:
    """Active officers and liaisons, those of the smallest territory first."""
    # Inside the function: the table of people refers to the one of territories.
    from crm.accounts.models import User

    roles = ("township_liaison", "county_officer", "city_officer", "section_chief")
    statement = (
        sa.select(User)
        .join(Territory, Territory.id == User.territory_id)
        .where(User.is_active, User.role.in_(roles))
        .order_by(sa.func.length(Territory.path).desc(), User.display_name, User.id)
    )
    return list(db.session.scalars(statement))


def may_lead(node: TerritoryNode, people: list[User] | None = None) -> list[User]:
    """Who may be told of a territory's firms: people who can see all of it, the nearest first."""
    people = possible_leads() if people is None else people
    return [user for user in people if node.path.startswith(user.territory.path)]


@dataclass(frozen=True)
class TerritoryLine:
    """One line of the tree. depth: 0 for the topmost; retired: (code, last day) of former codes."""

    node: TerritoryNode
    depth: int
    retired: tuple[tuple[TerritoryNode, date], ...]
    lead: User | None
    lead_choices: tuple[User, ...]


def outline(actor: Actor) -> list[TerritoryLine]:
    """The actor's part of the tree in order, each with its lead and who may be it."""
    people = possible_leads()
    everybody = {user.id: user for user in people}
    lines: list[TerritoryLine] = []

    def add(node: TerritoryNode, depth: int) -> None:
        gone = [n for n in tree().by_id.values() if n.successor_id == node.id and n.valid_to is not None]
        lines.append(
            TerritoryLine(
                node,
                depth,
                tuple((n, n.valid_to) for n in gone if n.valid_to is not None),
                everybody.get(node.lead_user_id or 0),
                tuple(may_lead(node, people)),
            )
        )
        for child in tree().children(node.id):
            add(child, depth + 1)

    add(tree().by_id[actor.territory_id], 0)
    return lines


def units_within(actor: Actor) -> list[ReportingUnit]:
    """Units of reporting, those out of use last; only such as lie in the actor's territory."""
    rows = db.session.scalars(
        sa.select(ReportingUnit).order_by(ReportingUnit.is_active.desc(), ReportingUnit.code)
    )
    return [unit for unit in rows if unit_is_within(unit, actor)]


def unit_is_within(unit: ReportingUnit, actor: Actor) -> bool:
    """True where every county the unit names lies in the actor's territory."""
    counties = [tree().by_code(code) for code in unit.parent_codes.split()]
    return all(county is not None and county.path.startswith(actor.territory_path) for county in counties)
