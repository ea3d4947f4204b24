"""Demo sign-ins: invented people, one for each role. They work on loopback in the embedded default only."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from crm.accounts.models import User
from crm.database import db

DEMO_PASSWORD = "ladder-demo"


@dataclass(frozen=True)
class DemoSignIn:
    """One line of the sign-in page's demo list."""

    name: str
    display_name: str
    role: str
    territory: str


def demo_sign_ins() -> list[DemoSignIn]:
    """Demo people in the database, in the order they were made; empty without demo data."""
    users = db.session.scalars(sa.select(User).where(User.is_demo, User.is_active).order_by(User.id))
    return [DemoSignIn(u.name, u.display_name, u.role, u.territory.name) for u in users]
