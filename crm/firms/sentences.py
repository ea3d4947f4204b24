"""Sentences for what firms refuse."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

SENTENCES = {
    "code_taken": _("这个代码已属于“%(name)s”，请打开那家企业核对，或改正代码。"),
    "code_taken_elsewhere": _("这个代码已被系统内另一家企业使用，请核对代码；确认无误时请联系市级经办。"),
    "name_taken": _("已有同名企业“%(name)s”。请填写统一社会信用代码以便区分。"),
    "district_unknown": _("请从列表中选择区县。"),
    "place_elsewhere": _("%(name)s不在您的管辖区域内，请选择本区域。"),
    "township_elsewhere": _("这个乡镇街道不属于%(name)s，请重新选择。"),
    "owner_unknown": _("负责人须是本区域内在用的经办人，请重新选择。"),
    "owner_elsewhere": _("企业不在%(name)s的管辖区域内，不能由其负责。"),
    "firm_archived": _("企业已归档，先恢复后才能修改。"),
    "firm_not_archived": _("企业没有归档，不用恢复。"),
    "nothing_selected": _("请先选择企业。"),
    "contact_empty": _("姓名、电话、邮箱至少填一项。"),
    "phone_unreadable": _("电话“%(text)s”无法识别，请只填数字，如 13800000000 或 0575-85000000。"),
    "township_name": _("乡镇街道名称须为 2 至 30 个字。"),
    "county_unknown": _("没有这个区县，请核对。"),
}
