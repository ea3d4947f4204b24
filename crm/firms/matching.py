"""Which stored firm a row of a list means: by code, else by name in its district, else by a former name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crm.database import db
from crm.domain.access import Actor
from crm.firms.models import Firm, FormerName
from crm.firms.queries import in_scope
from crm.territories.queries import tree

_CHUNK = 1000
Row = Any  # one row of the firms table: every column by its name


@dataclass(frozen=True)
class Found:
    """firm: the one meant, by what (code, name, former). candidates: several of one name, a person must say.

    is_elsewhere: the code is held by a firm the actor may not see.
    """

    firm: Row | None = None
    by: str | None = None
    candidates: tuple[Row, ...] = ()
    is_elsewhere: bool = False


class KnownFirms:
    """Stored firms that a list may mean, read in a few statements whatever the length of the list.

    codes, names: as normalised. lock: keep the rows from being changed until the transaction ends.
    Firms outside the actor's territory are known by their code only, and never shown.
    """

    def __init__(
        self, actor: Actor, codes: Iterable[str], names: Iterable[str], *, lock: bool = False
    ) -> None:
        self._by_code: dict[str, tuple[Row, bool]] = {}
        self._by_name: dict[str, list[Row]] = defaultdict(list)
        self._by_former: dict[str, list[Row]] = defaultdict(list)
        columns = list(Firm.__table__.c)
        within = sa.case((in_scope(actor), True), else_=False).label("within")
        wanted = sorted(set(names) - {""})
        for part in _chunks(sorted(set(codes) - {""})):
            statement = sa.select(*columns, within).where(Firm.code.in_(part))
            for row in db.session.execute(_locked(statement, lock)):
                self._by_code[row.code] = (row, bool(row.within))
        for part in _chunks(wanted):
            statement = sa.select(*columns).where(Firm.name_normal.in_(part), in_scope(actor))
            for row in db.session.execute(_locked(statement, lock)):
                self._by_name[row.name_normal].append(row)
        for part in _chunks(wanted):
            statement = (
                sa.select(*columns, FormerName.name_normal.label("former_key"))
                .join(FormerName, FormerName.firm_id == Firm.id)
                .where(FormerName.name_normal.in_(part), in_scope(actor))
            )
            for row in db.session.execute(_locked(statement, lock)):
                self._by_former[row.former_key].append(row)

    def find(self, code: str | None, name: str, district_id: int | None = None) -> Found:
        """The firm meant by a code, else by a name (as normalised). district_id: where it is said to lie.

        A firm of the same name that holds another code is another firm.
        """
        if code and code in self._by_code:
            row, within = self._by_code[code]
            return Found(row, "code") if within else Found(is_elsewhere=True)
        for by, index in (("name", self._by_name), ("former", self._by_former)):
            rows = [row for row in index.get(name, []) if not (code and row.code)]
            rows = [row for row in rows if _may_lie(row.district_id, district_id)]
            if len(rows) > 1:
                return Found(by=by, candidates=tuple(rows))
            if rows:
                return Found(rows[0], by)
        return Found()

    def namesakes(self, name: str) -> list[Row]:
        """Firms of the actor's territory that carry this name now."""
        return self._by_name.get(name, [])


def _may_lie(stored_id: int, said_id: int | None) -> bool:
    """A firm stored under the city, its county unknown, may lie in any county."""
    return said_id is None or stored_id == said_id or tree().by_id[stored_id].level == "city"


def _locked(statement: Any, lock: bool) -> Any:
    # no key is changed, so that rows pointing at a firm may still be written by others
    return statement.order_by(Firm.id).with_for_update(of=Firm, key_share=True) if lock else statement


def _chunks(values: list[str]) -> Iterable[list[str]]:
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))
