"""The way out for mails: from the configured address to an open channel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crm.mail.delivery import Channel, DeliveryError, Phase, Timeouts
from crm.mail.mail_url import MailUrl
from crm.mail.outbox import OutboxChannel
from crm.mail.smtp import SmtpChannel

__all__ = ["Channel", "DeliveryError", "MailUrl", "Phase", "Timeouts", "open_channel"]


@contextmanager
def open_channel(
    mail_url: MailUrl, *, outbox_dir: Path, timeouts: Timeouts | None = None
) -> Iterator[Channel]:
    """A channel to mail_url, closed at the end of the block.

    Nothing is contacted before the first send() or check(), so opening cannot fail for the relay's sake.
    outbox_dir: where `outbox:` keeps its files.
    """
    channel: Channel
    if mail_url.scheme == "outbox":
        channel = OutboxChannel(outbox_dir)
    else:
        channel = SmtpChannel(mail_url, timeouts or Timeouts())
    try:
        yield channel
    finally:
        channel.close()
