"""Words for states of a certification and for its scheme, in the reader's language."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _

from crm.domain.certification import schemes
from crm.web.language import chosen

STATE_WORDS = {
    "in_force": _("有效"),
    "expiring": _("即将到期"),
    "to_update": _("待更新"),
    "expired": _("已过期"),
    "revoked": _("已撤销"),
    "superseded": _("已换证"),
    "not_yet": _("未生效"),
}
STATE_TONES = {
    "in_force": "ok",
    "expiring": "soon",
    "to_update": "soon",
    "expired": "none",
    "revoked": "late",
    "superseded": "none",
    "not_yet": "run",
}
FIELD_WORDS = {
    "scheme": _("资质类别"),
    "number": _("证书编号"),
    "granted_on": _("发证日期"),
    "valid_from": _("有效期自"),
    "valid_to": _("有效期至"),
    "update_due": _("更新截止日"),
    "cohort": _("批次"),
    "authority": _("发证机关"),
    "note": _("备注"),
    "revoked_from": _("撤销日期"),
    "revoke_reason": _("撤销原因"),
}


def scheme_word(name: str, granted_on: date | None = None) -> str:
    """Title of a scheme; with a day, the title that certifications of that day bear."""
    scheme = schemes().get(name)
    if scheme is None:
        return name
    return scheme.name_on(granted_on, chosen()) if granted_on else scheme.label(chosen())
