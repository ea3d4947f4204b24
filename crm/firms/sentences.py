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
    "code_length": _("代码有 %(length)s 位，应为 18 位。请改正，或清空这一格后按名称导入。"),
    "code_alphabet": _("代码中有不允许的字符 %(wrong)s（不含 I、O、S、V、Z），请改正。"),
    "code_check_character": _("代码的校验位不符，已照原样导入并标记，请核对。"),
    "code_missing": _("没有统一社会信用代码，只能按名称识别，请尽快补上。"),
    "capital_range": _("注册资本“%(text)s”超出可登记的范围，请核对单位。"),
    "currency_unknown": _("不认识币种“%(text)s”，未导入，请写 CNY、USD 等。"),
    "yes_or_no": _("“%(text)s”不是“是”或“否”，未导入。"),
    "hnte_field_unknown": _("“%(text)s”不是八大技术领域之一（%(choices)s），未导入。"),
    "phone_left_out": _("电话“%(text)s”无法识别，未导入。"),
    "district_not_known": _("没有“%(text)s”这个区县。"),
    "district_code_not_known": _("没有“%(text)s”这个区县代码。"),
    "district_code_differs": _("区县代码属于%(other)s，与区县名称不同，已按%(name)s处理。"),
    "district_needed": _("没有写明所在区县。您只能导入%(name)s的企业，请填写。"),
    "district_unknown_city": _("所在区县不明，先归在%(name)s名下，只有市级人员能看到。"),
    "township_without_district": _("所在区县不明，乡镇街道“%(text)s”未导入。"),
    "township_doubtful": _("“%(text)s”不像乡镇街道的名称，未导入。"),
    "same_name_known": _("已有同名企业：%(candidates)s。这一行将作为另一家新增，请核对。"),
    "owner_not_known": _("没有账号或姓名为“%(text)s”的经办人，负责人未改动。"),
}
