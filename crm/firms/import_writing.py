"""Write the plans of a list in bulk: firms, people, former names, search keys, counts, audit entries.

A fixed number of statements for so many rows; the same for a dry run, which is rolled back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from crm.audit.use_cases import record_many
from crm.clock import today, utc_now
from crm.database import db, insert_in_chunks, insert_with_ids
from crm.domain import firm_name
from crm.domain.access import Actor
from crm.domain.masking import masked_email, masked_phone
from crm.firms import search_index, tallies
from crm.firms.derivation import branch, code_columns, name_columns
from crm.firms.import_settling import Plan
from crm.firms.models import NO_DEADLINE, Contact, Firm, FirmSearchKey, FormerName
from crm.firms.use_cases.checking import EDITABLE
from crm.imports.use_cases import Tick
from crm.territories.use_cases import ensure_township

_CHUNK = 500
_EMPTY: Mapping[str, Any] = {
    **dict.fromkeys(EDITABLE),
    "code_problem": None,
    "is_archived": False,
    "archived_on": None,
    "archive_reason": None,
    "is_demo": False,
    "rung": 0,
    "due_order": NO_DEADLINE,
    "next_due_kind": None,
    "last_activity_on": None,
    "version": 1,
}


def write(actor: Actor, plans: Sequence[Plan], import_id: int | None, told: Callable[[int], None]) -> None:
    """Write what the plans say inside the running transaction."""
    batch = f"import:{import_id}" if import_id is not None else None
    ensure_townships(actor, plans)
    new = [plan for plan in plans if plan.result.state == "new"]
    changed = [plan for plan in plans if plan.result.state == "changed"]
    _insert(actor, new, import_id, batch, told)
    _update(actor, changed, batch)
    written = new + changed
    _former_names(written)
    _contacts(actor, written, batch)


def ensure_townships(actor: Actor, plans: Iterable[Plan]) -> None:
    """Townships that the tree does not have yet, each made once."""
    made: dict[tuple[int, str], int] = {}
    for plan in plans:
        wanted = plan.new_township
        if wanted is None or plan.result.state not in ("new", "changed"):
            continue
        if wanted not in made:
            made[wanted] = ensure_township(actor, *wanted).id
        plan.columns["township_id"] = made[wanted]
        if plan.firm is not None:
            plan.before["township_id"] = plan.firm.township_id


def _insert(
    actor: Actor, plans: Sequence[Plan], import_id: int | None, batch: str | None, told: Tick
) -> None:
    now = utc_now()
    for start in range(0, len(plans), _CHUNK):
        part = plans[start : start + _CHUNK]
        rows = [
            {
                **_EMPTY,
                **plan.columns,
                **name_columns(plan.row.name),
                **code_columns(plan.row.code),
                "is_branch": branch(plan.row.name, plan.columns.get("is_branch")),
                "import_id": import_id,
                "created_at": now,
                "updated_at": now,
            }
            for plan in part
        ]
        ids = insert_with_ids(Firm.__table__, rows)
        keys: list[dict[str, Any]] = []
        for plan, row, firm_id in zip(part, rows, ids, strict=True):
            plan.result.subject_id = firm_id
            keys += search_index.keys_of_firm(firm_id, row["name"], row["code"])
        search_index.insert_keys(keys)
        tallies.add_many((_tally(row), 1) for row in rows)
        record_many(
            actor,
            "firm.create",
            [
                (firm_id, firm_id, None, _filled(plan, row))
                for plan, row, firm_id in zip(part, rows, ids, strict=True)
            ],
            subject_type="firm",
            batch=batch,
        )
        told(start + len(part))


def _filled(plan: Plan, row: Mapping[str, Any]) -> dict[str, Any]:
    """What the audit keeps of a new firm."""
    after = {column: row[column] for column in EDITABLE if row[column] is not None}
    return {**after, "former_names": plan.former_names} if plan.former_names else after


def _tally(row: Mapping[str, Any]) -> tallies.Tally:
    return tallies.Tally(
        row["district_id"],
        row["township_id"],
        row["owner_id"],
        row["rung"],
        row["code"] is not None,
        bool(row["is_archived"]),
    )


def _update(actor: Actor, plans: Sequence[Plan], batch: str | None) -> None:
    table: sa.Table = Firm.__table__
    by_columns: dict[tuple[str, ...], list[Plan]] = defaultdict(list)
    for plan in plans:
        if plan.columns:
            by_columns[tuple(sorted(plan.columns))].append(plan)
    for columns, part in by_columns.items():
        statement = (
            sa.update(table)
            .where(table.c.id == sa.bindparam("b_id"))
            .values(
                {
                    **{column: sa.bindparam(f"b_{column}") for column in columns},
                    "updated_at": utc_now(),
                    "version": table.c.version + 1,
                }
            )
        )
        bound = [
            {"b_id": plan.result.subject_id, **{f"b_{c}": plan.columns[c] for c in columns}} for plan in part
        ]
        db.session.connection().execute(statement, bound)
    _found_anew([plan for plan in plans if plan.columns.keys() & {"name_normal", "code"}])
    tallies.add_many(_moves(plans))
    for action, chosen in (
        ("firm.rename", [plan for plan in plans if "name_normal" in plan.columns]),
        ("firm.update", [plan for plan in plans if "name_normal" not in plan.columns]),
    ):
        rows = [(plan.result.subject_id, plan.result.subject_id, *_shown(plan)) for plan in chosen]
        told = [row for row in rows if row[2] or row[3]]
        record_many(actor, action, told, subject_type="firm", batch=batch)
    if branches := [plan.firm.id for plan in plans if plan.firm is not None and "is_branch" in plan.columns]:
        # Inside the function: certifications call this feature with every change of theirs.
        from crm.certifications.use_cases.rungs import follow_up

        follow_up(actor, branches, today())


def _shown(plan: Plan) -> tuple[dict[str, Any], dict[str, Any]]:
    """Before and after for the audit."""
    before = {column: value for column, value in plan.before.items() if column in EDITABLE}
    after = {column: plan.columns[column] for column in before}
    added = [name for name in plan.former_names if plan.firm is None or name != plan.firm.name]
    return before, {**after, "former_names": added} if added else after


def _found_anew(plans: Sequence[Plan]) -> None:
    """Search keys of firms whose name or code changed."""
    ids = [plan.result.subject_id for plan in plans]
    keys: list[dict[str, Any]] = []
    for plan in plans:
        firm = plan.firm
        assert firm is not None
        name, code = (plan.columns.get(column, getattr(firm, column)) for column in ("name", "code"))
        keys += search_index.keys_of_firm(firm.id, name, code)
    table: sa.Table = FirmSearchKey.__table__
    for start in range(0, len(ids), _CHUNK):
        db.session.execute(
            sa.delete(table).where(
                table.c.firm_id.in_(ids[start : start + _CHUNK]),
                table.c.kind.in_(["name", "initials", "code"]),
            )
        )
    search_index.insert_keys(keys)


def _moves(plans: Iterable[Plan]) -> Iterable[tuple[tallies.Tally, int]]:
    for plan in plans:
        firm = plan.firm
        if firm is None:
            continue
        before = _tally(firm._mapping)
        after = _tally({**firm._mapping, **plan.columns})
        if before != after:
            yield before, -1
            yield after, 1


def _former_names(plans: Sequence[Plan]) -> None:
    rows: list[dict[str, Any]] = []
    keys: list[dict[str, Any]] = []
    for plan in plans:
        firm_id = plan.result.subject_id or 0
        distinct = {firm_name.normalise(name): name for name in plan.former_names}
        # a renamed firm's last day under the old name is not in the list
        rows += [
            {"firm_id": firm_id, "name": name, "name_normal": key, "until": None}
            for key, name in distinct.items()
        ]
        keys += [row for name in distinct.values() for row in search_index.keys_for(firm_id, "former", name)]
    insert_in_chunks(FormerName.__table__, rows)
    search_index.insert_keys(keys)


def _contacts(actor: Actor, plans: Sequence[Plan], batch: str | None) -> None:
    table: sa.Table = Contact.__table__
    has_people = _firms_with_people(
        [p.firm.id for p in plans if p.firm is not None and p.contact is not None]
    )
    added, updated = [], []
    for plan in plans:
        said = plan.contact
        if said is None:
            continue
        values = {
            "name": said.name,
            "phone": said.phone,
            "email": said.email,
            "email_problem": said.email_problem,
        }
        if plan.contact_id is None:
            firm_id = plan.result.subject_id
            added.append({**values, "firm_id": firm_id, "is_primary": firm_id not in has_people})
        else:
            updated.append({"b_id": plan.contact_id, **values})
    _record_contacts(actor, updated, batch)
    if updated:
        names = ("name", "phone", "email", "email_problem")
        statement = table.update().where(table.c.id == sa.bindparam("b_id"))
        statement = statement.values({name: sa.bindparam(f"b_{name}") for name in names})
        bound = [{"b_id": row["b_id"], **{f"b_{name}": row[name] for name in names}} for row in updated]
        db.session.connection().execute(statement, bound)
        for contact in [o for o in db.session.identity_map.values() if isinstance(o, Contact)]:
            db.session.expire(contact)
    for start in range(0, len(added), _CHUNK):
        part = added[start : start + _CHUNK]
        ids = insert_with_ids(table, part)
        record_many(
            actor,
            "contact.add",
            (
                (contact_id, int(row["firm_id"] or 0), None, _masked(row))
                for row, contact_id in zip(part, ids, strict=True)
            ),
            subject_type="contact",
            batch=batch,
        )


def _firms_with_people(firm_ids: list[int]) -> set[int]:
    found: set[int] = set()
    for start in range(0, len(firm_ids), _CHUNK):
        part = firm_ids[start : start + _CHUNK]
        found.update(db.session.scalars(sa.select(Contact.firm_id).where(Contact.firm_id.in_(part))))
    return found


def _record_contacts(actor: Actor, updated: Sequence[Mapping[str, Any]], batch: str | None) -> None:
    """Entries for people who change, their old values read from what the comparison loaded."""
    rows = []
    for new in updated:
        stored = db.session.get_one(Contact, new["b_id"])
        old = {"name": stored.name, "phone": stored.phone, "email": stored.email}
        changed = {name: value for name, value in old.items() if new[name] != value}
        after = _masked({name: new[name] for name in changed})
        rows.append((stored.id, stored.firm_id, _masked(changed), after))
    record_many(actor, "contact.update", rows, subject_type="contact", batch=batch)


def _masked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Personal data as the audit keeps it."""
    masks: dict[str, Callable[[str], str]] = {"name": str, "phone": masked_phone, "email": masked_email}
    return {name: masks[name](values[name]) for name in masks if values.get(name)}
