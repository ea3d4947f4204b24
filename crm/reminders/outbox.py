"""The local outbox, cut to what a person may see."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from crm.domain.access import Actor, Permission, may
from crm.domain.errors import NotFoundError
from crm.domain.masking import masked_email
from crm.mail.outbox import OutboxMail, ParsedMail, list_mails, read_mail
from crm.reminders.queries import visible_mails

PAGE = 50
# Files looked through for one page at most, when few of them are the reader's.
_MOST_FILES = 1000


@dataclass(frozen=True)
class OutboxLine:
    """A mail of the outbox; to: masked where it is a firm's contact; delivery_id: None for other mails."""

    mail: OutboxMail
    to: str
    delivery_id: int | None


def mails(actor: Actor, folder: Path, *, before: str | None = None) -> tuple[list[OutboxLine], str | None]:
    """A page of mails, newest first, and the id below which the next page begins."""
    found: list[OutboxLine] = []
    looked = 0
    while len(found) <= PAGE and looked < _MOST_FILES:
        page = list_mails(folder, PAGE + 1, before)
        if not page:
            break
        looked += len(page)
        before = page[-1].id
        found += _seen(actor, page)
    more = found[PAGE - 1].mail.id if len(found) > PAGE else None
    return found[:PAGE], more


def _seen(actor: Actor, page: list[OutboxMail]) -> list[OutboxLine]:
    known = visible_mails(actor, [mail.message_id for mail in page])
    lines = []
    for mail in page:
        entry = known.get(mail.message_id)
        if entry is not None:
            delivery_id, is_contact = entry
            lines.append(OutboxLine(mail, masked_email(mail.to) if is_contact else mail.to, delivery_id))
        elif may(actor, Permission.SYSTEM_ADMIN):
            lines.append(OutboxLine(mail, mail.to, None))
    return lines


def mail(actor: Actor, folder: Path, mail_id: str) -> ParsedMail:
    """One mail, a contact's address masked in its headers. Raises NotFoundError."""
    parsed = read_mail(folder, mail_id)
    message_id = next((value for name, value in parsed.headers if name.lower() == "message-id"), "")
    known = visible_mails(actor, [message_id]).get(message_id)
    if known is None and not may(actor, Permission.SYSTEM_ADMIN):
        raise NotFoundError("mail", mail_id)
    if known is None or not known[1]:
        return parsed
    headers = tuple(
        (name, masked_email(value) if name.lower() in ("to", "delivered-to") else value)
        for name, value in parsed.headers
    )
    return replace(parsed, headers=headers)
