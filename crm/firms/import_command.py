"""flask firms import."""

from __future__ import annotations

from typing import Any

import click

from crm.imports import use_cases as imports
from crm.web.import_options import bring_in, import_options


@click.command("import")
@import_options
def import_firms(**given: Any) -> None:
    """A list of firms: csv, xlsx, xls or ods, however messy."""
    bring_in(imports, "firms", **given)
