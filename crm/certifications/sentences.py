"""Sentences for what certifications refuse or warn of."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

SENTENCES = {
    "scheme_unknown": _("没有资质类别“%(text)s”，请从列表中选择。"),
    "scheme_ambiguous": _("“%(text)s”有歧义，请写明是哪一种：%(choices)s。"),
    "branch_cannot_hold_rung": _("分支机构不是独立法人，不能登记“%(scheme)s”。请登记在总公司名下。"),
    "firm_archived": _("企业已归档，不能登记资质。请先恢复企业。"),
    "firm_not_found": _("没有找到这家企业，或不在您的管辖区域内。"),
    "granted_after_number_year": _("编号属于 %(year)s 年，发证日期 %(granted_on)s 晚于该年，请核对。"),
    "valid_to_before_grant": _("有效期至 %(valid_to)s 早于发证日期 %(granted_on)s，请核对。"),
    "number_taken": _("编号 %(number)s 已登记在“%(holder)s”名下，请核对。"),
    "number_taken_elsewhere": _("编号 %(number)s 已被辖区外的企业使用，请核对编号或联系市级经办。"),
    "number_recorded": _("本企业已有编号 %(number)s 的证书，请在原证书上更正。"),
    "grant_recorded": _("本企业已登记 %(granted_on)s 的同类资质，请在原证书上更正。"),
    "grant_dates_differ": _("同一张证书在文件中出现多次而日期不同（%(dates)s），请保留正确的一行。"),
    "number_format": _("编号 %(number)s 与常见格式（如 %(example)s）不同，已按原样登记，请核对。"),
    "number_year": _("编号中的年份与发证日期 %(granted_on)s 不同，已登记，请核对。"),
    "valid_to_differs": _("有效期至 %(valid_to)s 与按规则推算的 %(expected)s 不同，已按填写的登记，请核对。"),
    "valid_to_is_update_due": _("%(valid_to)s 是更新截止日；编号当年有效，有效期已按 %(expected)s 登记。"),
    "granted_on_conflict": _("发证日期以证书为准：已登记 %(stored)s，文件为 %(given)s，未改动，请核对。"),
    "granted_in_future": _("发证日期 %(granted_on)s 在今天之后，已登记，请核对。"),
    "renewal_not_later": _("新证书的发证日期须晚于原证书的 %(former)s。"),
    "renewal_gap": _("原证书 %(valid_to)s 到期，与新证书相隔超过一年，不能算换证，请按新证书登记。"),
    "renewal_done": _("这张证书已经换过证。"),
    "revoked_already": _("这张证书已撤销。"),
    "not_revoked": _("这张证书没有撤销，不需恢复。"),
    "revoked_before_start": _("撤销日期不能早于证书生效日 %(valid_from)s。"),
    "revoked_after_end": _("证书 %(valid_to)s 已到期，撤销日期须在有效期内。"),
}
