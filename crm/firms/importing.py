"""A list of firms comes in: read, settled, written; a dry run is the same code rolled back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crm.domain.access import Actor, Permission
from crm.firms import import_writing
from crm.firms.import_columns import FIELDS
from crm.firms.import_fields import FirmRow, firm_row
from crm.firms.import_places import Places
from crm.firms.import_settling import settle
from crm.imports.use_cases import ListSource, RowResult, Tick


@dataclass(frozen=True)
class FirmList:
    """Rows of a list. has_districts: whether it has a column for the district at all."""

    rows: Sequence[FirmRow]
    has_districts: bool

    def __len__(self) -> int:
        return len(self.rows)


class FirmImporter:
    """The part of firms in an import."""

    kind = "firms"
    permission = Permission.FIRM_IMPORT
    fields = FIELDS
    needed = (("name", "code"),)
    defaults = ()

    def read(self, actor: Actor, source: ListSource, tick: Tick) -> FirmList:
        """Rows as values."""
        rows = []
        for reader in source.readers():
            rows.append(firm_row(reader, source))
            if len(rows) % 500 == 0:
                tick(len(rows))
        return FirmList(rows, source.has("district") or source.has("district_code"))

    def write(self, actor: Actor, rows: FirmList, *, import_id: int | None, tick: Tick) -> list[RowResult]:
        """Settle and write the rows inside the running transaction."""
        places = Places(actor, file_has_districts=rows.has_districts)
        plans = settle(actor, rows.rows, places, tick)
        half = len(plans) // 2
        import_writing.write(actor, plans, import_id, lambda done: tick(half + done // 2))
        return [plan.result for plan in plans]


IMPORTER = FirmImporter()
