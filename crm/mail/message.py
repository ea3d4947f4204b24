"""One mail as an object: headers that find its row again, Chinese that survives, nothing injected."""

from __future__ import annotations

import copy
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from html import escape

from crm.domain.errors import RefusedError
from crm.mail.addresses import ADDRESS_PROBLEMS, address_problem

__all__ = [
    "ADDRESS_PROBLEMS",
    "MailText",
    "address_problem",
    "build",
    "message_id",
    "recipient",
    "return_path",
    "wire_bytes",
]

# 7bit: Chinese goes out as base64, so no relay on the way needs 8BITMIME to leave it whole
_POLICY = SMTP.clone(cte_type="7bit")
_ROW_KIND = re.compile(r"[a-z][a-z0-9_-]*")
_BODY_TAG = re.compile(r"<body[^>]*>", re.IGNORECASE)


@dataclass(frozen=True)
class MailText:
    """What a mail says: one line of subject, the same matter as plain text and as HTML."""

    subject: str
    text: str
    html: str


def message_id(row_kind: str, row_id: int, domain: str) -> str:
    """The Message-ID of a row, the same for each of its attempts: `<reminder.42@crm.example.cn>`.

    domain: the installation's own name; two installations sharing it would give different mails one id,
    and mailboxes drop the second.
    Raises ValueError where kind or domain could not stand in a header.
    """
    if not _ROW_KIND.fullmatch(row_kind) or address_problem(f"x@{domain}"):
        raise ValueError(
            f"no Message-ID from kind {row_kind!r} and domain {domain!r}; example: reminder, crm.example.cn"
        )
    return f"<{row_kind}.{row_id}@{domain}>"


def return_path(address: str, row_kind: str, row_id: int) -> str:
    """Where bounces of a row go: `bureau@example.cn` → `bureau+reminder-42@example.cn`.

    The mailbox must understand plus-addresses; where it does not, use the plain address: the bounce
    still carries the Message-ID.
    """
    name, _, domain = address.partition("@")
    return f"{name}+{row_kind}-{row_id}@{domain}"


def build(
    *,
    sender: str,
    to: str,
    mail_text: MailText,
    message_id: str,
    return_path: str | None = None,
    only_to: str | None = None,
    date: datetime,
) -> EmailMessage:
    """One mail to one recipient, ready for a channel.

    sender: address, or `名称 <address>`. to: whom it is for. date: aware; UTC or local.
    only_to: if set the mail goes to this address alone, and its text says whom it was for.
    return_path: kept as the Return-Path header of an outbox file; SMTP carries it in the envelope.
    Raises RefusedError(field, reason): an unusable address (keys of ADDRESS_PROBLEMS) or a control
    character in a header ("header_line_break").
    """
    if date.tzinfo is None:
        raise ValueError("a mail's date needs a time zone")
    to = to.strip()
    _require_address("to", to)
    text, html = mail_text.text, mail_text.html
    if only_to:
        _require_address("only_to", only_to)
        text, html = _say_whom_it_was_for(to, text, html)

    message = EmailMessage(policy=_POLICY)
    if return_path:
        _require_address("return_path", return_path)
        message["Return-Path"] = f"<{return_path}>"
    message["Date"] = format_datetime(date)
    message["From"] = _sender(sender)
    message["To"] = Address(addr_spec=(only_to or to).strip())
    message["Subject"] = _one_line("subject", mail_text.subject)
    message["Message-ID"] = _one_line("message_id", message_id)
    message["Auto-Submitted"] = "auto-generated"
    # Exchange heeds this, not the line above, when it decides about absence notes
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(text, charset="utf-8")
    message.add_alternative(html, subtype="html", charset="utf-8")
    return message


def recipient(message: EmailMessage) -> str:
    """The one address the mail's To names; a channel sends to no other.

    Raises ValueError where there is none or more than one.
    """
    addresses: tuple[Address, ...] = getattr(message["To"], "addresses", ())
    if len(addresses) != 1:
        raise ValueError(f"a mail goes to exactly one recipient, this one names {len(addresses)}")
    return str(addresses[0].addr_spec)


def wire_bytes(message: EmailMessage) -> bytes:
    """The mail as a relay gets it: CRLF lines, no Return-Path (the last relay writes that one)."""
    bare = copy.copy(message)
    del bare["Return-Path"]
    return re.sub(rb"\r\n|\r|\n", b"\r\n", bare.as_bytes(policy=_POLICY))


def _sender(sender: str) -> Address:
    name, address = parseaddr(_one_line("sender", sender))
    _require_address("sender", address)
    return Address(display_name=name, addr_spec=address)


def _require_address(field: str, address: str) -> None:
    problem = address_problem(address)
    if problem:
        raise RefusedError(field, problem, value=address)


def _one_line(field: str, value: str) -> str:
    value = value.strip()
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in value):
        raise RefusedError(field, "header_line_break", value=value)
    return value


def _say_whom_it_was_for(to: str, text: str, html: str) -> tuple[str, str]:
    # both languages in one line: whoever reads a redirected mail is not its recipient
    notice = f"【转投】本邮件原定收件人：{to}；系统设置为只投递到本邮箱。 / Redirected, written for: {to}"
    paragraph = f"<p><strong>{escape(notice)}</strong></p>"
    body_tag = _BODY_TAG.search(html)
    cut = body_tag.end() if body_tag else 0
    return f"{notice}\n\n{text}", html[:cut] + paragraph + html[cut:]
