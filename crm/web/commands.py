"""What every command shares: --json, --on, --as, one line for a refusal, exit status 0, 1 or 2.

Contract: docs/command-line.md. A document on stdout is the only thing there; all else goes to stderr.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from crm.clock import today
from crm.domain.access import Actor
from crm.domain.errors import CrmError
from crm.web.sentences import sentence

_ACTORS = "crm_command_actors"


def install(app: Flask, named: Callable[..., Actor], system: Callable[..., Actor]) -> None:
    """Give commands their actors (as functions: this module imports no feature)."""
    app.extensions[_ACTORS] = (named, system)


class CrmGroup(AppGroup):
    """A group of commands; what the product refuses becomes one line on stderr and exit status 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CrmError as error:
            stop(sentence(error))
        except click.UsageError as error:
            stop(error.format_message())


def stop(line: str, status: int = 2) -> None:
    """End the command with one line on stderr; status 2: bad input or refused, nothing written."""
    click.echo(" ".join(line.split()), err=True)
    sys.exit(status)


class _Day(click.ParamType):  # type: ignore[type-arg]
    name = "DATE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a date; write it like 2026-11-25", param, ctx)


DAY = _Day()

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
on_option = click.option(
    "--on",
    type=DAY,
    default=None,
    help="The day that counts as today.",
    callback=lambda _c, _p, value: value or today(),
)
as_option = click.option("--as", "as_name", metavar="USER", default=None, help="Act as this person.")
territory_option = click.option("--territory", metavar="CODE", default=None, help="Only this territory.")


def acting(as_name: str | None = None) -> Actor:
    """The person named by --as, else the system itself. Raises NotFoundError for an unknown name."""
    named, system = current_app.extensions[_ACTORS]
    context = click.get_current_context(silent=True)
    source = " ".join(context.command_path.split()[1:]) if context else "flask"
    return named(as_name, via="cli", source=source) if as_name else system(source, via="cli")


def emit(document: Any, as_json: bool, text: str | Callable[[], str]) -> None:
    """Print the one JSON document, or the readable text."""
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, indent=2, default=str))
        return
    words = text() if callable(text) else text
    if words:
        click.echo(words)


def finish_in_part() -> None:
    """End with exit status 1: done in part, the document says what was not."""
    sys.exit(1)
