"""A row against the firm it means: which fields change, from what to what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_babel import gettext

from crm.database import db
from crm.domain import firm_name
from crm.domain.errors import RefusedError
from crm.domain.masking import masked_email, masked_phone
from crm.firms.derivation import code_columns, name_columns
from crm.firms.import_fields import ContactSaid
from crm.firms.import_owners import Owners
from crm.firms.import_places import Places
from crm.firms.matching import Row
from crm.firms.models import Contact, FormerName
from crm.territories.queries import tree

if TYPE_CHECKING:
    from crm.firms.import_settling import Plan

_CHUNK = 1000
# Follow from name and code; not shown as changes of their own.
_DERIVED = frozenset({"name_normal", "name_order", "code_problem"})


class Comparison:
    """Stored firms of a list with their former names and people, read in a few statements."""

    def __init__(self, firms: Sequence[Row], owners: Owners, places: Places) -> None:
        self._owners, self._places = owners, places
        self._former: dict[int, set[str]] = defaultdict(set)
        self._contacts: dict[int, list[Contact]] = defaultdict(list)
        ids = sorted({firm.id for firm in firms})
        for start in range(0, len(ids), _CHUNK):
            part = ids[start : start + _CHUNK]
            former = sa.select(FormerName.firm_id, FormerName.name_normal).where(FormerName.firm_id.in_(part))
            for firm_id, key in db.session.execute(former):
                self._former[firm_id].add(key)
            people = sa.select(Contact).where(Contact.firm_id.in_(part))
            for contact in db.session.scalars(people.order_by(Contact.is_primary.desc(), Contact.id)):
                self._contacts[contact.firm_id].append(contact)

    def compare(self, plan: Plan) -> None:
        """Fill the plan with what changes; an empty cell keeps what is stored."""
        firm = plan.firm
        assert firm is not None
        said: dict[str, Any] = {}
        plan.former_names = [
            name for name in plan.row.former_names if firm_name.normalise(name) not in self._former[firm.id]
        ]
        self._name(plan, firm, said)
        if plan.row.code and firm.code is None:
            said |= code_columns(plan.row.code)
        said |= plan.row.columns
        if plan.row.is_scope_cut and (firm.business_scope or "").startswith(
            said.get("business_scope") or "\n"
        ):
            # the list holds only the beginning of what is stored
            del said["business_scope"]
        self._place(plan, firm, said)
        place_id = said.get("township_id") or said.get("district_id") or firm.township_id or firm.district_id
        owner = self._owners.owner_of(plan.result, plan.row.references["owner"], place_id)
        if owner is not None:
            said["owner_id"] = owner.id
        elif "owner" in plan.row.clears:
            said["owner_id"] = None
        plan.columns = {column: value for column, value in said.items() if getattr(firm, column) != value}
        plan.before = {column: getattr(firm, column) for column in plan.columns}
        self._contact(plan, firm.id)
        self._show(plan, firm)
        plan.result.state = "changed" if plan.result.changes else "same"

    def _name(self, plan: Plan, firm: Row, said: dict[str, Any]) -> None:
        """A code under another name is a change of name; under a former one the list is the older."""
        key = plan.row.name_key
        if not key or key == firm.name_normal or plan.found.by != "code":
            return
        if key in self._former[firm.id]:
            plan.result.warn(RefusedError("name", "former_name_in_list", name=firm.name))
            return
        said |= name_columns(plan.row.name)
        if firm.name_normal not in self._former[firm.id] and firm.name not in plan.former_names:
            plan.former_names.append(firm.name)

    def _place(self, plan: Plan, firm: Row, said: dict[str, Any]) -> None:
        # Inside the function: the plan is made there.
        from crm.firms.import_settling import set_township

        stored = tree().by_id[firm.district_id]
        # "the city" in a list means that the county is not known, which takes nothing away
        district = plan.district if plan.district is not None and plan.district.level == "county" else stored
        if district.id != stored.id:
            said |= {"district_id": district.id, "township_id": None}
        elif "township" in plan.row.clears:
            said["township_id"] = None
        set_township(plan, district, self._places)
        if "township_id" in plan.columns:
            said["township_id"] = plan.columns["township_id"]

    def _contact(self, plan: Plan, firm_id: int) -> None:
        """The person of that name, or the first one where the row names none; else one more."""
        contact = plan.row.contact
        if contact is None:
            return
        people = self._contacts[firm_id]
        same = next((p for p in people if not contact.name or p.name == contact.name), None)
        if same is None and people and people[0].name is None:
            same = people[0]
        told = [("contact_name", "name"), ("contact_phone", "phone"), ("contact_email", "email")]
        for field, column in told:
            new, old = getattr(contact, column), getattr(same, column) if same else None
            if new and new != old:
                masks = {"phone": masked_phone, "email": masked_email}
                mask = masks.get(column, str)
                plan.result.changes[field] = (mask(old) if old else "", mask(new))
        if any(field in plan.result.changes for field, _ in told):
            plan.contact, plan.contact_id = _merged(contact, same), same.id if same else None

    def _show(self, plan: Plan, firm: Row) -> None:
        changes = plan.result.changes
        for column, new in plan.columns.items():
            if column not in _DERIVED:
                name = _FIELD_OF.get(column, column)
                changes[name] = (self._text(column, plan.before[column]), self._text(column, new))
        if plan.new_township is not None:
            changes["township"] = (tree().name(firm.township_id), plan.new_township[1])
        added = [name for name in plan.former_names if name != firm.name]
        if added:
            changes["former_name"] = ("", "、".join(added))

    def _text(self, column: str, value: Any) -> str:
        if value is None:
            return ""
        if column in ("district_id", "township_id"):
            return tree().name(value)
        if column == "owner_id":
            return self._owners.shown(value)
        if isinstance(value, bool):
            return gettext("是") if value else gettext("否")
        if isinstance(value, Decimal):
            return f"{value.normalize():f}"
        return value.isoformat() if isinstance(value, date) else str(value)


_FIELD_OF = {"district_id": "district", "township_id": "township", "owner_id": "owner"}


def _merged(said: ContactSaid, stored: Contact | None) -> ContactSaid:
    """What the row says, and what is stored where it says nothing."""
    if stored is None:
        return said
    problem = said.email_problem if said.email and said.email != stored.email else stored.email_problem
    return ContactSaid(
        said.name or stored.name, said.phone or stored.phone, said.email or stored.email, problem
    )
