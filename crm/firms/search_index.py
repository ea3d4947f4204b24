"""The search index of firms: every ending of every text a firm is found by.

A part of a text is the beginning of one of its endings, so "any part of" is a range over an ordered
column, which both databases answer without extension. All texts and every query pass through the same
`firm_name.normalise`, so that full and half width, brackets, blanks and letter case never matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from crm.database import db, insert_in_chunks
from crm.domain import firm_name
from crm.firms.models import FirmSearchKey

# The whole column: names of 40 characters are rare, so a hit of the range is nearly always the whole hit.
WIDTH = 40
KINDS = ("name", "former", "initials", "code", "certificate")
_LAST = "\U0010ffff"


def search_text(text: str) -> str:
    """A text as the index holds it; a query is turned the same way."""
    return firm_name.normalise(text)


def keys_for(firm_id: int, kind: str, text: str | None, source_id: int | None = None) -> list[dict[str, Any]]:
    """Rows of the index for one text of a firm; none for an empty one."""
    return [
        {"suffix": suffix, "firm_id": firm_id, "kind": kind, "source_id": source_id}
        for suffix in firm_name.suffixes(search_text(text or ""), WIDTH)
    ]


def keys_of_firm(firm_id: int, name: str, code: str | None) -> list[dict[str, Any]]:
    """Rows for what stands on the firm itself: name, its pinyin initials, code."""
    return [
        *keys_for(firm_id, "name", name),
        *keys_for(firm_id, "initials", firm_name.pinyin_initials(name)),
        *keys_for(firm_id, "code", code),
    ]


def insert_keys(rows: list[dict[str, Any]]) -> None:
    """Write rows inside the running transaction."""
    if rows:
        db.session.flush()
        insert_in_chunks(FirmSearchKey.__table__, rows)


def delete_keys(firm_id: int, kinds: Iterable[str], source_id: int | None = None) -> None:
    """Take a firm's rows of these kinds out again (of one source only, where given)."""
    condition = [FirmSearchKey.firm_id == firm_id, FirmSearchKey.kind.in_(list(kinds))]
    if source_id is not None:
        condition.append(FirmSearchKey.source_id == source_id)
    _delete(*condition)


def delete_source(kind: str, source_id: int) -> None:
    """Take out the rows of one source (a certification whose number was corrected)."""
    _delete(FirmSearchKey.kind == kind, FirmSearchKey.source_id == source_id)


def _delete(*conditions: sa.ColumnElement[bool]) -> None:
    db.session.execute(
        sa.delete(FirmSearchKey).where(*conditions).execution_options(synchronize_session=False)
    )


def in_range(text: str) -> sa.ColumnElement[bool]:
    """Condition on FirmSearchKey: endings that begin with the text (already normalised)."""
    start = text[:WIDTH]
    return sa.and_(FirmSearchKey.suffix >= start, FirmSearchKey.suffix < start + _LAST)
