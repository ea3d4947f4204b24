"""Writing refused rows so that they can be mended in a spreadsheet program and dropped again."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from crm.domain.export_profiles.formatting import guard
from crm.spreadsheets.cells import Cell, text_of
from crm.spreadsheets.columns import REASON_HEADING
from crm.spreadsheets.headings import heading_key


def refused_rows_csv(
    headers: Sequence[str], rows_with_reasons: Iterable[tuple[Sequence[Cell], str]]
) -> bytes:
    """UTF-8 with byte order mark, comma, CRLF; the headings of the source file, then 原因.

    rows_with_reasons: cells as they were read, and the sentence that says what is wrong. A 原因 column of
    an earlier round is replaced. Text led by a formula sign is guarded and codes stay text; reading the file
    again gives back every text. A row with more cells than headings keeps them, under empty headings, so that
    the shift can be seen.
    """
    rows = list(rows_with_reasons)
    kept = [index for index, header in enumerate(headers) if heading_key(header) != REASON_HEADING]
    extra = max((len(cells) - len(headers) for cells, _ in rows), default=0)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    names = [headers[index] for index in kept]
    writer.writerow([*map(guard, names), *[""] * max(extra, 0), REASON_HEADING])
    width = len(names) + max(extra, 0)
    for cells, reason in rows:
        values = [_written(cells[index]) if index < len(cells) else "" for index in kept]
        values += [_written(cell) for cell in cells[len(headers) :]]
        writer.writerow([*values, *[""] * (width - len(values)), guard(reason)])
    return out.getvalue().encode("utf-8-sig")


def _written(cell: Cell) -> str:
    # a day may become a date in the spreadsheet program, text such as 000411 or an 18-digit code may not
    return guard(cell, keep_text=True) if isinstance(cell, str) else text_of(cell)
