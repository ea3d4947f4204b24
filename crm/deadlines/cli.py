"""Commands: derive deadlines anew, list them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

import click

from crm.clock import today
from crm.deadlines import queries, use_cases
from crm.deadlines.filters import STATES
from crm.domain.access import Permission, require
from crm.domain.errors import RefusedError
from crm.firms.queries import firm_by_text
from crm.territories.queries import tree
from crm.web.commands import (
    DAY,
    CrmGroup,
    acting,
    as_option,
    emit,
    json_option,
    on_option,
    territory_option,
)

deadlines = CrmGroup("deadlines", help="What is due.")


@deadlines.command("refresh")
@on_option
@territory_option
@as_option
@json_option
def refresh(on: date, territory: str | None, as_name: str | None, as_json: bool) -> None:
    """Derive deadlines from certifications and plans; doing it twice adds nothing."""
    actor = acting(as_name)
    require(actor, Permission.DEADLINE_SETTLE)
    node = tree().by_code(territory) if territory else None
    if territory and node is None:
        raise RefusedError("territory", "territory_unknown", code=territory)
    counts = asdict(use_cases.refresh_all(actor, on, node.id if node else None))
    emit(counts, as_json, ", ".join(f"{name} {number}" for name, number in counts.items()))


@deadlines.command("list")
@click.option(
    "--firm", "firm_text", metavar="CODE", default=None, help="Only this firm (code or whole name)."
)
@click.option("--from", "first", type=DAY, default=None, help="Due on this day or later.")
@click.option("--to", "last", type=DAY, default=None, help="Due on this day or earlier.")
@click.option("--state", type=click.Choice(STATES), default=None, help="Only this state.")
@as_option
@json_option
def list_(
    firm_text: str | None,
    first: date | None,
    last: date | None,
    state: str | None,
    as_name: str | None,
    as_json: bool,
) -> None:
    """Deadlines by date, in all states unless one is given."""
    actor = acting(as_name)
    firm_id = firm_by_text(actor, firm_text).id if firm_text else None
    rows = queries.listed(actor, firm_id=firm_id, first=first, last=last, state=state, today=today())
    document = [
        {
            "id": row.id,
            "firm": row.firm,
            "code": row.code,
            "kind": row.kind,
            "due_on": row.due_on,
            "state": row.state,
            "source": row.source,
        }
        for row in rows
    ]
    text = "\n".join(
        f"{row.due_on}  {row.state_word(today())}  {row.title}  {row.firm}  {row.source}" for row in rows
    )
    emit(document, as_json, text)


COMMANDS = [deadlines]
