"""flask audit verify: does the chain hold."""

from __future__ import annotations

from crm.audit import use_cases
from crm.web.commands import CrmGroup, emit, finish_in_part, json_option

audit = CrmGroup("audit", help="The audit trail.")
COMMANDS = [audit]


@audit.command("verify")
@json_option
def verify(as_json: bool) -> None:
    """Walk the chain; ends with 1 where an edit, a gap or a removal is found."""
    report = use_cases.verify()
    document = {"entries": report.entries, "ok": report.ok, "first_bad": report.first_bad}
    emit(document, as_json, f"{report.entries} entries, {'ok' if report.ok else 'BROKEN: ' + report.detail}")
    if not report.ok:
        finish_in_part()
