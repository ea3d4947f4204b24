"""Demo sign-ins: invented people, one for each role. They work on loopback in the embedded default only."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from crm.accounts.models import User
from crm.database import db

DEMO_PASSWORD = "ladder-demo"
ADDRESSES = "example.test"  # RFC 2606: nobody's mail


@dataclass(frozen=True)
class DemoPerson:
    """One invented person. place: code of the territory; township: name of one below it, for a liaison.

    is_shown: stands on the sign-in page; the others own firms of their counties, so that lists look as in
    an office of many.
    """

    name: str
    display_name: str
    role: str
    place: str
    township: str | None = None
    is_shown: bool = True


PEOPLE = (
    DemoPerson("demo-county", "演示经办甲", "county_officer", "330624"),
    DemoPerson("demo-county-2", "演示经办乙", "county_officer", "330603"),
    DemoPerson("demo-township", "演示联络员甲", "township_liaison", "330624", "七星街道"),
    DemoPerson("demo-city", "演示市级经办", "city_officer", "330600"),
    DemoPerson("demo-chief", "演示处长", "section_chief", "330600"),
    DemoPerson("demo-chief-2", "演示科长", "section_chief", "330624"),
    DemoPerson("demo-viewer", "演示查看员", "viewer", "330600"),
    DemoPerson("demo-auditor", "演示审计员", "auditor", "330600"),
    DemoPerson("demo-admin", "演示管理员", "administrator", "330600"),
    DemoPerson("demo-county-3", "演示经办丙", "county_officer", "330602", is_shown=False),
    DemoPerson("demo-county-4", "演示经办丁", "county_officer", "330604", is_shown=False),
    DemoPerson("demo-county-5", "演示经办戊", "county_officer", "330681", is_shown=False),
    DemoPerson("demo-county-6", "演示经办己", "county_officer", "330683", is_shown=False),
    DemoPerson("demo-township-2", "演示联络员乙", "township_liaison", "330603", "钱清街道", is_shown=False),
)


@dataclass(frozen=True)
class DemoSignIn:
    """One line of the sign-in page's demo list."""

    name: str
    display_name: str
    role: str
    territory: str


def demo_sign_ins() -> list[DemoSignIn]:
    """Demo people for the sign-in page, in the order they were made; empty without demo data."""
    hidden = {person.name for person in PEOPLE if not person.is_shown}
    users = db.session.scalars(sa.select(User).where(User.is_demo, User.is_active).order_by(User.id))
    return [
        DemoSignIn(u.name, u.display_name, u.role, u.territory.name) for u in users if u.name not in hidden
    ]
