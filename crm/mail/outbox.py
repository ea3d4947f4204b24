"""The mail channel of a machine without a relay: each mail a file, and the reading of those files."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import default
from heapq import nlargest
from pathlib import Path

from crm.domain.errors import NotFoundError
from crm.mail.delivery import DeliveryError
from crm.mail.message import recipient, wire_bytes

_TIME_FORMAT = "%Y%m%dT%H%M%S.%fZ"
# time first, so that names sort by time; then the Message-ID; then which file of that Message-ID it is
_MAIL_FILE = re.compile(r"(?P<at>\d{8}T\d{6}\.\d{6}Z)_(?P<slug>[A-Za-z0-9.@+-]+)_(?P<copy>\d+)\.eml")


@dataclass(frozen=True)
class OutboxMail:
    """One line of the outbox page; id is safe in an address, at is UTC."""

    id: str
    at: datetime
    to: str
    subject: str
    message_id: str
    path: Path


@dataclass(frozen=True)
class ParsedMail:
    """A mail opened: its headers decoded and in order, both bodies, and the file as it is.

    html comes from the file as written: show it only in a sandboxed frame.
    """

    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    raw: bytes


class OutboxChannel:
    """Writes each mail as one .eml file, whole or not at all.

    A Message-ID sent twice makes a second file with the next number, so a double can be seen.
    """

    def __init__(self, outbox_dir: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._dir = outbox_dir
        self._now = now
        self._copies: Counter[str] | None = None

    def send(
        self, message: EmailMessage, envelope_from: str, to: str, *, before_data: Callable[[], None]
    ) -> str:
        """See Channel.send; returns the id under which the outbox shows the mail."""
        to = to.strip()
        if to != recipient(message):
            raise ValueError(f"the envelope's {to!r} is not the mail's recipient {recipient(message)!r}")
        envelope = f"Return-Path: <{envelope_from}>\r\nDelivered-To: {to}\r\n".encode()
        copies = self._ready()
        slug = _slug(str(message["Message-ID"]))
        name = f"{self._now().astimezone(UTC).strftime(_TIME_FORMAT)}_{slug}_{copies[slug] + 1}.eml"
        draft = self._dir / f".{name}.{os.getpid()}"
        try:
            draft.write_bytes(envelope + wire_bytes(message))
        except OSError as error:
            raise _unwritable(self._dir, error) from error
        try:
            before_data()
            draft.rename(self._dir / name)
        finally:
            draft.unlink(missing_ok=True)
        copies[slug] += 1
        return name.removesuffix(".eml")

    def check(self) -> str:
        """See Channel.check: the folder is there and can be written."""
        self._ready()
        probe = self._dir / f".probe.{os.getpid()}"
        try:
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise _unwritable(self._dir, error) from error
        return f"outbox {self._dir}"

    def close(self) -> None:
        """Nothing is held open."""

    def _ready(self) -> Counter[str]:
        if self._copies is None:
            try:
                self._dir.mkdir(parents=True, exist_ok=True)
                self._copies = Counter(
                    match["slug"] for match in map(_MAIL_FILE.fullmatch, os.listdir(self._dir)) if match
                )
            except OSError as error:
                raise _unwritable(self._dir, error) from error
        return self._copies


def list_mails(outbox_dir: Path, limit: int, before: str | None = None) -> list[OutboxMail]:
    """The newest mails first, at most limit; before: id of the last one of the page above.

    Only the files shown are opened, so a page costs the same however many lie below it.
    """
    try:
        names = os.listdir(outbox_dir)
    except FileNotFoundError:
        return []
    ids = (name.removesuffix(".eml") for name in names if _MAIL_FILE.fullmatch(name))
    page = nlargest(limit, (mail_id for mail_id in ids if before is None or mail_id < before))
    return [_outbox_mail(outbox_dir, mail_id) for mail_id in page]


def read_mail(outbox_dir: Path, mail_id: str) -> ParsedMail:
    """The mail of that id. Raises NotFoundError, also for an id that is none (a path, for one)."""
    if not _MAIL_FILE.fullmatch(f"{mail_id}.eml"):
        raise NotFoundError("mail", mail_id)
    try:
        raw = (outbox_dir / f"{mail_id}.eml").read_bytes()
    except FileNotFoundError as error:
        raise NotFoundError("mail", mail_id) from error
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    headers = tuple((name, _readable(value)) for name, value in message.raw_items())
    return ParsedMail(headers, _body(message, "plain"), _body(message, "html"), raw)


def _outbox_mail(outbox_dir: Path, mail_id: str) -> OutboxMail:
    path = outbox_dir / f"{mail_id}.eml"
    with path.open("rb") as file:
        headers = BytesHeaderParser(policy=default).parse(file)
    at = datetime.strptime(mail_id.partition("_")[0], _TIME_FORMAT).replace(tzinfo=UTC)
    to, subject, message_id = (str(headers[name] or "") for name in ("To", "Subject", "Message-ID"))
    return OutboxMail(mail_id, at, to, subject, message_id, path)


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""


def _readable(raw_value: object) -> str:
    # not the parsed value: Python 3.11 puts a blank between the encoded words of a sender's long name
    unfolded = re.sub(r"\r?\n", "", str(raw_value))
    try:
        return str(make_header(decode_header(unfolded)))
    except (HeaderParseError, LookupError, UnicodeError):
        return unfolded


def _slug(message_id: str) -> str:
    return re.sub(r"[^A-Za-z0-9.@+-]", "-", message_id.strip().strip("<>"))[:120] or "-"


def _unwritable(outbox_dir: Path, error: OSError) -> DeliveryError:
    return DeliveryError(
        "connect", permanent=False, ours=True, code=None, text=f"{outbox_dir}: {error.strerror or error}"
    )
