"""Every setting, read once from the environment; nothing else reads it.

A missing or malformed value stops the start and names its variable with an example. Secrets may come
from a file: CRM_SECRET_KEY_FILE, CRM_DATABASE_URL_FILE, CRM_MAIL_URL_FILE. docs/settings.md explains each.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm.mail.transport import MailUrl

ROOT = Path(__file__).resolve().parent.parent


class SettingsError(Exception):
    """A setting is missing or malformed; the text names the variable and shows an example."""


@dataclass(frozen=True)
class Settings:
    """All settings of one process. Units stand in the names; see docs/settings.md."""

    database_url: str
    redis_url: str | None
    data_dir: Path
    secret_key: str
    mail_url: str
    mail_from: str
    mail_only_to: str | None
    public_url: str
    timezone: str
    # True for the default without servers: SQLite in the data folder. Demo sign-ins exist only there.
    embedded: bool
    session_idle_minutes: int = 60
    session_absolute_hours: int = 12
    password_policy: str = "asvs"
    upload_limit_megabytes: int = 40
    statement_timeout_seconds: int = 60
    lease_seconds: int = 900
    mails_per_minute: int = 600
    in_doubt_policy: str = "send_again"
    certificate_minus_one_day: bool = False
    bureau_name: str = "绍兴市科学技术局"
    testing: bool = False

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def outbox_dir(self) -> Path:
        return self.data_dir / "outbox"

    @property
    def upload_dir(self) -> Path:
        return self.data_dir / "uploads"


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment (os.environ unless given). Raises SettingsError naming the variable."""
    env = os.environ if environ is None else environ
    data_dir = Path(env.get("CRM_DATA_DIR") or ROOT / "var").expanduser().resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    database_url = _secret(env, "CRM_DATABASE_URL")
    embedded = database_url is None
    if database_url is None:
        database_url = f"sqlite:///{data_dir / 'crm.db'}"
    elif database_url.startswith("postgresql://"):
        database_url = "postgresql+psycopg://" + database_url.removeprefix("postgresql://")
    elif not database_url.startswith(("postgresql+psycopg://", "sqlite:///")):
        raise SettingsError(
            "CRM_DATABASE_URL must begin with postgresql+psycopg:// or sqlite:///, "
            "for example postgresql+psycopg://crm:secret@db.example/crm"
        )
    secret_key = _secret(env, "CRM_SECRET_KEY")
    if secret_key is None:
        if not embedded and not database_url.startswith("sqlite"):
            raise SettingsError(
                "CRM_SECRET_KEY is required with PostgreSQL: 32 or more random characters, "
                "for example the output of: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
            )
        secret_key = _kept_secret(data_dir)
    elif len(secret_key) < 16:
        raise SettingsError("CRM_SECRET_KEY is too short: use 32 or more random characters")
    mail_url = _secret(env, "CRM_MAIL_URL") or "outbox:"
    try:
        MailUrl.parse(mail_url)
    except ValueError as error:
        raise SettingsError(f"CRM_MAIL_URL: {error}") from error
    public_url = (
        env.get("CRM_PUBLIC_URL") or _run_file(data_dir, "public-url") or "http://127.0.0.1:8000"
    ).rstrip("/")
    if not public_url.startswith(("http://", "https://")):
        raise SettingsError(
            "CRM_PUBLIC_URL must begin with http:// or https://, for example https://crm.example.gov.cn"
        )
    redis_url = env.get("CRM_REDIS_URL") or _run_file(data_dir, "redis-url")
    if redis_url and not redis_url.startswith(("redis://", "rediss://", "unix://", "redis+socket://")):
        raise SettingsError(
            "CRM_REDIS_URL must begin with redis:// or rediss://, for example redis://127.0.0.1:6379/0"
        )
    in_doubt = env.get("CRM_IN_DOUBT_POLICY") or "send_again"
    if in_doubt not in ("send_again", "hold"):
        raise SettingsError("CRM_IN_DOUBT_POLICY must be send_again or hold, for example send_again")
    policy = env.get("CRM_PASSWORD_POLICY") or "asvs"
    if policy not in ("asvs", "dengbao3"):
        raise SettingsError("CRM_PASSWORD_POLICY must be asvs or dengbao3, for example asvs")
    return Settings(
        database_url=database_url,
        redis_url=redis_url or None,
        data_dir=data_dir,
        secret_key=secret_key,
        mail_url=mail_url,
        mail_from=env.get("CRM_MAIL_FROM") or "crm-demo@localhost.localdomain",
        mail_only_to=env.get("CRM_MAIL_ONLY_TO") or None,
        public_url=public_url,
        timezone=_timezone(env),
        embedded=embedded,
        session_idle_minutes=_positive(env, "CRM_SESSION_IDLE_MINUTES", 60),
        session_absolute_hours=_positive(env, "CRM_SESSION_ABSOLUTE_HOURS", 12),
        password_policy=policy,
        upload_limit_megabytes=_positive(env, "CRM_UPLOAD_LIMIT_MEGABYTES", 40),
        statement_timeout_seconds=_positive(env, "CRM_STATEMENT_TIMEOUT_SECONDS", 60),
        lease_seconds=_positive(env, "CRM_LEASE_SECONDS", 900),
        mails_per_minute=_positive(env, "CRM_MAILS_PER_MINUTE", 600),
        in_doubt_policy=in_doubt,
        certificate_minus_one_day=_yes(env, "CRM_CERTIFICATE_MINUS_ONE_DAY"),
        bureau_name=env.get("CRM_BUREAU_NAME") or "绍兴市科学技术局",
    )


@dataclass(frozen=True)
class Listening:
    """Where the run command's web server listens; port None: the usual one, or the next that is free."""

    host: str
    port: int | None


def read_listening(environ: Mapping[str, str] | None = None) -> Listening:
    """HOST and PORT of the run command. Raises SettingsError naming the variable."""
    env = os.environ if environ is None else environ
    text = env.get("PORT")
    if text and not (text.isdigit() and 0 < int(text) < 65536):
        raise SettingsError("PORT must be a whole number from 1 to 65535, for example 8000")
    return Listening(env.get("HOST") or "127.0.0.1", int(text) if text else None)


def _secret(env: Mapping[str, str], name: str) -> str | None:
    path = env.get(f"{name}_FILE")
    if not path:
        return env.get(name) or None
    try:
        return Path(path).read_text(encoding="utf-8").strip() or None
    except OSError as error:
        raise SettingsError(f"{name}_FILE: cannot read {path} ({error.strerror})") from error


def _kept_secret(data_dir: Path) -> str:
    """The embedded default's own key, made once with mode 0600; the first of two processes wins."""
    path = data_dir / "secret-key"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii").strip()


def _run_file(data_dir: Path, name: str) -> str | None:
    """What the run command left for other shells: the address of its Redis or its web page."""
    try:
        return (data_dir / "run" / name).read_text(encoding="utf-8").strip() or None
    except OSError:
        return None


def _timezone(env: Mapping[str, str]) -> str:
    name = env.get("CRM_TIMEZONE") or "Asia/Shanghai"
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SettingsError(f"CRM_TIMEZONE: no such time zone {name!r}, for example Asia/Shanghai") from error
    return name


def _positive(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name)
    if not text:
        return default
    if not text.isdigit() or int(text) == 0:
        raise SettingsError(f"{name} must be a whole number above 0, for example {default}")
    return int(text)


def _yes(env: Mapping[str, str], name: str) -> bool:
    text = (env.get(name) or "no").lower()
    if text not in ("yes", "no"):
        raise SettingsError(f"{name} must be yes or no, for example no")
    return text == "yes"
