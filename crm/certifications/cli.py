"""Commands: a firm's rung on a day; the group that the import of certifications joins."""

from __future__ import annotations

from datetime import date

import click

from crm.certifications.import_command import import_certifications
from crm.certifications.labels import scheme_word
from crm.certifications.queries import rung_of
from crm.firms.queries import firm_by_text
from crm.web.commands import CrmGroup, acting, as_option, emit, json_option, on_option
from crm.web.front_page import RUNG_WORDS

certifications = CrmGroup("certifications", help="Certifications of firms.")
certifications.add_command(import_certifications)
ladder = CrmGroup("ladder", help="The rung of a firm.")


@ladder.command("rung")
@click.argument("code")
@on_option
@as_option
@json_option
def rung(code: str, on: date, as_name: str | None, as_json: bool) -> None:
    """Rung of a firm (code, or whole name) on a day, and why."""
    firm = firm_by_text(acting(as_name), code)
    result = rung_of(firm.id, firm.is_branch, on)
    because = [
        {"scheme": g.scheme, "number": g.number, "valid_from": g.valid_from, "valid_to": g.valid_to}
        for g in result.because
    ]
    lines = [f"{firm.name} {on}: {RUNG_WORDS[result.rung]}"]
    for g in result.because:
        words = [scheme_word(g.scheme, g.granted_on), g.number or "", f"{g.valid_from} - {g.valid_to or ''}"]
        lines.append("  " + " ".join(word for word in words if word).strip())
    emit({"code": firm.code, "on": on, "rung": result.rung, "because": because}, as_json, "\n".join(lines))


COMMANDS = [certifications, ladder]
