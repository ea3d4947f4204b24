"""Sentences for what activities refuse."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

SENTENCES = {
    "activity_kind": _("方式请在走访、电话、会议、培训、邮件中选一个。"),
    "activity_summary_short": _("请写明谈了什么，至少 %(least)s 个字。"),
    "activity_in_future": _("日期不能晚于今天；还没发生的事请写在“下一步”。"),
    "activity_too_old": _("日期早于 %(first)s，请核对年份。"),
    "activity_minutes": _("时长请填 1 至 %(most)s 分钟之间的整数。"),
    "activity_step_without_day": _("写了下一步就要写不晚于哪一天，到期才能提示您。"),
    "activity_day_without_step": _("写了日期还要写下一步做什么。"),
    "activity_step_before": _("下一步的日期不能早于服务日期。"),
    "activity_not_own": _("只能修改自己记的服务记录。"),
    "activity_no_step": _("这条记录没有待办的下一步。"),
    "activity_firm_archived": _("企业已归档，不能再记服务。"),
}
