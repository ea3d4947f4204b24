"""Sentences for what settling a deadline refuses."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

SENTENCES = {
    "deadline_not_open": _("这条时限已是“%(state)s”，不能再办结。需要时请先重新打开。"),
    "deadline_is_open": _("这条时限没有办结，不需重新打开。"),
    "deadline_closed": _("这条时限的来源已结束，不能重新打开。来源恢复后会自动出现。"),
    "done_in_future": _("办结日期 %(done_on)s 在今天之后，请核对。"),
    "evidence_required": _("请写明凭据，例如文号、截图编号或经手人。"),
    "waive_reason_required": _("请写明免办的原因。"),
}
