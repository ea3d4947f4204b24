"""Settle each row of a list of firms: new, changed, same or refused; writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm.domain.access import Actor
from crm.domain.errors import RefusedError
from crm.firms.import_comparison import Comparison
from crm.firms.import_fields import ContactSaid, FirmRow
from crm.firms.import_owners import Owners
from crm.firms.import_places import Places
from crm.firms.matching import Found, KnownFirms, Row
from crm.imports.use_cases import RowResult, Tick
from crm.territories.queries import TerritoryNode, tree

_CANDIDATES_SHOWN = 5


@dataclass
class Plan:
    """What is to be done for one row. firm: the stored one, None for a new one.

    columns: of a new firm all that are known, of a stored one those that change; before: their old values.
    new_township: (district id, name) of a township the tree does not have yet.
    contact_id: the stored contact to change, None to add one.
    """

    row: FirmRow
    result: RowResult
    district: TerritoryNode | None = None
    township: str | None = None
    found: Found = field(default_factory=Found)
    columns: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)
    new_township: tuple[int, str] | None = None
    former_names: list[str] = field(default_factory=list)
    contact: ContactSaid | None = None
    contact_id: int | None = None

    @property
    def firm(self) -> Row | None:
        return self.found.firm


def settle(actor: Actor, rows: Sequence[FirmRow], places: Places, tick: Tick) -> list[Plan]:
    """A plan for each row, in order; the results inside say what will become of it."""
    plans = [Plan(row, row.result.copy()) for row in rows]
    _each(plans, lambda plan: _place(plan, places))
    open_rows = [plan.row for plan in plans if not plan.result.is_refused]
    known = KnownFirms(
        actor, (row.code for row in open_rows if row.code), (row.name_key for row in open_rows), lock=True
    )
    _each(plans, lambda plan: _match(plan, known, places))
    _settle_duplicates(plans)
    owners = Owners(actor)
    comparison = Comparison(
        [plan.firm for plan in plans if plan.firm is not None and plan.result.state == "new"], owners, places
    )
    for done, plan in enumerate(plans, 1):
        if plan.result.state == "new":
            if plan.firm is not None:
                comparison.compare(plan)
            else:
                _new_columns(plan, known, owners, places)
        if done % 500 == 0:
            tick(done // 2)
    return plans


def _each(plans: Sequence[Plan], step: Callable[[Plan], None]) -> None:
    """Take every row not refused yet one step further; a refusal ends its way."""
    for plan in plans:
        if not plan.result.is_refused:
            try:
                step(plan)
            except RefusedError as error:
                plan.result.refuse(error)


def _place(plan: Plan, places: Places) -> None:
    """Where the firm lies, as the row says; a row of another county is refused before any look-up."""
    said = plan.row.references
    plan.district, warnings = places.district(said["district"], said["district_code"])
    if plan.district is not None and not places.is_within(plan.district):
        raise RefusedError("district", "place_elsewhere", name=plan.district.name)
    for warning in warnings:
        plan.result.warn(warning)


def _match(plan: Plan, known: KnownFirms, places: Places) -> None:
    row, looked_in = plan.row, places.own_if_silent(plan.district)
    if not row.name_key and not row.code:
        raise RefusedError("name", "required")
    district_id = looked_in.id if looked_in is not None and looked_in.level == "county" else None
    plan.found = known.find(row.code, row.name_key, district_id)
    if plan.found.is_elsewhere:
        raise RefusedError("code", "code_taken_elsewhere")
    if plan.found.candidates:
        raise RefusedError("name", "firm_ambiguous", candidates=_listed(plan.found.candidates))
    firm = plan.firm
    if firm is not None:
        plan.result.subject_id = firm.id
        if firm.is_archived:
            raise RefusedError(None, "firm_archived")
        if plan.found.by == "former":
            plan.result.warn(RefusedError("name", "matched_by_former_name", name=firm.name))
        return
    if not row.name_key:
        raise RefusedError("name", "required")
    plan.district = places.for_new(plan.district)


def _listed(rows: Sequence[Row]) -> str:
    shown = [
        f"{row.name}({tree().name(row.district_id)}{', ' + row.code if row.code else ''})"
        for row in rows[:_CANDIDATES_SHOWN]
    ]
    return "; ".join(shown) + (" …" if len(rows) > _CANDIDATES_SHOWN else "")


def _settle_duplicates(plans: Sequence[Plan]) -> None:
    """One firm on several rows: where one row says all that the others say, they are same; else refused."""
    open_plans = [plan for plan in plans if not plan.result.is_refused]
    by_name: dict[str, set[tuple[object, ...]]] = defaultdict(set)
    for plan in open_plans:
        if plan.row.code or plan.firm is not None:
            by_name[plan.row.name_key].add(_key(plan))
    groups: dict[tuple[object, ...], list[Plan]] = defaultdict(list)
    for plan in open_plans:
        # a row without a code means the only firm of its name in this file
        with_code = by_name.get(plan.row.name_key, set())
        key = next(iter(with_code)) if plan.row.code is None and len(with_code) == 1 else _key(plan)
        groups[key].append(plan)
    for group in groups.values():
        if len(group) > 1:
            _settle_group(group)


def _key(plan: Plan) -> tuple[object, ...]:
    if plan.firm is not None:
        return "firm", plan.firm.id
    if plan.row.code:
        return "code", plan.row.code
    return "name", plan.row.name_key, plan.district.id if plan.district else None


def _settle_group(group: list[Plan]) -> None:
    chief = next((plan for plan in group if all(_covers(plan, other) for other in group)), None)
    if chief is None:
        numbers = "、".join(str(plan.result.number) for plan in group)
        for plan in group:
            plan.result.refuse(RefusedError("name", "rows_of_one_firm", rows=numbers))
        return
    for plan in group:
        if plan is not chief:
            plan.result.state = "same"
            plan.result.warn(RefusedError("name", "row_repeated", row=chief.result.number))


def _covers(plan: Plan, other: Plan) -> bool:
    """Whether the row says everything that the other one says."""
    mine, theirs = _said(plan), _said(other)
    return plan.row.clears >= other.row.clears and all(
        value in (None, "", ()) or mine.get(name) == value for name, value in theirs.items()
    )


def _said(plan: Plan) -> Mapping[str, Any]:
    district = plan.district.id if plan.district else None
    return {**plan.row.said, "district": district, "district_code": None}


def _new_columns(plan: Plan, known: KnownFirms, owners: Owners, places: Places) -> None:
    row, result = plan.row, plan.result
    assert plan.district is not None
    namesakes = known.namesakes(row.name_key)
    if namesakes:
        result.warn(RefusedError("name", "same_name_known", candidates=_listed(namesakes)))
    if row.code is None:
        result.warn(RefusedError("code", "code_missing"))
    if plan.district.level == "city":
        result.warn(RefusedError("district", "district_unknown_city", name=plan.district.name))
    plan.columns = {column: value for column, value in row.columns.items() if value is not None}
    plan.columns["district_id"] = plan.district.id
    place_id = set_township(plan, plan.district, places)
    owner = owners.owner_of(result, row.references["owner"], place_id or plan.district.id)
    if owner is not None:
        plan.columns["owner_id"] = owner.id
    plan.former_names = [name for name in row.former_names if name != row.name]
    plan.contact = row.contact


def set_township(plan: Plan, district: TerritoryNode, places: Places) -> int | None:
    """Put the township the row names into the columns; returns its id where it is on the tree already."""
    name, warning = places.township(plan.row.references["township"], district)
    if warning is not None:
        plan.result.warn(warning)
    if name is None:
        return None
    township_id = places.township_id(district.id, name)
    if township_id is None:
        plan.new_township = (district.id, name)
    else:
        plan.columns["township_id"] = township_id
    plan.township = name
    return township_id
