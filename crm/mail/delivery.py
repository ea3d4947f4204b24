"""What a channel promises, and how it says that a mail did not go out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Literal, Protocol

Phase = Literal["connect", "login", "mail", "rcpt", "body", "answer", "data"]
"""Where a delivery ended.

connect, login, mail, rcpt: before the mail's text. body: DATA refused, or the line lost before the final
dot. answer: the final dot was answered by a refusal. data: the final dot was sent and nobody answered.
Only "data" is in doubt; after every other phase the recipient has surely got nothing.
"""


@dataclass(frozen=True)
class Timeouts:
    """How long to wait for the relay, in seconds.

    final_dot_seconds is long on purpose: a relay may scan the mail before it answers, and giving up
    earlier than it does makes doubles (RFC 5321 4.5.3.2.6: 10 minutes).
    """

    connect_seconds: float = 30
    command_seconds: float = 60
    final_dot_seconds: float = 600


class DeliveryError(Exception):
    """A mail that was not surely delivered.

    permanent: trying this mail again is useless (5yz). Never together with ours.
    ours: the relay refuses us, not this mail: pause the channel, spend no attempt.
    code: the relay's three digits, None where the line was lost or the answer unreadable.
    text: the relay's words, or the system's.
    """

    def __init__(self, phase: Phase, permanent: bool, ours: bool, code: int | None, text: str) -> None:
        super().__init__(f"{phase}: {code or 'no answer'} {text}".rstrip())
        self.phase: Phase = phase
        self.permanent = permanent
        self.ours = ours
        self.code = code
        self.text = text

    @property
    def in_doubt(self) -> bool:
        """The mail may have gone out: the line was lost after the final dot."""
        return self.phase == "data"

    @property
    def blames_address(self) -> bool:
        """The address itself is refused and should be flagged.

        Not where the enhanced status speaks of policy or routing (5.7.1 "relay access denied"): one wrong
        setting of the relay would flag every address we know (RFC 3463: x.1 address, x.2 mailbox).
        """
        status = re.match(r"5\.(\d{1,3})\.\d{1,3}\b", self.text)
        return self.phase == "rcpt" and self.permanent and (status is None or status[1] in ("0", "1", "2"))


class Channel(Protocol):
    """A way out for mails, used by one thread at a time."""

    def send(
        self, message: EmailMessage, envelope_from: str, to: str, *, before_data: Callable[[], None]
    ) -> str:
        """Deliver one mail to one recipient; return the receiver's words, which hold its queue id.

        envelope_from: where bounces go, "" for nowhere. to: must be the address of the mail's To, so that
        a mail redirected by only_to cannot slip out by the envelope (ValueError).
        before_data: called once, when everything but the final dot is with the relay; what it commits is
        in the database before the mail can possibly be delivered. If it raises, the mail is not sent.
        Raises DeliveryError.
        """

    def check(self) -> str:
        """Reach the other side without sending; return one line saying how. Raises DeliveryError."""

    def close(self) -> None:
        """Leave politely; never raises."""
