"""Tell the browser, on the page after a save, which kept draft it may forget."""

from __future__ import annotations

from flask import session

_KEY = "saved_draft"


def draft_saved(key: str) -> None:
    """The form of this draft has been saved; the next page that asks says so once."""
    session[_KEY] = key


def take_saved_draft() -> str:
    """Key of the draft saved just before, once; else empty."""
    return str(session.pop(_KEY, ""))
