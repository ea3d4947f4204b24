"""Now and today: moments in UTC, deadlines in the office's own time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from flask import current_app, has_app_context


def utc_now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


def office_zone() -> ZoneInfo:
    """The time zone of deadlines (CRM_TIMEZONE, Asia/Shanghai by default)."""
    name = current_app.config["CRM"].timezone if has_app_context() else "Asia/Shanghai"
    return ZoneInfo(name)


def today() -> date:
    """The calendar day in the office's time zone."""
    return utc_now().astimezone(office_zone()).date()


def local_time(moment: datetime) -> datetime:
    """A UTC moment on the office's clock."""
    return moment.astimezone(office_zone())
