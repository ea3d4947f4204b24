"""What is recorded already: certificates of the firms at hand, and who holds the numbers to be recorded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import sqlalchemy as sa

from crm.certifications.grant_input import GrantInput, GrantOutcome
from crm.certifications.models import Certification
from crm.database import db
from crm.domain.access import Actor
from crm.domain.certification import normalise_number
from crm.domain.errors import RefusedError
from crm.firms.models import Firm
from crm.firms.queries import in_scope

_CHUNK = 500


class GrantFirm(NamedTuple):
    """What recording asks of a firm."""

    id: int
    name: str
    is_branch: bool
    is_archived: bool


class Holder(NamedTuple):
    """Who holds a number; within: in the actor's territory, so that the name may be said."""

    firm_id: int
    name: str
    within: bool


def firms_at_hand(actor: Actor, ids: set[int]) -> dict[int, GrantFirm]:
    """Firms of the actor's territory; locked, so that two writers of one firm come one after the other."""
    found: dict[int, GrantFirm] = {}
    wanted = sorted(ids)
    for start in range(0, len(wanted), _CHUNK):
        statement = (
            sa.select(Firm.id, Firm.name, Firm.is_branch, Firm.is_archived)
            .where(Firm.id.in_(wanted[start : start + _CHUNK]), in_scope(actor))
            .order_by(Firm.id)
            .with_for_update()
        )
        found.update({row[0]: GrantFirm(*row) for row in db.session.execute(statement)})
    return found


def holder_of(actor: Actor, scheme: str, number_normal: str, *, apart_from: int) -> Holder | None:
    """The firm that holds a number on another certificate than this one, wherever it lies."""
    found = db.session.execute(
        sa.select(Firm.id, Firm.name, _within(actor))
        .join(Certification, Certification.firm_id == Firm.id)
        .where(
            Certification.scheme == scheme,
            Certification.number_normal == number_normal,
            Certification.id != apart_from,
        )
    ).first()
    return Holder(found[0], found[1], bool(found[2])) if found else None


def _within(actor: Actor) -> sa.ColumnElement[bool]:
    return sa.case((in_scope(actor), True), else_=False)


class Recorded:
    """What is recorded already: certificates of these firms, and holders of the numbers to be recorded."""

    def __init__(
        self, actor: Actor, firm_rows: dict[int, GrantFirm], outcomes: Sequence[GrantOutcome]
    ) -> None:
        self._by_number: dict[tuple[str, str], Certification] = {}
        self._holders: dict[tuple[str, str], Holder] = {}
        self._by_day: dict[tuple[int, str, date], Certification] = {}
        self._in_list: set[tuple[object, ...]] = set()
        self._firms = firm_rows
        ids = sorted(firm_rows)
        for start in range(0, len(ids), _CHUNK):
            self._read(Certification.firm_id.in_(ids[start : start + _CHUNK]), actor)
        numbers = sorted({n for o in outcomes if (n := normalise_number(o.grant.number or ""))})
        for start in range(0, len(numbers), _CHUNK):
            part = numbers[start : start + _CHUNK]
            self._read(Certification.number_normal.in_(part), actor)

    def _read(self, condition: sa.ColumnElement[bool], actor: Actor) -> None:
        statement = (
            sa.select(Certification, Firm.name, _within(actor))
            .join(Firm, Firm.id == Certification.firm_id)
            .where(condition)
        )
        for row, name, within in db.session.execute(statement):
            if row.number_normal:
                self._by_number[row.scheme, row.number_normal] = row
                self._holders[row.scheme, row.number_normal] = Holder(row.firm_id, name, bool(within))
            self._by_day[row.firm_id, row.scheme, row.granted_on] = row

    def same(self, grant: GrantInput) -> Certification | str | None:
        """The recorded certificate this is, "in this list" for one just taken, None for a new one."""
        number = normalise_number(grant.number or "")
        if self._list_key(grant) in self._in_list:
            return "in this list"
        if number:
            held = self._by_number.get((grant.scheme, number))
            if held is not None:
                return held if held.firm_id == grant.firm_id else None
        held = self._by_day.get((grant.firm_id or 0, grant.scheme, grant.granted_on))
        # Of one day and scheme, and one of the two bears no number: the same paper, seen twice.
        return held if held is not None and not (number and held.number_normal) else None

    def free_or_refuse(self, grant: GrantInput) -> None:
        """Raise RefusedError where another firm holds the number; named only if it is the actor's to see."""
        holder = self._holders.get((grant.scheme, normalise_number(grant.number or "")))
        if holder is None or holder.firm_id == grant.firm_id:
            return
        if holder.within:
            raise RefusedError("number", "number_taken", number=grant.number, holder=holder.name)
        raise RefusedError("number", "number_taken_elsewhere", number=grant.number)

    def add(self, outcome: GrantOutcome) -> None:
        """Remember a row of this list, so that its repetition is no second certificate."""
        grant = outcome.grant
        self._in_list.add(self._list_key(grant))
        number = normalise_number(grant.number or "")
        if number:
            name = self._firms[grant.firm_id or 0].name
            self._holders[grant.scheme, number] = Holder(grant.firm_id or 0, name, True)

    @staticmethod
    def _list_key(grant: GrantInput) -> tuple[object, ...]:
        number = normalise_number(grant.number or "")
        return grant.firm_id, grant.scheme, number or grant.granted_on
