"""Sign in and out, sessions on the server, people and their passwords."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import timedelta

import sqlalchemy as sa

from crm.accounts.demo_people import ADDRESSES, DEMO_PASSWORD, PEOPLE
from crm.accounts.models import LoginSession, SignInThrottle, User
from crm.accounts.passwords import POLICIES, check_new_password, hash_password, password_matches
from crm.accounts.queries import system_actor
from crm.audit import use_cases as audit
from crm.clock import utc_now
from crm.database import db, transaction
from crm.domain.access import Actor, Permission, Role, require
from crm.domain.errors import ChangedMeanwhileError, NotFoundError, RefusedError
from crm.territories.queries import tree

FREE_FAILURES = 5
LONGEST_LOCK = timedelta(hours=8)
# An address shared by an office behind one router gets more tries than one name.
FREE_FAILURES_BY_ADDRESS = 30
SEEN_EVERY = timedelta(minutes=2)


def sign_in(
    name: str, password: str, *, source: str, user_agent: str, demo_allowed: bool
) -> tuple[User, str]:
    """Check name and password, open a server-side session; returns the user and the session token.

    Raises RefusedError sign_in_wrong or sign_in_locked (minutes). Failures are counted in the database
    and committed whether or not the caller's page lives on; the lock doubles from one minute.
    """
    name = name.strip()
    keys = [
        (f"name:{name.casefold()[:80]}", FREE_FAILURES),
        (f"address:{source[:60]}", FREE_FAILURES_BY_ADDRESS),
    ]
    now = utc_now()
    locked = db.session.scalars(
        sa.select(SignInThrottle.locked_until).where(
            SignInThrottle.key.in_([key for key, _ in keys]), SignInThrottle.locked_until > now
        )
    ).all()
    if locked:
        minutes = max(1, round(max(until - now for until in locked if until).total_seconds() / 60 + 0.5))
        raise RefusedError(None, "sign_in_locked", minutes=minutes)
    user = db.session.scalar(sa.select(User).where(User.name == name))
    right = password_matches(user.password_hash if user else None, password)
    if not right or user is None or not user.is_active:
        _count_failure(keys, user, source)
        raise RefusedError(None, "sign_in_wrong")
    if user.is_demo and not demo_allowed:
        raise RefusedError(None, "sign_in_demo_refused")
    token = secrets.token_urlsafe(32)
    actor = Actor(user.id, user.name, Role(user.role), user.territory_id, user.territory.path, "web", source)
    with transaction():
        db.session.execute(sa.delete(SignInThrottle).where(SignInThrottle.key == keys[0][0]))
        db.session.add(
            LoginSession(
                token_hash=_hash(token),
                user_id=user.id,
                created_at=now,
                last_seen_at=now,
                source=source[:80],
                user_agent=user_agent[:200],
            )
        )
        audit.record(actor, "account.sign_in", subject_type="user", subject_id=user.id)
    return user, token


def _count_failure(keys: list[tuple[str, int]], user: User | None, source: str) -> None:
    now = utc_now()
    with transaction():
        for key, free in keys:
            row = db.session.scalar(
                sa.select(SignInThrottle).where(SignInThrottle.key == key).with_for_update()
            )
            if row is None:
                row = SignInThrottle(key=key, failures=0, last_failed_at=now)
                db.session.add(row)
            elif now - row.last_failed_at > timedelta(days=1):
                row.failures = 0
            row.failures += 1
            row.last_failed_at = now
            if row.failures >= free:
                row.locked_until = now + min(
                    LONGEST_LOCK, timedelta(minutes=2 ** min(row.failures - free, 12))
                )
        audit.record(
            system_actor(source, via="web"),
            "account.sign_in_failed",
            subject_type="user",
            subject_id=user.id if user else None,
            after={"source": source},
        )


def session_user(token: str, *, idle: timedelta, absolute: timedelta) -> User | None:
    """The user of a session token, or None where the session has ended, idled out or grown old."""
    row = db.session.scalar(
        sa.select(LoginSession)
        .where(LoginSession.token_hash == _hash(token))
        .execution_options(populate_existing=True)
    )
    now = utc_now()
    if row is None or row.ended_at is not None or not row.user.is_active:
        return None
    if now - row.last_seen_at > idle or now - row.created_at > absolute:
        return None
    if now - row.last_seen_at > SEEN_EVERY:
        # The only write a page view makes: without it an idle limit cannot be told from reading all day.
        with transaction():
            db.session.execute(
                sa.update(LoginSession).where(LoginSession.id == row.id).values(last_seen_at=now)
            )
    return row.user


def sign_out(actor: Actor, token: str) -> None:
    """End the session of this token; its cookie is worth nothing from now on."""
    with transaction():
        _end_sessions(LoginSession.token_hash == _hash(token), "sign_out")
        audit.record(actor, "account.sign_out", subject_type="user", subject_id=actor.user_id)


def _end_sessions(condition: sa.ColumnElement[bool], reason: str) -> None:
    db.session.execute(
        sa.update(LoginSession)
        .where(condition, LoginSession.ended_at.is_(None))
        .values(ended_at=utc_now(), end_reason=reason)
        .execution_options(synchronize_session=False)
    )


def _name_key(name: str) -> str:
    return f"name:{name.casefold()[:80]}"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def create_user(
    actor: Actor,
    *,
    name: str,
    role: str,
    territory_code: str,
    email: str | None,
    password: str,
    display_name: str | None = None,
    policy: str = "asvs",
    must_change: bool = False,
    is_demo: bool = False,
) -> User:
    """A new person. Raises RefusedError on field name, role, territory, email or password."""
    require(actor, Permission.USER_ADMIN)
    name = name.strip()
    if not re.fullmatch(r"[\w.@-]{2,60}", name):
        raise RefusedError("name", "user_name_format")
    if role not in Role.__members__.values():
        raise RefusedError("role", "role_unknown", role=role, roles=" ".join(Role))
    territory = tree().by_code(territory_code)
    if territory is None or not tree().is_within(territory.id, actor.territory_path):
        raise RefusedError("territory", "territory_unknown", code=territory_code)
    _check_level(role, territory.level)
    check_new_password(password, name, POLICIES[policy])
    with transaction():
        if db.session.scalar(sa.select(User.id).where(User.name == name)):
            raise RefusedError("name", "user_name_taken", name=name)
        user = User(
            name=name,
            display_name=(display_name or name).strip(),
            role=role,
            territory_id=territory.id,
            email=(email or "").strip() or None,
            password_hash=hash_password(password),
            password_changed_at=utc_now(),
            must_change_password=must_change,
            is_demo=is_demo,
            created_at=utc_now(),
        )
        db.session.add(user)
        db.session.flush()
        after = {"name": name, "role": role, "territory": territory.code, "email": user.email}
        audit.record(actor, "user.create", subject_type="user", subject_id=user.id, after=after)
    return user


def create_demo_people(actor: Actor) -> int:
    """The invented people of the demo data, each with the one demo password; returns how many.

    Their townships must stand in the tree already. Raises RefusedError where a name is taken.
    """
    with transaction():
        for person in PEOPLE:
            code = person.place
            if person.township is not None:
                county = tree().by_code(person.place)
                township = tree().find_name(person.township, county.id if county else None)
                code = township.code if township is not None else ""
            create_user(
                actor,
                name=person.name,
                display_name=person.display_name,
                role=person.role,
                territory_code=code,
                email=f"{person.name}@{ADDRESSES}",
                password=DEMO_PASSWORD,
                is_demo=True,
            )
    return len(PEOPLE)


def _check_level(role: str, level: str) -> None:
    """A county officer belongs to a county, a liaison to a township, a city officer to a city or above."""
    wanted = {
        Role.COUNTY_OFFICER: ("county",),
        Role.TOWNSHIP_LIAISON: ("township", "county"),
        Role.CITY_OFFICER: ("city", "province"),
    }
    levels = wanted.get(Role(role))
    if levels and level not in levels:
        raise RefusedError("territory", "territory_level", role=role, level=level)


def managed_user(actor: Actor, user_id: int) -> User:
    """A user of the administrator's territory. Raises NotFoundError."""
    require(actor, Permission.USER_ADMIN)
    user = db.session.get(User, user_id)
    if user is None or not tree().is_within(user.territory_id, actor.territory_path):
        raise NotFoundError("user", user_id)
    return user


def change_user(
    actor: Actor,
    user_id: int,
    *,
    version: int,
    display_name: str,
    role: str,
    territory_code: str,
    email: str | None,
    is_active: bool,
) -> User:
    """Change a person; role, territory or deactivation end the person's sessions at the next click."""
    with transaction():
        user = managed_user(actor, user_id)
        if user.version != version:
            raise ChangedMeanwhileError("user", user_id)
        if role not in Role.__members__.values():
            raise RefusedError("role", "role_unknown", role=role, roles=" ".join(Role))
        territory = tree().by_code(territory_code)
        if territory is None or not tree().is_within(territory.id, actor.territory_path):
            raise RefusedError("territory", "territory_unknown", code=territory_code)
        _check_level(role, territory.level)
        if user.id == actor.user_id and (not is_active or role != user.role):
            raise RefusedError("is_active", "user_self")
        new = {"display_name": display_name.strip(), "role": role, "territory_id": territory.id,
               "email": (email or "").strip() or None, "is_active": is_active}  # fmt: skip
        before = {key: getattr(user, key) for key, value in new.items() if getattr(user, key) != value}
        if not before:
            return user
        for key in before:
            setattr(user, key, new[key])
        if before.keys() & {"role", "territory_id", "is_active"}:
            _end_sessions(LoginSession.user_id == user.id, "rights_changed")
        after = {key: new[key] for key in before}
        audit.record(
            actor, "user.update", subject_type="user", subject_id=user.id, before=before, after=after
        )
    return user


def change_own_password(
    actor: Actor, old: str, new: str, *, policy: str, keep_token: str | None = None
) -> None:
    """Change the actor's password; every session ends, this one too (the view signs in anew)."""
    with transaction():
        user = db.session.get_one(User, actor.user_id)
        if not password_matches(user.password_hash, old):
            raise RefusedError("old_password", "old_password_wrong")
        check_new_password(new, user.name, POLICIES[policy])
        if password_matches(user.password_hash, new):
            raise RefusedError("password", "password_same")
        _set_password(actor, user, new, must_change=False)


def reset_password(actor: Actor, user_id: int, new: str, *, policy: str) -> None:
    """Administrator sets a first password, to be changed at the next sign-in."""
    with transaction():
        user = managed_user(actor, user_id)
        check_new_password(new, user.name, POLICIES[policy])
        db.session.execute(sa.delete(SignInThrottle).where(SignInThrottle.key == _name_key(user.name)))
        _set_password(actor, user, new, must_change=True)


def _set_password(actor: Actor, user: User, new: str, *, must_change: bool) -> None:
    user.password_hash = hash_password(new)
    user.password_changed_at = utc_now()
    user.must_change_password = must_change
    _end_sessions(LoginSession.user_id == user.id, "password_changed")
    audit.record(actor, "user.password", subject_type="user", subject_id=user.id)


def set_preference(actor: Actor, *, language: str | None = None, theme: str | None = None) -> None:
    """Language (zh, en) and theme (light, dark) of the actor's pages; no audit: no record changes."""
    values = {}
    if language in ("zh", "en"):
        values["language"] = language
    if theme in ("light", "dark"):
        values["theme"] = theme
    if values and actor.user_id is not None:
        with transaction():
            db.session.execute(sa.update(User).where(User.id == actor.user_id).values(**values))
