"""Words of exports: problems of rows, encodings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

ENCODING_WORDS = {"utf-8-sig": _("UTF-8（带 BOM）"), "gb18030": "GB18030"}
# Reason of crm.domain.export_profiles.checks -> sentence with the values of the problem.
PROBLEM_WORDS: Mapping[str, Any] = {
    "missing": _("未填写“%(header)s”"),
    "code_length": _("“%(value)s”不是 18 位"),
    "code_alphabet": _("“%(value)s”含有代码不允许的字符"),
    "code_check_character": _("“%(value)s”的校验位不符"),
    "not_allowed": _("“%(value)s”不在允许的取值中：%(allowed)s"),
    "pattern": _("“%(value)s”格式不符，应如 %(example)s"),
    "too_long": _("共 %(length)s 个字，最多 %(limit)s 个"),
    "line_break": _("“%(value)s”中有换行或控制字符，写入时改为空格"),
    "not_encodable": _("含有该编码写不出的字符：%(characters)s"),
    "dates_reversed": _("有效期至 %(valid_to)s 早于发证日期 %(granted_on)s"),
    "branch_holds": _("“%(value)s”是分支机构，不能持有资质"),
    "firm_twice": _("“%(value)s”在名单中重复出现"),
}
# The same without values: what a group of problems is called.
REASON_WORDS: Mapping[str, Any] = {
    "missing": _("未填写"),
    "code_length": _("不是 18 位"),
    "code_alphabet": _("字符不符"),
    "code_check_character": _("校验位不符"),
    "not_allowed": _("取值不符"),
    "pattern": _("格式不符"),
    "too_long": _("过长"),
    "line_break": _("有换行"),
    "not_encodable": _("有写不出的字符"),
    "dates_reversed": _("日期颠倒"),
    "branch_holds": _("分支机构"),
    "firm_twice": _("重复"),
}


def problem_words(reason: str, values: Mapping[str, object]) -> str:
    """The sentence of a problem."""
    return str(PROBLEM_WORDS[reason]) % values
