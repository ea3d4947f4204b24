"""Words of imports."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

KIND_WORDS = {"firms": _("企业名单"), "certifications": _("资质名单")}
STATE_WORDS = {
    "uploaded": _("待核对设定"),
    "checking": _("试运行中"),
    "checked": _("待写入"),
    "applying": _("写入中"),
    "applied": _("已写入"),
    "failed": _("没有完成"),
    "cancelled": _("已取消"),
}
STATE_TONES = {
    "uploaded": "none",
    "checking": "run",
    "checked": "soon",
    "applying": "run",
    "applied": "ok",
    "failed": "late",
    "cancelled": "none",
}
# Encodings a person may choose where the guess is wrong.
ENCODINGS = {
    "utf-8": "UTF-8",
    "gb18030": _("GB18030（含 GBK、GB2312）"),
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "big5": "Big5",
}
