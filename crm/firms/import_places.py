"""Where a row of a list says its firm lies: district by name or code, township by a plausible name.

Never by the firm's code: a firm keeps its registration digits when counties merge, and firms registered
with the city carry the city's.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from crm.domain.access import Actor
from crm.domain.errors import RefusedError
from crm.territories.queries import TerritoryNode, tree

# 应店街镇, 大市聚镇, 东白湖镇; what is longer is an address ("袍江工业区马山镇").
_TOWNSHIP = re.compile(r"[\u4e00-\u9fff]{1,3}(镇|乡|街道)")
# 黄泽镇镇, 长乐镇环镇, 南明街道西镇: a name and what followed it in the address. 章镇镇 is a real one.
_NAME_WITHIN = re.compile(r".{2,}?(镇|乡|街道)(?=.)")
# 县马鞍镇, 区灵芝镇: the tail of a district's name and a township.
_TAIL_BEFORE = re.compile(r"[县区市省]")
_CITY_ITSELF = ("市本级", "市直", "市属", "市级")


@dataclass(frozen=True)
class Place:
    """district None: the row says nothing of it. township: its name, where it may be one."""

    district: TerritoryNode | None
    township: str | None


class Places:
    """Districts by every name and code they are written with; retired ones stand for their successors."""

    def __init__(self, actor: Actor, *, file_has_districts: bool) -> None:
        self._actor = actor
        self._file_has_districts = file_has_districts
        territories = tree()
        root = territories.by_id[actor.territory_id]
        cities = [n for n in territories.by_id.values() if n.level == "city" and not n.is_retired]
        self._own = root if root.level == "county" else None
        # Where a firm of unknown district stands: only people of the city see it.
        within = [n for n in cities if n.path.startswith(root.path)]
        self._unknown = within[0] if len(within) == 1 else None
        self._by_name = _names(territories.by_id)
        self._townships: dict[int, dict[str, TerritoryNode]] = defaultdict(dict)
        for node in territories.townships():
            self._townships[node.parent_id or 0][node.name] = node

    def district(self, name: str, code: str) -> tuple[TerritoryNode | None, list[RefusedError]]:
        """The district a row names, and what to warn of; the name counts where name and code disagree.

        None where the row names none, or one that is not on the tree.
        """
        warnings = []
        by_name = self._by_name.get(_key(name)) if name else None
        digits = unicodedata.normalize("NFKC", code).strip().partition(".")[0]
        by_code = tree().by_code(digits[:6]) if digits else None
        if name and by_name is None:
            warnings.append(RefusedError("district", "district_not_known", text=name))
        if digits and (by_code is None or by_code.level not in ("county", "city")):
            warnings.append(RefusedError("district_code", "district_code_not_known", text=code))
            by_code = None
        if by_name is not None and by_code is not None and by_name.id != by_code.id:
            warnings.append(
                RefusedError("district_code", "district_code_differs", name=by_name.name, other=by_code.name)
            )
        return by_name or by_code, warnings

    def for_new(self, named: TerritoryNode | None) -> TerritoryNode:
        """District of a firm not known yet. Raises RefusedError where the actor may not place it so.

        A county's own list often has no column for the county: then it is the importing officer's.
        """
        if named is not None:
            return named
        if self._own is not None:
            if self._file_has_districts:
                raise RefusedError("district", "district_needed", name=self._own.name)
            return self._own
        if self._unknown is None:
            raise RefusedError("district", "district_needed", name="")
        return self._unknown

    def own_if_silent(self, named: TerritoryNode | None) -> TerritoryNode | None:
        """The district to look a firm's name up in."""
        return named or (self._own if not self._file_has_districts else None)

    def is_within(self, district: TerritoryNode) -> bool:
        """Whether the actor may place firms there."""
        return self._actor.everything or district.path.startswith(self._actor.territory_path)

    def township(self, text: str, district: TerritoryNode | None) -> tuple[str | None, RefusedError | None]:
        """Name of the township where it is one of the district's or may well be, else what to warn of."""
        name = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
        if not name:
            return None, None
        if district is None or district.level != "county":
            return None, RefusedError("township", "township_without_district", text=text)
        for prefix in (district.name, district.name[:-1]):
            if name.startswith(prefix) and is_township_name(name.removeprefix(prefix)):
                name = name.removeprefix(prefix)
                break
        if name in self._townships[district.id] or is_township_name(name):
            return name, None
        return None, RefusedError("township", "township_doubtful", text=text)

    def township_id(self, district_id: int, name: str) -> int | None:
        """Id of a township that is on the tree already."""
        node = self._townships[district_id].get(name)
        return node.id if node else None


def is_township_name(name: str) -> bool:
    """Whether a text may be the name of a township: short, one ending, no other place before or within."""
    return bool(_TOWNSHIP.fullmatch(name)) and not (
        _NAME_WITHIN.match(name) or _TAIL_BEFORE.match(name) or name[:2] == "新区"
    )


def _key(name: str) -> str:
    return re.sub(r"[\s、,，/()（）]", "", unicodedata.normalize("NFKC", name))


def _names(nodes: Mapping[int, TerritoryNode]) -> dict[str, TerritoryNode]:
    """柯桥区, 柯桥, 绍兴市柯桥区, 浙江省绍兴市柯桥区, 绍兴县 (retired) -> 柯桥区; 市本级 -> the city."""
    found: dict[str, TerritoryNode] = {}
    short: dict[str, TerritoryNode] = {}
    for node in nodes.values():
        if node.level not in ("city", "county"):
            continue
        in_force = tree().by_code(node.code)
        if in_force is None:
            continue
        written, above = node.name, node.parent_id
        while True:
            found.setdefault(written, in_force)
            if above is None:
                break
            written, above = nodes[above].name + written, nodes[above].parent_id
        if len(node.name) > 2:
            short.setdefault(node.name[:-1], in_force)
        if node.level == "city":
            for word in _CITY_ITSELF:
                short.setdefault(word, in_force)
                short.setdefault(node.name + word, in_force)
                short.setdefault(node.name + word.removeprefix("市"), in_force)
    # 绍兴 is the city although 绍兴县 was a county
    for node in nodes.values():
        if node.level == "city" and not node.is_retired:
            short[node.name[:-1]] = node
    return {**short, **found}
