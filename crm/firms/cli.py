"""flask firms …: show and search; the import stands in import_command.py."""

from __future__ import annotations

from typing import Any

import click

from crm.certifications.queries import grants_of
from crm.domain.errors import NotFoundError, RefusedError
from crm.domain.masking import masked_email, masked_phone
from crm.firms import labels, queries, searching
from crm.firms.import_command import import_firms
from crm.territories.queries import tree
from crm.web.commands import CrmGroup, acting, as_option, emit, json_option, stop, territory_option

firms = CrmGroup("firms", help="企业")
COMMANDS: list[click.Command] = [firms]
firms.add_command(import_firms)


@firms.command("show")
@click.argument("code_or_name")
@as_option
@json_option
def show(code_or_name: str, as_name: str | None, as_json: bool) -> None:
    """Everything about one firm, by its code or its whole name."""
    actor = acting(as_name)
    try:
        firm = queries.firm_by_text(actor, code_or_name)
    except NotFoundError:
        stop(f"no firm with the code or whole name {code_or_name!r}; try: flask firms search {code_or_name}")
        return
    header = queries.firm_header(actor, firm.id)
    document: dict[str, Any] = {
        "id": firm.id,
        "name": firm.name,
        "code": firm.code,
        "code_problem": firm.code_problem,
        "district": header.district,
        "district_code": tree().by_id[firm.district_id].code,
        "township": header.township or None,
        "development_zone_hint": firm.development_zone_hint,
        "registered_on": firm.registered_on,
        "firm_type": firm.firm_type,
        "registered_capital_wan": firm.registered_capital,
        "capital_currency": firm.capital_currency,
        "is_branch": firm.is_branch,
        "industry": firm.industry,
        "hnte_field": firm.hnte_field,
        "owner": header.owner,
        "is_archived": firm.is_archived,
        "archive_reason": firm.archive_reason,
        "rung": firm.rung,
        "next_due": {"on": header.due_on, "kind": header.due_kind} if header.due_on else None,
        "last_activity_on": firm.last_activity_on,
        "former_names": [
            {"name": former.name, "until": former.until} for former in queries.former_names_of(firm.id)
        ],
        "contacts": [
            {
                "name": contact.name,
                "phone": masked_phone(contact.phone) or None,
                "email": masked_email(contact.email) or None,
                "is_primary": contact.is_primary,
            }
            for contact in queries.contacts_of(firm.id)
        ],
        "certifications": [
            {
                "scheme": grant.scheme,
                "number": grant.number,
                "granted_on": grant.granted_on,
                "valid_from": grant.valid_from,
                "valid_to": grant.valid_to,
                "revoked_from": grant.revoked_from,
            }
            for grant in grants_of([firm.id])[firm.id]
        ],
        "counts": header.counts,
    }
    emit(document, as_json, lambda: _lines(document))


def _lines(document: dict[str, Any]) -> str:
    """The same, one fact a line; what is empty is left out."""
    lines = []
    for key, value in document.items():
        if isinstance(value, list):
            lines += [
                f"{key}: " + ", ".join(str(v) for v in entry.values() if v is not None) for entry in value
            ]
        elif isinstance(value, dict):
            lines.append(f"{key}: " + ", ".join(f"{k} {v}" for k, v in value.items()))
        elif value is not None:
            lines.append(f"{key}: {value}")
    return "\n".join(lines)


@firms.command("search")
@click.argument("text")
@territory_option
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@as_option
@json_option
def search(text: str, territory: str | None, limit: int, as_name: str | None, as_json: bool) -> None:
    """Firms by any part of name, code, certificate number, former name, or pinyin initials."""
    actor = acting(as_name)
    place = tree().by_code(territory) if territory else None
    if territory and place is None:
        raise RefusedError("territory", "territory_unknown", code=territory)
    result = searching.find(actor, text, limit=limit, territory_id=place.id if place else None)
    document = {
        "total": result.total,
        "firms": [
            {"id": firm.id, "name": firm.name, "code": firm.code, "matched": firm.hit.kind}
            for firm in result.firms
        ],
    }
    emit(
        document,
        as_json,
        "\n".join(
            [
                *(f"{f.code or '-':<18} {f.name} ({labels.MATCHED[f.hit.kind]})" for f in result.firms),
                f"{result.total}",
            ]
        ),
    )
