"""Remember when each periodic task last began, ended well or failed; run the doctor's checks."""

from __future__ import annotations

import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

import redis
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask_babel import gettext
from sqlalchemy.exc import SQLAlchemyError

from crm.clock import utc_now
from crm.database import db, insert_ignoring, transaction
from crm.domain.working_days import official_calendar
from crm.mail.delivery import DeliveryError
from crm.mail.transport import MailUrl, open_channel
from crm.operations.models import TaskRun

HEARTBEAT = "operations: heartbeat"
# Three missed beats of 30 s and a little: only then is it dead rather than busy.
HEARTBEAT_LIMIT = timedelta(minutes=3)
LEAST_FREE_BYTES = 500 * 1024 * 1024


@contextmanager
def task_run(name: str) -> Iterator[None]:
    """Note start and end of a periodic task where the administrator sees it; an error goes on."""
    _note(name, started_at=utc_now())
    try:
        yield
    except Exception as error:
        db.session.rollback()
        _note(name, failed_at=utc_now(), error=f"{type(error).__name__}: {error}"[:500])
        raise
    _note(name, ok_at=utc_now(), error=None)


def _note(name: str, **values: object) -> None:
    with transaction():
        row = {"name": name, "host": socket.gethostname()}
        db.session.execute(insert_ignoring(TaskRun.__table__), [row])
        db.session.execute(
            sa.update(TaskRun).where(TaskRun.name == name).values(host=socket.gethostname(), **values)
        )


@dataclass(frozen=True)
class Check:
    """One finding of the doctor: what was looked at, whether it is well, what was seen, what to do."""

    check: str
    ok: bool
    detail: str
    remedy: str = ""

    def document(self) -> dict[str, object]:
        return asdict(self)


def examine() -> list[Check]:
    """Every check, each on its own: one that fails does not hide the next."""
    settings = current_app.config["CRM"]
    checks = [
        Check(
            "configuration",
            True,
            f"data {settings.data_dir}, {'embedded' if settings.embedded else 'production'}",
        )
    ]
    checks.append(_database())
    checks.append(_migrations())
    checks.append(_redis(settings.redis_url))
    checks += _beats()
    checks.append(_mail(settings))
    checks.append(_disk(settings))
    checks.append(_clock())
    return checks


def _database() -> Check:
    try:
        version = db.session.scalar(
            sa.text(
                "SELECT sqlite_version()" if db.engine.dialect.name == "sqlite" else "SHOW server_version"
            )
        )
    except SQLAlchemyError as error:
        db.session.rollback()
        return Check(
            "database",
            False,
            str(error.__cause__ or error)[:200],
            gettext("检查 CRM_DATABASE_URL 和数据库服务是否已启动。"),
        )
    return Check("database", True, f"{db.engine.dialect.name} {version}")


def _migrations() -> Check:
    remedy = gettext("运行 flask db upgrade。")
    try:
        with db.engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError:
        return Check("migrations", False, "-", remedy)
    newest = ScriptDirectory(str(current_app.config["CRM_ROOT"] / "migrations")).get_current_head()
    return Check(
        "migrations", current == newest, f"{current or '-'} / {newest}", "" if current == newest else remedy
    )


def _redis(url: str | None) -> Check:
    remedy = gettext(
        "运行 make run，或设置 CRM_REDIS_URL 并启动 Redis。没有它邮件和导入会由定时任务补做，只是慢几分钟。"
    )
    if not url:
        return Check("redis", False, gettext("没有设置"), remedy)
    try:
        client = redis.Redis.from_url(
            url.replace("redis+socket://", "unix://"), socket_timeout=3, socket_connect_timeout=3
        )
        info = client.info("server")
        policy = client.info("memory").get("maxmemory_policy", "")
    except redis.RedisError as error:
        return Check("redis", False, str(error)[:200], remedy)
    if policy and policy != "noeviction":
        return Check(
            "redis",
            False,
            f"{info['redis_version']}, {policy}",
            gettext("把 maxmemory-policy 设为 noeviction。"),
        )
    return Check("redis", True, str(info["redis_version"]))


def _beats() -> list[Check]:
    """The heartbeat is sent by beat and run by a worker: a fresh one shows both alive."""
    try:
        row = db.session.scalar(sa.select(TaskRun).where(TaskRun.name == HEARTBEAT))
        failed = db.session.scalars(
            sa.select(TaskRun).where(TaskRun.error.is_not(None)).order_by(TaskRun.name)
        ).all()
    except SQLAlchemyError:
        db.session.rollback()
        row, failed = None, []
    seen = row.ok_at if row else None
    fresh = seen is not None and utc_now() - seen < HEARTBEAT_LIMIT
    detail = f"{seen.isoformat(timespec='seconds')} {row.host}" if seen and row else gettext("从未有过心跳")
    checks = [
        Check(
            name,
            fresh,
            detail,
            "" if fresh else gettext("启动 celery -A celery_worker %(name)s；查看其日志。", name=name),
        )
        for name in ("worker", "beat")
    ]
    if failed:
        names = ", ".join(f"{run.name}: {run.error}" for run in failed)[:400]
        checks.append(Check("tasks", False, names, gettext("查看工作进程日志；原因消除后会自动重做。")))
    else:
        checks.append(Check("tasks", True, ""))
    return checks


def _mail(settings) -> Check:  # type: ignore[no-untyped-def]
    try:
        with open_channel(MailUrl.parse(settings.mail_url), outbox_dir=settings.outbox_dir) as channel:
            channel.check()
    except (DeliveryError, OSError, ValueError) as error:
        return Check("mail", False, str(error)[:200], gettext("检查 CRM_MAIL_URL、网络和发信账号。"))
    only = f", -> {settings.mail_only_to}" if settings.mail_only_to else ""
    return Check("mail", True, settings.mail_url.split("@")[-1].split("?")[0] + only)


def _disk(settings) -> Check:  # type: ignore[no-untyped-def]
    remedy = gettext("清理磁盘，或把 CRM_DATA_DIR 移到更大的盘。")
    try:
        with tempfile.TemporaryFile(dir=settings.data_dir):
            pass
    except OSError as error:
        return Check(
            "disk", False, str(error), gettext("让运行账号可以写入 %(path)s。", path=settings.data_dir)
        )
    free = shutil.disk_usage(settings.data_dir).free
    return Check(
        "disk", free > LEAST_FREE_BYTES, f"{free // 1024**2:,} MB", "" if free > LEAST_FREE_BYTES else remedy
    )


def _clock() -> Check:
    """The host's clock against the database's, and whether the holiday table reaches far enough."""
    if db.engine.dialect.name == "postgresql":
        try:
            there: datetime = db.session.scalar(sa.select(sa.func.clock_timestamp())) or utc_now()
        except SQLAlchemyError as error:
            db.session.rollback()
            return Check("clock", False, str(error)[:120])
        drift = abs((there.astimezone(UTC) - utc_now()).total_seconds())
        if drift > 5:
            return Check("clock", False, f"{drift:.0f} s", gettext("本机与数据库的时钟相差太多，请校时。"))
    soon = utc_now().date() + timedelta(days=30)
    if not official_calendar().is_known(soon):
        detail = gettext("%(year)s 年的节假日安排尚未录入，暂按周一至周五算工作日", year=soon.year)
        return Check("clock", True, detail, gettext("国务院公布后更新 crm/domain/data/working_days.yaml。"))
    return Check("clock", True, utc_now().isoformat(timespec="seconds"))
