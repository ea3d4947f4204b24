"""Certifications read: as grants for the rules, as rows for the firm's page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from crm.certifications.labels import STATE_TONES, STATE_WORDS, scheme_word
from crm.certifications.models import Certification
from crm.database import db
from crm.domain.access import Actor
from crm.domain.certification import Grant, normalise_number, schemes, state
from crm.domain.errors import NotFoundError
from crm.domain.ladder import RungResult, rung_on
from crm.firms.models import Firm
from crm.firms.queries import in_scope

_CHUNK = 500


@dataclass(frozen=True)
class CertificateRow:
    """One certification as the firm's page shows it. state: see crm.domain.certification.STATES."""

    id: int
    version: int
    scheme: str
    title: str
    rung: int | None
    number: str | None
    granted_on: date
    valid_from: date
    valid_to: date | None
    update_due: date | None
    cohort: str | None
    authority: str | None
    note: str | None
    revoked_from: date | None
    revoke_reason: str | None
    renews_id: int | None
    superseded_by: int | None
    former_number: str | None
    later_number: str | None
    state: str

    @property
    def state_word(self) -> str:
        return str(STATE_WORDS[self.state])

    @property
    def tone(self) -> str:
        return STATE_TONES[self.state]


def grants_of(firm_ids: Iterable[int]) -> dict[int, list[Grant]]:
    """All grants by firm, oldest first; a firm without any has an empty list.

    For rules and other features, whose own query has settled the territory.
    """
    wanted = list(firm_ids)
    found: dict[int, list[Grant]] = {firm_id: [] for firm_id in wanted}
    later = aliased(Certification)
    c = Certification
    for start in range(0, len(wanted), _CHUNK):
        statement = (
            sa.select(
                c.firm_id, c.id, c.scheme, c.number, c.granted_on, c.valid_from, c.valid_to, c.update_due,
                c.revoked_from, later.id,
            )
            .outerjoin(later, later.renews_id == c.id)
            .where(c.firm_id.in_(wanted[start : start + _CHUNK]))
            .order_by(c.valid_from, c.id)
        )  # fmt: skip
        for firm_id, *values in db.session.execute(statement):
            found[firm_id].append(Grant(*values))
    return found


def branches_among(firm_ids: Iterable[int]) -> set[int]:
    """Those of the firms that are branches and so hold no rung."""
    wanted = list(firm_ids)
    found: set[int] = set()
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        found.update(db.session.scalars(sa.select(Firm.id).where(Firm.id.in_(part), Firm.is_branch)))
    return found


def firms_to_look_at(*, after: int, limit: int) -> list[int]:
    """Ids of firms whose rung may differ from the kept one: on a rung, or with a certification."""
    certified = sa.exists().where(Certification.firm_id == Firm.id)
    statement = sa.select(Firm.id).where(Firm.id > after, sa.or_(Firm.rung != 0, certified))
    return list(db.session.scalars(statement.order_by(Firm.id).limit(limit)))


def rung_of(firm_id: int, is_branch: bool, on: date) -> RungResult:
    """The firm's rung on a day, with the grants that give it."""
    return rung_on(grants_of([firm_id])[firm_id], on, is_branch=is_branch)


def certificates(actor: Actor, firm_id: int, on: date) -> list[CertificateRow]:
    """All certifications of one firm of the actor's territory, newest first."""
    c, later, former = Certification, aliased(Certification), aliased(Certification)
    statement = (
        sa.select(c, later.id, later.number, former.number)
        .join(Firm, Firm.id == c.firm_id)
        .outerjoin(later, later.renews_id == c.id)
        .outerjoin(former, former.id == c.renews_id)
        .where(c.firm_id == firm_id, in_scope(actor))
        .order_by(c.valid_from.desc(), c.id.desc())
    )
    return [_row(*values, on) for values in db.session.execute(statement)]


def certificate_for(actor: Actor, certification_id: int) -> Certification:
    """One certification of the actor's territory. Raises NotFoundError."""
    row = db.session.scalar(
        sa.select(Certification)
        .join(Firm, Firm.id == Certification.firm_id)
        .where(Certification.id == certification_id, in_scope(actor))
    )
    if row is None:
        raise NotFoundError("certification", certification_id)
    return row


def count_of(firm_id: int) -> int:
    """How many certifications a firm has, for its tab."""
    statement = sa.select(sa.func.count()).where(Certification.firm_id == firm_id)
    return db.session.scalar(statement) or 0


def _row(
    c: Certification,
    later_id: int | None,
    later_number: str | None,
    former_number: str | None,
    on: date,
) -> CertificateRow:
    scheme = schemes().get(c.scheme)
    return CertificateRow(
        id=c.id,
        version=c.version,
        scheme=c.scheme,
        title=scheme_word(c.scheme, c.granted_on),
        rung=scheme.rung if scheme else None,
        number=c.number,
        granted_on=c.granted_on,
        valid_from=c.valid_from,
        valid_to=c.valid_to,
        update_due=c.update_due,
        cohort=c.cohort,
        authority=c.authority,
        note=c.note,
        revoked_from=c.revoked_from,
        revoke_reason=c.revoke_reason,
        renews_id=c.renews_id,
        superseded_by=later_id,
        former_number=former_number,
        later_number=later_number,
        state=state(as_grant(c, later_id), on),
    )


def as_grant(c: Certification, superseded_by: int | None = None) -> Grant:
    """A row as the rules see it."""
    return Grant(
        c.id, c.scheme, c.number, c.granted_on, c.valid_from, c.valid_to, c.update_due, c.revoked_from,
        superseded_by,
    )  # fmt: skip


def firms_of_numbers(actor: Actor, numbers: Iterable[str]) -> dict[tuple[str, str], int]:
    """(scheme, number as compared) -> firm that holds it, of firms in the actor's territory."""
    wanted = sorted({key for number in numbers if (key := normalise_number(number))})
    found: dict[tuple[str, str], int] = {}
    for start in range(0, len(wanted), _CHUNK):
        statement = (
            sa.select(Certification.scheme, Certification.number_normal, Certification.firm_id)
            .join(Firm, Firm.id == Certification.firm_id)
            .where(Certification.number_normal.in_(wanted[start : start + _CHUNK]), in_scope(actor))
        )
        for scheme, number, firm_id in db.session.execute(statement):
            found[scheme, number or ""] = firm_id
    return found
