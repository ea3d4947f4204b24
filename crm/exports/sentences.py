"""Sentences for what exports refuse."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

SENTENCES = {
    "export_problems_unseen": _("有 %(count)s 处问题。请看过问题清单，勾选确认后再生成；文件还没有生成。"),
    "export_purpose": _("请写明用途（报给谁、做什么用），至少 %(least)s 个字。"),
    "export_empty": _("这一天、这个区域没有符合条件的企业，没有生成文件。"),
    "not_encodable": _("有这种编码写不出的字符“%(characters)s”，没有生成文件。请先在企业或证书中改正。"),
    "submission_damaged": _("报送批次 %(id)s 的内容与当时的校验值不符，不能下载。请告诉管理员。"),
    "export_no_folder": _("没有文件夹“%(folder)s”，请换一个 --out。"),
    "submissions_differ": _("只能比较同一模板的两个批次。"),
    "territory_unknown": _("没有代码为“%(code)s”的区域，或不在您的管辖内。"),
}
