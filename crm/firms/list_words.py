"""What the list says about itself: its views, its chips, the choices of its filters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from crm.accounts.queries import people_in_scope, possible_owners
from crm.domain.access import Actor
from crm.firms.filters import OWNER_MINE, OWNER_NONE, Filters
from crm.firms.listing import TAB_MOST, VIEW_DAYS
from crm.territories.queries import TerritoryNode, tree
from crm.web.front_page import RUNG_WORDS


@dataclass(frozen=True)
class Chip:
    """One active filter: its words, how many it alone leaves, the address without it."""

    label: str
    value: str
    count: int | None
    without: dict[str, Any]


@dataclass(frozen=True)
class View:
    """One tab above the list."""

    label: str
    count: str
    address: dict[str, Any]
    is_current: bool


def chips(actor: Actor, filters: Filters, counts: dict[str, int]) -> list[Chip]:
    """Active filters in the order of the filter form."""
    territories = tree()
    words: dict[str, tuple[str, str]] = {}
    if filters.q:
        words["q"] = (gettext("搜索"), filters.q)
    for key, label in (("district", gettext("区县")), ("township", gettext("乡镇街道"))):
        place = getattr(filters, key)
        if place is not None:
            node = territories.by_id.get(place)
            words[key] = (label, node.name if node else gettext("未知"))
    if filters.rung is not None:
        words["rung"] = (gettext("梯度"), str(RUNG_WORDS[filters.rung]))
    if filters.owner is not None:
        words["owner"] = (gettext("负责人"), _owner_word(actor, filters.owner))
    if filters.code:
        words["code"] = (gettext("代码"), gettext("缺统一社会信用代码"))
    if filters.due is not None:
        words["due"] = (gettext("时限"), gettext("%(n)s 天内", n=filters.due))
    if filters.state:
        words["state"] = (gettext("状态"), gettext("已归档"))
    empty = Filters()
    return [
        Chip(label, value, counts.get(key), filters.address(**{key: getattr(empty, key)}))
        for key, (label, value) in words.items()
    ]


def _owner_word(actor: Actor, owner: str) -> str:
    if owner == OWNER_MINE:
        return gettext("我")
    if owner == OWNER_NONE:
        return gettext("未指派")
    names = {str(user.id): user.display_name for user in people_in_scope(actor, only_active=False)}
    return names.get(owner, gettext("未知"))


def views(filters: Filters, counts: dict[str, int | None]) -> list[View]:
    """Tabs: whole list, near deadlines, mine, nobody's, without code."""
    tabs = (
        ("all", gettext("全部企业"), Filters()),
        ("due", gettext("%(n)s 天内有时限", n=VIEW_DAYS), Filters(due=VIEW_DAYS)),
        ("mine", gettext("我负责的"), Filters(owner=OWNER_MINE)),
        ("free", gettext("未指派"), Filters(owner=OWNER_NONE)),
        ("code", gettext("缺代码"), Filters(code="missing")),
    )
    here = filters.address(sort="due")
    return [
        View(
            label,
            f"{count:,}" if (count := counts[key]) is not None else f"{TAB_MOST:,}+",
            tab.address(sort=filters.sort),
            tab.address() == here,
        )
        for key, label, tab in tabs
    ]


def owner_choices(actor: Actor) -> list[tuple[int, str]]:
    """People firms can be handed to."""
    return [(user.id, user.display_name) for user in possible_owners(actor)]


def places(actor: Actor) -> list[tuple[TerritoryNode, list[TerritoryNode]]]:
    """Districts of the actor's territory, each with its townships."""
    territories = tree()
    own = territories.by_id[actor.territory_id]
    if own.level == "township":
        return []
    nodes = [territories.by_id[i] for i in territories.districts_of(own.id)]
    return [
        (node, territories.townships(node.id) if node.level == "county" else [])
        for node in sorted(nodes, key=lambda n: (n.level != "county", n.code))
        if not node.is_retired
    ]
