"""Columns of a firm that follow from its name and its code; used by screens, import and demo alike."""

from __future__ import annotations

from typing import Any

from crm.domain import credit_code, firm_name

NAME_MOST = 200
_ORDER_MOST = 400


def name_columns(name: str) -> dict[str, Any]:
    """name, match key and pinyin order of a name as it is kept."""
    return {
        "name": firm_name.printed(name),
        "name_normal": firm_name.normalise(name),
        "name_order": firm_name.pinyin_key(name)[:_ORDER_MOST],
    }


def code_columns(code: str | None) -> dict[str, Any]:
    """code and its problem; a failing code is kept and flagged, an empty one is None."""
    normal = credit_code.normalise(code or "")
    return {"code": normal or None, "code_problem": credit_code.problem(normal) if normal else None}


def branch(name: str, said: bool | None = None) -> bool:
    """Whether the firm is a branch: as the list or a person says, else by its name."""
    return firm_name.is_branch(name) if said is None else said
