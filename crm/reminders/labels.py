"""Words for channels, states and reasons of reminders."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from crm.mail.sentences import SENTENCES as ADDRESS_SENTENCES

CHANNEL_WORDS = {"owner_digest": _("负责人汇总"), "contact_mail": _("企业联系人")}
STATE_WORDS = {
    "planned": _("待发送"),
    "claimed": _("发送中"),
    "sent": _("已发出"),
    "deferred": _("稍后重试"),
    "refused": _("未送达"),
    "suppressed": _("不再发送"),
    "in_doubt": _("存疑"),
}
# A reminder of the day's picture that has no mail yet.
FORESEEN_WORDS = {"foreseen": _("08:30 发送"), "held_back": _("发不出")}
STATE_TONES = {
    "planned": "none",
    "claimed": "run",
    "sent": "ok",
    "deferred": "soon",
    "refused": "late",
    "suppressed": "none",
    "in_doubt": "soon",
    "foreseen": "none",
    "held_back": "late",
}
STATE_ICONS = {
    "foreseen": "clock",
    "planned": "clock",
    "suppressed": "ban",
    "held_back": "mail-off",
    "deferred": "rotate-clockwise",
    "in_doubt": "help-circle",
}
OUTCOME_WORDS = {
    "sent": _("已送达对方服务器"),
    "deferred": _("对方暂不接收"),
    "refused": _("对方拒收"),
    "in_doubt": _("结果不明：对方未确认"),
    "lost": _("发送进程中断，未送出"),
}
REASON_WORDS = {
    "deadline_done": _("事项已办结"),
    "deadline_waived": _("事项已免办"),
    "deadline_closed": _("事项已关闭（换证、撤销或更正）"),
    "deadline_moved": _("期限已改变"),
    "firm_archived": _("企业已归档"),
    "recipient_changed": _("收件人已更换"),
    "newer_stage": _("已有更近的一次提醒"),
    "policy_off": _("提醒规则已停用"),
    "no_recipient": _("没有可以收信的负责人或区域负责人"),
    "demo_contact": _("演示企业，不向外发信"),
    "bounced": _("邮箱被对方拒收"),
    "nothing_left": _("没有仍需提醒的事项"),
    "consolidated": _("已并入较新的汇总邮件"),
    "worker_lost": _("发送进程中断"),
    "in_doubt": _("对方未确认是否收到"),
    "held": _("人工暂缓"),
    **ADDRESS_SENTENCES,
}


def reason_words(reason: str | None) -> str:
    """A reason for people; the relay's own words as they are."""
    if not reason:
        return ""
    if reason.startswith("dismissed: "):
        return gettext("人工处理：%(note)s", note=reason.removeprefix("dismissed: "))
    return str(REASON_WORDS.get(reason, reason))


def lead_words(lead_days: int) -> str:
    """提前 30 天, 当天, 过期 1 天后."""
    if lead_days == 0:
        return gettext("当天")
    if lead_days < 0:
        return gettext("过期 %(days)s 天后", days=-lead_days)
    return gettext("提前 %(days)s 天", days=lead_days)
