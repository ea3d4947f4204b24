"""What every page has: template globals and filters of the frame."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask import Flask, current_app, g, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from markupsafe import Markup, escape

from crm.clock import local_time, today
from crm.domain.access import Permission, Role, may
from crm.web.language import chosen
from crm.web.security import nonce

_LEGAL_FORM = re.compile(r"(?:股份|集团)?有限(?:责任)?公司$")

RUNG_WORDS = {
    0: lazy_gettext("未入梯度"),
    1: lazy_gettext("科技型中小企业"),
    2: lazy_gettext("高新技术企业"),
    3: lazy_gettext("领军企业"),
}
ROLE_WORDS = {
    Role.ADMINISTRATOR: lazy_gettext("系统管理员"),
    Role.CITY_OFFICER: lazy_gettext("市级经办"),
    Role.COUNTY_OFFICER: lazy_gettext("县级经办"),
    Role.TOWNSHIP_LIAISON: lazy_gettext("乡镇联络员"),
    Role.SECTION_CHIEF: lazy_gettext("处室负责人"),
    Role.VIEWER: lazy_gettext("查看"),
    Role.AUDITOR: lazy_gettext("审计"),
}


def _menu() -> Any:
    from crm.web.menu import menu

    return menu()


def _has_page(endpoint: str) -> bool:
    return endpoint in current_app.view_functions


def install(app: Flask) -> None:
    """Register globals and filters."""
    app.jinja_env.globals.update(
        icon=icon,
        control=control,
        csp_nonce=nonce,
        today=today,
        allowed=allowed,
        settings=app.config["CRM"],
        language=chosen,
        asset=asset,
        menu=_menu,
        has_page=_has_page,
        role_words=ROLE_WORDS,
        rung_words=RUNG_WORDS,
    )
    app.jinja_env.filters.update(
        company=company, day=day, moment=moment, wan=wan, due_words=due_words, count=count
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def allowed(permission: str) -> bool:
    """True where the signed-in person's role carries the permission; used to show or hide a control."""
    from flask_login import current_user

    return bool(current_user.is_authenticated) and may(current_user.actor, Permission(permission))


def control(field: Any, described: str, attributes: dict[str, Any], css: str = "") -> Markup:
    """The input of a WTForms field, tied to its hint and error for those who hear the page."""
    extra = dict(attributes)
    if css:
        extra["class"] = css
    if described.strip():
        extra["aria-describedby"] = described.strip()
    if field.errors:
        extra["aria-invalid"] = "true"
    return Markup(field(**extra))


def icon(name: str, label: str = "", css: str = "i") -> Markup:
    """An outline icon of the sprite; decorative unless it has a label."""
    if label:
        return Markup('<svg class="{}" role="img" aria-label="{}"><use href="{}#i-{}"></use></svg>').format(
            css, label, asset("vendor/icons.svg"), name
        )
    return Markup('<svg class="{}" aria-hidden="true"><use href="{}#i-{}"></use></svg>').format(
        css, asset("vendor/icons.svg"), name
    )


def asset(path: str) -> str:
    """Address of a static file with its change time, so that browsers may keep it for long."""
    stamps: dict[str, str] = current_app.extensions.setdefault("asset_stamps", {})
    if path not in stamps:
        file = current_app.config["CRM_ROOT"] / "static" / path
        stamps[path] = str(int(file.stat().st_mtime)) if file.exists() else "0"
    return url_for("static", filename=path, v=stamps[path])


def company(name: str) -> Markup:
    """A firm's name whose legal form does not break over two lines."""
    stem = _LEGAL_FORM.sub("", name)
    form = name[len(stem) :]
    return (
        escape(stem) + Markup('<span class="l-kept">{}</span>').format(form)
        if stem and form
        else escape(name)
    )


def day(value: date | None) -> str:
    """2026-11-25; empty for None."""
    return value.isoformat() if value else ""


def moment(value: datetime | None) -> str:
    """A UTC moment on the office's clock: 2026-11-25 08:30."""
    return local_time(value).strftime("%Y-%m-%d %H:%M") if value else ""


def wan(value: Decimal | None) -> str:
    """Money: 1,234.50 (the unit 万元 stands beside it)."""
    return f"{value:,.2f}" if value is not None else ""


def count(value: int) -> str:
    """A count with thousands marks."""
    return f"{value:,}"


def due_words(due_on: date, on: date | None = None) -> str:
    """还有 12 天, 今天, 逾期 2 天."""
    days = (due_on - (on or today())).days
    if days == 0:
        return gettext("今天")
    if days < 0:
        return ngettext("逾期 %(num)d 天", "逾期 %(num)d 天", -days)
    return ngettext("还有 %(num)d 天", "还有 %(num)d 天", days)


def highlighted(text: str, part: str) -> Markup:
    """The text with the found part marked."""
    place = text.casefold().find(part.casefold()) if part else -1
    if place < 0:
        return escape(text)
    end = place + len(part)
    return (
        escape(text[:place])
        + Markup("<mark>")
        + escape(text[place:end])
        + Markup("</mark>")
        + escape(text[end:])
    )


def request_cache(name: str, make: Any) -> Any:
    """A value computed once a request (counts in the menu)."""
    if name not in g:
        setattr(g, name, make())
    return getattr(g, name)
