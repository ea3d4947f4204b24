"""Whether one mail address can be written to at all, judged before a relay is asked."""

from __future__ import annotations

import re
import unicodedata

ADDRESS_PROBLEMS = (
    "address_empty",
    "address_line_break",
    "address_full_width_at",
    "address_chinese_comma",
    "address_several",
    "address_spaces",
    "address_no_at",
    "address_no_name",
    "address_no_domain",
    "address_not_ascii",
    "address_too_long",
    "address_malformed",
)
"""Every answer of address_problem, so that each can be given its sentence."""

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")

# RFC 5321 4.5.3.1: 64 octets before the @, 254 in all once the angle brackets are taken off
_NAME_LENGTH = 64
_ADDRESS_LENGTH = 254


def address_problem(text: str | None) -> str | None:
    """Why text is not one address a relay would take, as a key of ADDRESS_PROBLEMS; None where it is one.

    Spaces around it do not count. Stricter than RFC 5321 on purpose: quoted names, address literals and
    domains without a dot do not occur in firm lists, but their look-alikes are typing errors.
    """
    address = (text or "").strip()
    if not address:
        return "address_empty"
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in address):
        return "address_line_break"
    if "＠" in address or "﹫" in address:
        return "address_full_width_at"
    if any(character in address for character in "，、；﹐"):
        return "address_chinese_comma"
    if address.count("@") > 1 or "," in address or ";" in address:
        return "address_several"
    if any(character.isspace() for character in address):
        return "address_spaces"
    if "@" not in address:
        return "address_no_at"
    name, _, domain = address.partition("@")
    if not name:
        return "address_no_name"
    if not domain:
        return "address_no_domain"
    if not address.isascii():
        return "address_not_ascii"
    if len(name) > _NAME_LENGTH or len(address) > _ADDRESS_LENGTH:
        return "address_too_long"
    labels = domain.split(".")
    domain_is_good = len(labels) > 1 and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()
    return None if _NAME.fullmatch(name) and domain_is_good else "address_malformed"
