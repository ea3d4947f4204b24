"""flask certifications import."""

from __future__ import annotations

from typing import Any

import click

from crm.imports import use_cases as imports
from crm.web.import_options import bring_in, import_options


@click.command("import")
@click.option("--scheme", default=None, help="Scheme of every row, for a list without such a column.")
@import_options
def import_certifications(scheme: str | None, **given: Any) -> None:
    """A list of certifications: csv, xlsx, xls or ods, however messy."""
    bring_in(imports, "certifications", defaults={"scheme": scheme} if scheme else {}, **given)
