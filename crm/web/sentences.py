"""From a typed refusal to a sentence in the reader's language.

Each feature registers the sentences of its reasons; a reason without one is a fault that a test finds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from crm.domain.errors import (
    ChangedMeanwhileError,
    CrmError,
    DataFileError,
    NotAllowedError,
    NotFoundError,
    NotInForceError,
    RefusedError,
)

_SENTENCES: dict[str, Any] = {
    "required": _("请填写此项。"),
    "too_long": _("最多 %(most)s 个字，请缩短。"),
    "date_ambiguous": _("日期“%(text)s”不完整或有歧义，请写成 2026-11-25。"),
    "date_impossible": _("没有“%(text)s”这一天，请核对日期。"),
    "date_unreadable": _("无法识别日期“%(text)s”，请写成 2026-11-25。"),
    "number_unreadable": _("无法识别数字“%(text)s”，请只填数字。"),
}


def register(sentences: Mapping[str, Any]) -> None:
    """Add the sentences of a feature: reason -> lazy text with %(name)s places."""
    _SENTENCES.update(sentences)


def known_reasons() -> frozenset[str]:
    """Reasons that have a sentence."""
    return frozenset(_SENTENCES)


def sentence(error: CrmError) -> str:
    """What a person reads: what is wrong and what to do."""
    if isinstance(error, RefusedError):
        text = _SENTENCES.get(error.reason)
        if text is None:
            return gettext("不能接受：%(reason)s", reason=error.reason)
        return (
            str(text) % {key: _shown(value) for key, value in error.values.items()}
            if error.values
            else str(text)
        )
    if isinstance(error, NotAllowedError):
        return gettext("您的角色没有这项权限。需要时请联系管理员。")
    if isinstance(error, NotFoundError):
        return gettext("没有找到，或不在您的管辖区域内。")
    if isinstance(error, ChangedMeanwhileError):
        return gettext("您编辑期间，别人已经修改了这条记录。请核对后再保存。")
    if isinstance(error, NotInForceError):
        return gettext("%(on)s 没有生效的规则。", on=error.on)
    if isinstance(error, DataFileError):
        return gettext("规则文件 %(path)s 有误：%(problem)s", path=error.path, problem=error.problem)
    return str(error)


def _shown(value: object) -> str:
    if isinstance(value, (tuple, list, frozenset, set)):
        return gettext("、").join(str(item) for item in value)
    return str(value)
