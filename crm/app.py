"""The application: settings → extensions → features → error pages → commands."""

from __future__ import annotations

import sys
from typing import Any

from flask import Flask
from flask_migrate import Migrate
from flask_wtf import CSRFProtect

from crm.accounts.queries import actor_named, actor_of, system_actor
from crm.accounts.use_cases import session_user
from crm.celery_app import make_celery
from crm.database import db, prepare_engine
from crm.settings import ROOT, Settings, SettingsError, read_settings
from crm.web import commands, error_pages, front_page, language, security, signed_in

csrf = CSRFProtect()


def create_app(settings: Settings | None = None) -> Flask:
    """The whole product. settings: read from the environment unless given (tests give theirs)."""
    if settings is None:
        try:
            settings = read_settings()
        except SettingsError as error:
            sys.exit(f"settings: {error}")
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.config.update(_flask_config(settings))
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    Migrate(app, db, directory=str(ROOT / "migrations"), compare_type=True)
    csrf.init_app(app)
    language.install(app)
    security.install(app)
    signed_in.install(
        app, lambda token, idle, absolute: session_user(token, idle=idle, absolute=absolute), actor_of
    )
    front_page.install(app)
    error_pages.install(app)
    commands.install(app, actor_named, system_actor)
    make_celery(app)
    _register_features(app)
    return app


def _flask_config(settings: Settings) -> dict[str, Any]:
    options: dict[str, Any] = {"pool_pre_ping": not settings.is_sqlite}
    if not settings.is_sqlite:
        milliseconds = settings.statement_timeout_seconds * 1000
        options["connect_args"] = {"connect_timeout": 10, "options": f"-c statement_timeout={milliseconds}"}
    secure = settings.public_url.startswith("https://")
    return {
        "CRM": settings,
        "CRM_ROOT": ROOT,
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": options,
        "MAX_CONTENT_LENGTH": settings.upload_limit_megabytes * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 4 * 1024 * 1024,
        "MAX_FORM_PARTS": 5000,
        "SEND_FILE_MAX_AGE_DEFAULT": 31_536_000,
        "SESSION_COOKIE_NAME": "__Host-crm" if secure else "crm",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        # The token lives as long as the server-side session; it is bound to that, not to a clock.
        "WTF_CSRF_TIME_LIMIT": None,
        "TESTING": settings.testing,
    }


def _register_features(app: Flask) -> None:
    """Pages, sentences and commands of each feature."""
    from crm import features

    for blueprint in features.blueprints():
        app.register_blueprint(blueprint)
    for command in features.commands():
        app.cli.add_command(command)
    app.extensions["importers"] = features.importers()
    features.register_sentences()
