"""Who is signed in, and what a view needs: every view says one permission."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, current_app, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from werkzeug.wrappers import Response

from crm.domain.access import Actor, Permission, require

View = TypeVar("View", bound=Callable[..., Any])
# view function -> permission, read by the test that holds routes and docs/permissions.md together.
PERMISSION_ATTRIBUTE = "crm_permission"
PUBLIC_ATTRIBUTE = "crm_public"

login_manager = LoginManager()


class SignedInUser(UserMixin):  # type: ignore[misc]
    """What Flask-Login keeps: the user row, the actor and the session token (the id in the cookie)."""

    def __init__(self, user: Any, actor: Actor, token: str) -> None:
        self.user = user
        self.actor = actor
        self.token = token

    def get_id(self) -> str:
        return self.token


def install(
    app: Flask, load: Callable[[str, timedelta, timedelta], Any], actor_of: Callable[..., Actor]
) -> None:
    """Bind Flask-Login to the sessions table (given as functions: this module imports no feature)."""
    login_manager.init_app(app)
    login_manager.session_protection = None

    @login_manager.user_loader  # type: ignore[untyped-decorator]
    def _load(token: str) -> SignedInUser | None:
        settings = current_app.config["CRM"]
        user = load(
            token,
            timedelta(minutes=settings.session_idle_minutes),
            timedelta(hours=settings.session_absolute_hours),
        )
        return SignedInUser(user, actor_of(user, source=client_address()), token) if user else None

    @login_manager.unauthorized_handler  # type: ignore[untyped-decorator]
    def _unauthorized() -> Any:
        if request.headers.get("HX-Request"):
            # htmx follows this header with a whole page; else the sign-in form would land in a table.
            return "", 401, {"HX-Redirect": url_for("accounts.sign_in", next=safe_next(request.referrer))}
        # A form sent after the session ran out: back to its page, where the browser kept what was typed.
        page = request.full_path.rstrip("?") if request.method == "GET" else safe_next(request.referrer)
        return redirect(url_for("accounts.sign_in", next=page or None))


def client_address() -> str:
    """The peer's address; a proxy's word counts only through ProxyFix, which the settings switch on."""
    return request.remote_addr or ""


def begin_session(user: Any, actor: Actor, token: str) -> None:
    """Sign the browser in under a new cookie: nothing of the old one survives."""
    session.clear()
    login_user(SignedInUser(user, actor, token))


def end_session() -> None:
    """Forget the browser's sign-in."""
    logout_user()
    session.clear()


def current_actor() -> Actor:
    """The actor of this request."""
    actor: Actor = current_user.actor
    return actor


def needs(permission: Permission) -> Callable[[View], View]:
    """Decorate a view: signed in, and with this permission."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not current_user.is_authenticated:
                return login_manager.unauthorized()
            if current_user.user.must_change_password and permission is not Permission.OWN_ACCOUNT:
                return redirect(url_for("accounts.password"))
            require(current_user.actor, permission)
            return view(*args, **kwargs)

        setattr(guarded, PERMISSION_ATTRIBUTE, permission)
        return guarded  # type: ignore[return-value]

    return decorate


def public(view: View) -> View:
    """Mark a view that asks for no sign-in (sign-in page, health check, static files)."""
    setattr(view, PUBLIC_ATTRIBUTE, True)
    return view


def safe_next(target: str | None) -> str | None:
    """The path of a wanted page on this very server, or None: no other host, scheme or back-slash trick."""
    if not target:
        return None
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        if parts.netloc != request.host:
            return None
        target = parts.path + (f"?{parts.query}" if parts.query else "")
    if (
        not target.startswith("/")
        or target.startswith(("//", "/\\"))
        or "\\" in target
        or any(ord(c) < 32 for c in target)
    ):
        return None
    return target


def is_htmx() -> bool:
    """True for a partial update."""
    return request.headers.get("HX-Request") == "true"


def go_to(endpoint: str, **values: Any) -> Response:
    """Redirect after a change; 303, so that reload does not send the form again."""
    return redirect(url_for(endpoint, **values), code=303)


def is_loopback() -> bool:
    """True where the request comes from this machine and through no proxy."""
    return client_address() in ("127.0.0.1", "::1") and "X-Forwarded-For" not in request.headers
