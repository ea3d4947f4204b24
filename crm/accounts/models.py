"""People who sign in, their sessions on the server, and the counters that lock out guessing."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.database import BigId, UtcDateTime, db
from crm.territories.models import Territory


class User(db.Model):
    """One person; name is what is typed at sign-in. Never deleted: deactivated."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60), unique=True)
    display_name: Mapped[str] = mapped_column(sa.String(60))
    role: Mapped[str] = mapped_column(sa.String(30))
    territory_id: Mapped[int] = mapped_column(sa.ForeignKey("territories.id"), index=True)
    email: Mapped[str | None] = mapped_column(sa.String(200))
    password_hash: Mapped[str] = mapped_column(sa.String(200))
    password_changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    is_demo: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(sa.String(8), default="zh")
    theme: Mapped[str] = mapped_column(sa.String(8), default="light")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    territory: Mapped[Territory] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}


class LoginSession(db.Model):
    """A sign-in kept on the server; the cookie carries only the token, here is its hash.

    Ended at sign-out, password, role or territory change and deactivation: the next click finds it ended.
    """

    __tablename__ = "login_sessions"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end_reason: Mapped[str | None] = mapped_column(sa.String(30))
    source: Mapped[str] = mapped_column(sa.String(80))
    user_agent: Mapped[str] = mapped_column(sa.String(200))

    user: Mapped[User] = relationship(lazy="joined")


class SignInThrottle(db.Model):
    """Failed sign-ins by name or address (key "name:chen", "address:10.0.0.7"), known or not."""

    __tablename__ = "sign_in_throttles"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(120), unique=True)
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_failed_at: Mapped[datetime] = mapped_column(UtcDateTime)
