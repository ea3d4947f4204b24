"""Options, document and exit status that every import command shares; the features add their kind."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from crm.spreadsheets.columns import parse_map
from crm.web.commands import acting, as_option, emit, finish_in_part, json_option

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.argument("file", type=click.Path(path_type=Path)),
    click.option("--sheet", metavar="S", default=None, help="Sheet of the workbook."),
    click.option("--header-row", type=click.IntRange(min=1), default=None, help="Row of the headings."),
    click.option(
        "--encoding", metavar="E", default=None, help="utf-8, gb18030, utf-16-le, utf-16-be or big5."
    ),
    click.option(
        "--map",
        "pairs",
        multiple=True,
        metavar="列名=field",
        help="Column of a field; field - leaves it out.",
    ),
    click.option("--dry-run", is_flag=True, help="Say what would be written, write nothing."),
    click.option("--skip-bad-rows", is_flag=True, help="Write the good rows although some are refused."),
    click.option(
        "--report",
        "report_file",
        type=click.Path(path_type=Path, dir_okay=False, writable=True),
        metavar="REFUSED.csv",
        default=None,
        help="Put the refused rows there, with the reason in the last column.",
    ),
    as_option,
    json_option,
)


def import_options(command: Command) -> Command:
    """Decorate an import command with what all of them take."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def bring_in(imports: Any, kind: str, **given: Any) -> None:
    """The whole of an import command. imports: crm.imports.use_cases (this module imports no feature)."""
    options = imports.ImportOptions(
        sheet=given["sheet"],
        header_row=given["header_row"],
        encoding=given["encoding"],
        mapping=parse_map(given["pairs"]),
        defaults=given.get("defaults") or {},
        skip_bad_rows=given["skip_bad_rows"],
    )
    actor = acting(given["as_name"])
    report, read = imports.import_file(
        actor, kind, given["file"], options, dry_run=given["dry_run"], tick=progress
    )
    for note in read.notes:
        click.echo(note, err=True)
    if given["report_file"] is not None:
        given["report_file"].write_bytes(imports.refused_file(report, read))
    document = report.document()
    emit(document, given["as_json"], lambda: readable(document))
    end_import(document)


def readable(document: dict[str, Any], shown: int = 20) -> str:
    """The document for people: one line of counts, then the first problems."""
    counts = ("rows", "new", "changed", "same", "refused", "warnings")
    lines = [", ".join(f"{name} {document[name]}" for name in counts)]
    lines += [
        f"  {p['row']} {p['column'] or ''} {p['value']}: {p['message']}" for p in document["problems"][:shown]
    ]
    if len(document["problems"]) > shown:
        lines.append(f"  … {len(document['problems']) - shown} more, see --json")
    return "\n".join(lines)


def end_import(document: dict[str, Any]) -> None:
    """Exit status: 0 all rows good, 1 some refused, 2 refused rows and so nothing written."""
    if not document["refused"]:
        return
    if document["dry_run"] or document["import_id"] is not None:
        finish_in_part()
    click.echo(
        f"{document['refused']} rows refused, nothing written: mend them, or use --skip-bad-rows", err=True
    )
    sys.exit(2)


def progress(rows: int) -> None:
    """Where a person watches, say on stderr how far it is."""
    if sys.stderr.isatty() and rows:
        click.echo(f"\r{rows}", err=True, nl=False)
