"""Sentences for what reminders refuse."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

SENTENCES = {
    "policy_kind": _("没有这一类时限：%(kind)s。"),
    "policy_channel": _("没有这种提醒方式：%(channel)s。"),
    "policy_leads_empty": _("至少填写一个提前天数，例如 30, 7, 1。"),
    "policy_leads_repeated": _("同一个提前天数填写了两次，请删去一个。"),
    "policy_leads_unreadable": _("无法识别“%(text)s”。请用逗号分开整数，例如 90, 30, 7, 1, -1。"),
    "policy_lead_range": _(
        "提前天数 %(lead)s 超出范围：最多提前 %(latest)s 天，最晚 %(earliest)s 天（负数是过期后）。"
    ),
    "policy_reach_wanted": _(
        "新增的提前天数会使 %(late)s 条提醒已经过了应发日。请选择从今天起生效，或立即补发。"
    ),
    "delivery_state": _("这封邮件的状态已改变，不能这样处理。请刷新页面后再看。"),
    "release_too_many": _("已放行的机器太多（%(hosts)s）。请先停用不再使用的机器。"),
}
