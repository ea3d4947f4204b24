"""Who a person is as an actor; people of a territory."""

from __future__ import annotations

import sqlalchemy as sa

from crm.accounts.models import LoginSession, User
from crm.database import db
from crm.domain.access import Actor, Role
from crm.domain.errors import NotFoundError
from crm.territories.queries import tree


def actor_of(user: User, *, via: str = "web", source: str = "") -> Actor:
    """The actor a signed-in user is."""
    return Actor(
        user_id=user.id,
        name=user.name,
        role=Role(user.role),
        territory_id=user.territory_id,
        territory_path=user.territory.path,
        via=via,
        source=source,
    )


def actor_named(name: str, *, via: str = "cli", source: str = "") -> Actor:
    """The active user of that sign-in name as an actor. Raises NotFoundError."""
    user = db.session.scalar(sa.select(User).where(User.name == name, User.is_active))
    if user is None:
        raise NotFoundError("user", name)
    return actor_of(user, via=via, source=source)


def actor_by_id(user_id: int | None, *, via: str, source: str) -> Actor:
    """The active user of that id as an actor, for what was asked in the browser and is done by the worker.

    Raises NotFoundError.
    """
    user = db.session.scalar(sa.select(User).where(User.id == user_id, User.is_active))
    if user is None:
        raise NotFoundError("user", user_id)
    return actor_of(user, via=via, source=source)


def system_actor(source: str, *, via: str = "task") -> Actor:
    """The system itself, over the whole tree: tasks and the administrator's command line."""
    root = min(tree().by_id.values(), key=lambda node: len(node.path))
    return Actor(None, "system", Role.ADMINISTRATOR, root.id, root.path, via, source, everything=True)


def people_in_scope(actor: Actor, *, only_active: bool = True) -> list[User]:
    """Users of the actor's territory subtree, by display name."""
    ids = tree().subtree_ids(actor.territory_id)
    statement = sa.select(User).where(User.territory_id.in_(ids)).order_by(User.display_name, User.id)
    if only_active:
        statement = statement.where(User.is_active)
    return list(db.session.scalars(statement))


def possible_owners(actor: Actor) -> list[User]:
    """Who may be made owner of a firm: active officers and liaisons of the actor's territory."""
    roles = {Role.CITY_OFFICER, Role.COUNTY_OFFICER, Role.TOWNSHIP_LIAISON, Role.SECTION_CHIEF}
    return [user for user in people_in_scope(actor) if user.role in roles]


def open_sessions(actor: Actor) -> list[LoginSession]:
    """Where the actor is signed in, newest first."""
    return list(
        db.session.scalars(
            sa.select(LoginSession)
            .where(LoginSession.user_id == actor.user_id, LoginSession.ended_at.is_(None))
            .order_by(LoginSession.last_seen_at.desc())
            .limit(20)
        )
    )
