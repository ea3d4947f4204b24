"""flask doctor: is everything well, and if not, what to do."""

from __future__ import annotations

import sys

import click
from flask.cli import with_appcontext

from crm.operations.use_cases import examine
from crm.web.commands import emit, json_option


@click.command("doctor")
@json_option
@with_appcontext
def doctor(as_json: bool) -> None:
    """Check configuration, database, migrations, Redis, worker, beat, mail, disk and clock."""
    checks = examine()
    lines = [
        f"{'ok  ' if check.ok else 'BAD '} {check.check:<14} {check.detail}"
        + (f"\n     → {check.remedy}" if check.remedy else "")
        for check in checks
    ]
    emit([check.document() for check in checks], as_json, "\n".join(lines))
    if not all(check.ok for check in checks):
        sys.exit(1)


COMMANDS = [doctor]
