"""Chinese first, English second: which language a page speaks, and the catalogues."""

from __future__ import annotations

from flask import Flask, has_request_context, session
from flask_babel import Babel
from flask_login import current_user

LANGUAGES = ("zh", "en")
babel = Babel()


def install(app: Flask) -> None:
    """Bind Flask-Babel; message ids are the Chinese sentences themselves."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", "zh")
    app.config.setdefault(
        "BABEL_TRANSLATION_DIRECTORIES", str(app.config["CRM_ROOT"] / "crm" / "translations")
    )
    babel.init_app(app, locale_selector=chosen, timezone_selector=lambda: app.config["CRM"].timezone)


def chosen() -> str:
    """Language of this request: the person's own, else the cookie of the sign-in page, else Chinese."""
    if not has_request_context():  # tasks and commands speak Chinese unless told
        return "zh"
    if current_user and current_user.is_authenticated:
        return str(current_user.user.language)
    language = session.get("language", "zh")
    return language if language in LANGUAGES else "zh"
