"""Sentences for what territories refuse."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

SENTENCES = {
    "township_name": _("乡镇街道名称须为 2 至 30 个字。"),
    "lead_unknown": _("区域负责人须是能看到整个%(name)s的在用经办人、联络员或负责人，请重新选择。"),
    "unit_code": _("编码须为 2 至 24 个字母、数字或短横线，如 KQ。"),
    "unit_name": _("名称须为 2 至 60 个字。"),
    "unit_taken": _("“%(text)s”已被另一个统计口径使用，请换一个。"),
    "unit_counties": _("“%(text)s”不是本区域在用的区县，请重新选择。"),
}
