"""Whether demo data is in this database, and whether anything real is."""

from __future__ import annotations

import sqlalchemy as sa

from crm.accounts.models import User
from crm.database import db
from crm.firms.models import Firm


def is_loaded() -> bool:
    """True where demo people or demo firms are there already."""
    return bool(
        db.session.scalar(sa.select(sa.or_(sa.exists().where(Firm.is_demo), sa.exists().where(User.is_demo))))
    )


def has_real_firms() -> bool:
    """True where at least one firm is not invented."""
    return bool(db.session.scalar(sa.select(sa.exists().where(Firm.is_demo.is_(False)))))


def demo_counts() -> dict[str, int]:
    """How many firms and people of the demo data are there."""
    firms = db.session.scalar(sa.select(sa.func.count()).where(Firm.is_demo)) or 0
    people = db.session.scalar(sa.select(sa.func.count()).where(User.is_demo)) or 0
    return {"firms": firms, "people": people}
