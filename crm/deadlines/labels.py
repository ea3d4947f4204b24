"""Words for kinds and states of deadlines, in the reader's language."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

KIND_WORDS = {
    "certificate_expiry": _("证书到期"),
    "hnte_annual_report": _("高企年报"),
    "hnte_reapplication": _("高企重新认定"),
    "sme_update": _("科小信息更新"),
    "measure_due": _("帮扶措施到期"),
}
STATE_WORDS = {
    "open": _("待办"),
    "overdue": _("逾期"),
    "done": _("已办结"),
    "waived": _("已免办"),
    "closed": _("已关闭"),
}
CLOSE_WORDS = {
    "source_ended": _("来源已结束（换证、撤销或更正）"),
    "firm_archived": _("企业已归档"),
}
WEEKDAYS = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
