"""Rows of the profiles: each named source is one statement over a territory's firms, read as a stream."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from crm.accounts.models import User
from crm.certifications.models import Certification
from crm.database import db
from crm.domain.access import Actor
from crm.domain.certification import Grant, schemes, state
from crm.domain.export_profiles import Profile
from crm.firms.models import Firm
from crm.firms.queries import in_scope, within
from crm.territories.queries import tree

_STREAM = 5000
_c = Certification


def rows_of(actor: Actor, profile: Profile, on: date, territory_id: int) -> Iterator[dict[str, Any]]:
    """Rows of a profile on a day, from one statement: the profile's fields, and beside them firm_id,
    certification_id, is_branch, and the keys by which districts and names are sorted.

    Firms that are not archived, of that territory and the actor's own. Words are Chinese whatever the
    reader's language: the file is the office's. In force is decided by the dates stored, on that very day.
    """
    statement = _SOURCES[profile.source](profile, on).where(
        Firm.is_archived.is_(False), within(territory_id), in_scope(actor)
    )
    places = {node.id: (node.name, node.code) for node in tree().by_id.values()}
    for row in db.session.execute(statement.execution_options(yield_per=_STREAM)):
        district, district_key = places[row.district_id]
        yield {
            "firm_id": row.firm_id,
            "certification_id": row.certification_id,
            "is_branch": row.is_branch,
            "name": row.name,
            "name_key": row.name_order,
            "code": row.code,
            "district": district,
            "district_key": district_key,
            "township": places[row.township_id][0] if row.township_id is not None else None,
            "technology_field": row.hnte_field,
            "owner": row.owner,
            "scheme": _title(row.scheme, row.granted_on),
            "number": row.number,
            "granted_on": row.granted_on,
            "valid_to": row.valid_to,
            "batch": row.cohort,
            "days_left": (row.valid_to - on).days if row.valid_to else None,
            "state": state(_grant(row), on),
        }


def _title(scheme: str, granted_on: date) -> str:
    known = schemes().get(scheme)
    return known.name_on(granted_on, "zh") if known else scheme


def _grant(row: Any) -> Grant:
    return Grant(
        row.certification_id, row.scheme, row.number, row.granted_on, row.valid_from, row.valid_to,
        row.update_due, row.revoked_from, row.later_id,
    )  # fmt: skip


_later = aliased(Certification)


def _certificates(on: date) -> Any:
    """Certificates in force on the day, with their firms and the grant that renews each by that day."""
    return (
        sa.select(
            Firm.id.label("firm_id"), Firm.name, Firm.name_order, Firm.code, Firm.district_id,
            Firm.township_id, Firm.hnte_field, Firm.is_branch, User.display_name.label("owner"),
            _c.id.label("certification_id"), _c.scheme, _c.number, _c.granted_on, _c.valid_from, _c.valid_to,
            _c.update_due, _c.revoked_from, _c.cohort, _later.id.label("later_id"),
        )
        .join(Firm, Firm.id == _c.firm_id)
        .outerjoin(User, User.id == Firm.owner_id)
        .outerjoin(_later, sa.and_(_later.renews_id == _c.id, _later.granted_on <= on))
        .where(*in_force_conditions(on))
    )  # fmt: skip


def in_force_conditions(on: date, table: Any = Certification) -> list[sa.ColumnElement[bool]]:
    """crm.domain.certification.in_force as conditions: both ends inclusive, not revoked by that day."""
    return [
        table.valid_from <= on,
        sa.or_(table.valid_to.is_(None), table.valid_to >= on),
        sa.or_(table.revoked_from.is_(None), table.revoked_from > on),
    ]


def _hnte_in_force(profile: Profile, on: date) -> sa.Select[Any]:
    """One row a firm: of certificates that overlap, the one granted last."""
    newer = aliased(Certification)
    outdone = sa.exists().where(
        newer.firm_id == _c.firm_id,
        newer.scheme == "hnte",
        *in_force_conditions(on, newer),
        sa.tuple_(newer.granted_on, newer.id) > sa.tuple_(_c.granted_on, _c.id),
    )
    return _certificates(on).where(_c.scheme == "hnte", ~outdone)


def _expiring_within(profile: Profile, on: date) -> sa.Select[Any]:
    """Certificates whose last day lies within the profile's days, not renewed by then.

    Schemes renewed by expiry only: that of a national technology SME ends with the year by itself.
    """
    by_expiry = [name for name, scheme in schemes().items() if "expiry" in scheme.obligations]
    last = on + timedelta(days=profile.days or 0)
    return _certificates(on).where(
        _c.scheme.in_(by_expiry), _c.valid_to.between(on, last), _later.id.is_(None)
    )


_SOURCES: Mapping[str, Callable[[Profile, date], sa.Select[Any]]] = {
    "hnte_in_force": _hnte_in_force,
    "expiring_within": _expiring_within,
}
