"""Words of firms for people."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

CODE_PROBLEMS = {
    "length": _("代码不是 18 位"),
    "alphabet": _("代码含有不允许的字符"),
    "check_character": _("代码校验位不符"),
}
MATCHED = {
    "name": _("企业名称"),
    "former": _("曾用名"),
    "initials": _("拼音首字母"),
    "code": _("统一社会信用代码"),
    "certificate": _("证书编号"),
}
FIELDS = {
    "name": _("企业名称"),
    "code": _("统一社会信用代码"),
    "district_id": _("区县"),
    "township_id": _("乡镇街道"),
    "reporting_unit_id": _("统计口径"),
    "development_zone_hint": _("开发区线索"),
    "registered_on": _("注册日期"),
    "firm_type": _("企业类型"),
    "registered_capital": _("注册资本"),
    "capital_currency": _("币种"),
    "is_branch": _("分支机构"),
    "industry": _("所属行业"),
    "hnte_field": _("技术领域"),
    "business_scope": _("经营范围"),
    "note": _("备注"),
    "owner_id": _("负责人"),
}
