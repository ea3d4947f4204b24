"""Words and icons of activities."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

KINDS = ("visit", "call", "meeting", "training", "mail")
KIND_WORDS = {
    "visit": _("走访"),
    "call": _("电话"),
    "meeting": _("会议"),
    "training": _("培训"),
    "mail": _("邮件"),
}
KIND_ICONS = {"visit": "map-pin", "call": "phone", "meeting": "users", "training": "school", "mail": "mail"}
