"""Commands: profiles, their problems, their files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from crm.domain.errors import RefusedError
from crm.domain.export_profiles import profiles
from crm.exports import use_cases
from crm.web.commands import (
    CrmGroup,
    acting,
    as_option,
    emit,
    finish_in_part,
    json_option,
    on_option,
    territory_option,
)

exports = CrmGroup("exports", help="Files for the province.")
COMMANDS = [exports]


@exports.command("list")
@json_option
def list_(as_json: bool) -> None:
    """Profiles with what they hold."""
    document = [
        {
            "name": profile.name,
            "title": profile.zh,
            "title_en": profile.en,
            "encoding": profile.encoding,
            "columns": [column.header for column in profile.columns],
        }
        for profile in profiles().values()
    ]
    emit(document, as_json, "\n".join(f"{p.name:<20} {p.zh}  {p.encoding}" for p in profiles().values()))


@exports.command("check")
@click.argument("profile")
@on_option
@territory_option
@as_option
@json_option
def check(profile: str, on: date, territory: str | None, as_name: str | None, as_json: bool) -> None:
    """Every problem by firm and field; ends with 1 where there is one."""
    result = use_cases.check(acting(as_name), profile, on, territory)
    problems = [
        {"code": p.code, "firm": p.firm, "field": p.header, "message": p.message} for p in result.problems
    ]
    lines = [f"{p['firm']}  {p['code'] or '-'}  {p['field']}  {p['message']}" for p in problems]
    lines.append(f"{len(result.rows)} rows, {len(problems)} problems")
    emit({"rows": len(result.rows), "problems": problems}, as_json, "\n".join(lines))
    if problems:
        finish_in_part()


@exports.command("write")
@click.argument("profile")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--purpose", default="flask exports write", help="For whom and what the file is.")
@on_option
@territory_option
@as_option
@json_option
def write(
    profile: str,
    out: Path,
    purpose: str,
    on: date,
    territory: str | None,
    as_name: str | None,
    as_json: bool,
) -> None:
    """Write the file and freeze a submission; ends with 1 where rows have problems (see check)."""
    if not out.resolve().parent.is_dir():
        raise RefusedError("out", "export_no_folder", folder=out.parent)
    written = use_cases.write(acting(as_name), profile, on, territory=territory, purpose=purpose)
    out.write_bytes(written.content)
    submission = written.submission
    document = {
        "submission_id": submission.id,
        "rows": submission.row_count,
        "sha256": submission.sha256,
        "bytes": submission.byte_count,
    }
    emit(document, as_json, f"{out}: {submission.row_count} rows, sha256 {submission.sha256}")
    if written.problems:
        click.echo(f"{len(written.problems)} problems, see: flask exports check {profile}", err=True)
        finish_in_part()
