"""How large a file may be; held against the sizes it states before it is unpacked."""

from __future__ import annotations

from dataclasses import dataclass

from crm.domain.errors import RefusedError


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one upload; the defaults leave room for a list of every firm of a large city.

    file_bytes: size of the file as sent.
    members: files inside a zip container.
    unpacked_bytes: sum of the sizes of those files once unpacked.
    rows, columns: last row and column of one sheet that may hold a value. A single stray cell at XFD1048576
        would otherwise ask for seventeen thousand million cells.
    """

    file_bytes: int = 50_000_000
    members: int = 2_000
    unpacked_bytes: int = 400_000_000
    rows: int = 300_000
    columns: int = 1_000

    def refuse_row(self, number: int, sheet: str) -> None:
        """Refuse a value in a row beyond the bound."""
        if number > self.rows:
            raise RefusedError("file", "file_too_many_rows", sheet=sheet, row=number, limit=self.rows)

    def refuse_column(self, index: int, number: int, sheet: str) -> None:
        """Refuse a value in a column (index from 0) beyond the bound."""
        if index >= self.columns:
            raise RefusedError(
                "file", "file_too_wide", sheet=sheet, row=number, column=index + 1, limit=self.columns
            )
