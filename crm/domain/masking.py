"""Personal data as it stands in lists, pages and the audit until somebody reveals it."""

from __future__ import annotations


def masked_phone(phone: str | None) -> str:
    """138****5678; a short number keeps its last two signs."""
    if not phone:
        return ""
    if len(phone) < 8:
        return "*" * max(len(phone) - 2, 1) + phone[-2:]
    return f"{phone[:3]}****{phone[-4:]}"


def masked_email(email: str | None) -> str:
    """c***@example.cn."""
    if not email:
        return ""
    name, at, domain = email.partition("@")
    return f"{name[:1]}***{at}{domain}"
