"""The fixed cast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import sqlalchemy as sa

from crm.accounts.models import User
from crm.accounts.passwords import hash_password
from crm.accounts.queries import actor_of
from crm.clock import utc_now
from crm.database import db, transaction
from crm.domain.access import Actor
from crm.territories.models import Territory
from crm.territories.queries import forget_tree, tree

PEOPLE = (
    ("officer", "county_officer", "330603"),
    ("colleague", "county_officer", "330603"),
    ("stranger", "county_officer", "330681"),
    ("liaison", "township_liaison", "330603T01"),
    ("city", "city_officer", "330600"),
    ("chief", "section_chief", "330600"),
    ("auditor", "auditor", "330600"),
    ("viewer", "viewer", "330600"),
    ("administrator", "administrator", "330600"),
)


@dataclass(frozen=True)
class Cast:
    """The people of the tests, as actors of the web."""

    officer: Actor
    colleague: Actor
    stranger: Actor
    liaison: Actor
    city: Actor
    chief: Actor
    auditor: Actor
    viewer: Actor
    administrator: Actor

    PASSWORD: ClassVar[str] = "a long test password"

    @classmethod
    def load(cls) -> Cast:
        users = {user.name: user for user in db.session.scalars(sa.select(User))}
        return cls(**{name: actor_of(users[name], source="127.0.0.1") for name, _, _ in PEOPLE})


def make_cast() -> None:
    """Write the cast and one township of 柯桥区 (安昌街道) and of 诸暨市 (大唐街道)."""
    hashed = hash_password(Cast.PASSWORD)
    with transaction():
        for code, name, county in (("330603T01", "安昌街道", "330603"), ("330681T01", "大唐街道", "330681")):
            parent = tree().by_code(county)
            assert parent is not None
            row = Territory(code=code, name=name, level="township", parent_id=parent.id, path="")
            db.session.add(row)
            db.session.flush()
            row.path = f"{parent.path}{row.id}/"
    forget_tree()
    with transaction():
        for name, role, code in PEOPLE:
            node = tree().by_code(code)
            assert node is not None
            db.session.add(
                User(
                    name=name,
                    display_name=name,
                    role=role,
                    territory_id=node.id,
                    email=f"{name}@example.test",
                    password_hash=hashed,
                    password_changed_at=utc_now(),
                    created_at=utc_now(),
                )
            )
