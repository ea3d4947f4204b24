"""The main menu: one line an entry; an entry shows only where the role may open it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, request
from flask_babel import lazy_gettext as _

from crm.domain.access import Permission
from crm.web.front_page import allowed


@dataclass(frozen=True)
class MenuEntry:
    """endpoint opens it; features: blueprints under which it is marked as current."""

    endpoint: str
    label: Any
    icon: str
    permission: Permission
    features: tuple[str, ...]


MENU = (
    MenuEntry("desk.index", _("工作台"), "layout-list", Permission.DESK_READ, ("desk",)),
    MenuEntry(
        "firms.index",
        _("企业"),
        "building-factory-2",
        Permission.FIRM_READ,
        ("firms", "imports", "certifications", "activities"),
    ),
    MenuEntry("support_plans.index", _("帮扶"), "clipboard-list", Permission.PLAN_READ, ("support_plans",)),
    MenuEntry(
        "deadlines.index", _("时限"), "calendar-event", Permission.DEADLINE_READ, ("deadlines", "reminders")
    ),
    MenuEntry("exports.index", _("报送"), "send", Permission.EXPORT_READ, ("exports",)),
    MenuEntry("audit.index", _("审计"), "history", Permission.AUDIT_READ, ("audit",)),
    MenuEntry(
        "accounts.people",
        _("管理"),
        "settings",
        Permission.USER_ADMIN,
        ("accounts", "territories", "operations"),
    ),
)


def menu() -> list[tuple[MenuEntry, bool]]:
    """Entries of this person, each with whether it is where one stands."""
    # Every page of one firm stands below 企业, whichever feature brings it.
    here = "firms" if request.path.startswith("/firms/") else request.blueprint
    return [
        (entry, here in entry.features)
        for entry in MENU
        if entry.endpoint in current_app.view_functions and allowed(entry.permission)
    ]
