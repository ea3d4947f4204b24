"""SMTP cut into its phases, so that a crash or a lost line is never guessed about."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from email.message import EmailMessage

from crm.domain.errors import RefusedError
from crm.mail.delivery import DeliveryError, Phase, Timeouts
from crm.mail.mail_url import MailUrl
from crm.mail.message import address_problem, recipient, wire_bytes

_MESSAGES_PER_CONNECTION = 100
_QUIT_SECONDS = 5
# authentication wanted, too weak, failed, encryption wanted: said of us at whatever point it comes
_REFUSES_US = (530, 534, 535, 538)
_TEXT_LENGTH = 500

_Reply = tuple[int, bytes]


class SmtpChannel:
    """One line to the relay, used again with RSET for up to messages_per_connection mails."""

    def __init__(
        self, mail_url: MailUrl, timeouts: Timeouts, messages_per_connection: int = _MESSAGES_PER_CONNECTION
    ) -> None:
        self._url = mail_url
        self._timeouts = timeouts
        self._messages_per_connection = messages_per_connection
        self._client: smtplib.SMTP | None = None
        self._carried = 0

    def send(
        self, message: EmailMessage, envelope_from: str, to: str, *, before_data: Callable[[], None]
    ) -> str:
        """See Channel.send; returns the relay's 250 text ("2.0.0 Ok: queued as 4F1C")."""
        to = to.strip()
        if to != recipient(message):
            raise ValueError(f"the envelope's {to!r} is not the mail's recipient {recipient(message)!r}")
        for field, address in (("envelope_from", envelope_from), ("to", to)):
            problem = address_problem(address) if address or field == "to" else None
            if problem:
                raise RefusedError(field, problem, value=address)
        body = re.sub(rb"(?m)^\.", b"..", wire_bytes(message))
        try:
            client = self._begin(message, envelope_from, body)
            self._name_recipient(client, to)
            return self._hand_over(client, body, before_data)
        except DeliveryError as error:
            self._drop_if_lost(error)
            raise
        except BaseException:
            # before_data failed: cutting the line before the final dot is what keeps the mail from going out
            self._drop()
            raise

    def check(self) -> str:
        """See Channel.check: greeting, encryption and login work."""
        client, _ = self._ready()
        tls = client.sock.version() if isinstance(client.sock, ssl.SSLSocket) else None
        return f"{self._url} ({tls or 'unencrypted'})"

    def close(self) -> None:
        """QUIT where the line still stands."""
        if self._client is not None and self._client.sock is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._client.sock.settimeout(_QUIT_SECONDS)
                self._client.quit()
        self._drop()

    def _begin(self, message: EmailMessage, envelope_from: str, body: bytes) -> smtplib.SMTP:
        """A line that has accepted MAIL for this mail."""
        client, used_before = self._ready()
        try:
            self._open_envelope(client, message, envelope_from, body)
            return client
        except DeliveryError as error:
            self._drop_if_lost(error)
            if not used_before or self._client is client:
                raise
        # relays hang up on a line they have served long enough (421 at MAIL): a fresh one is no new attempt
        client, _ = self._ready()
        self._open_envelope(client, message, envelope_from, body)
        return client

    def _ready(self) -> tuple[smtplib.SMTP, bool]:
        """A line that can begin a mail, and whether it has carried one before."""
        if self._client is not None and self._carried >= self._messages_per_connection:
            self.close()
        if self._client is not None and self._carried:
            with suppress(DeliveryError):
                code, _ = _ask("mail", self._client.rset)
                if code == 250:
                    self._carried += 1
                    return self._client, True
            self._drop()
        if self._client is None:
            self._client = self._connect()
            self._carried = 0
        self._carried += 1
        return self._client, False

    def _connect(self) -> smtplib.SMTP:
        phase: Phase = "connect"
        client: smtplib.SMTP | None = None
        try:
            context = self._tls_context()
            client = self._greeted(context)
            line = _line(client)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            line.settimeout(self._timeouts.command_seconds)
            client.ehlo_or_helo_if_needed()
            if self._url.starttls:
                client.starttls(context=context)
                client.ehlo_or_helo_if_needed()
            phase = "login"
            if self._url.user is not None and self._url.password is not None:
                client.login(self._url.user, self._url.password)
            return client
        except OSError as error:  # smtplib's and ssl's errors are OSErrors too
            if client is not None:
                client.close()
            raise _refused_by_relay(phase, error) from error

    def _tls_context(self) -> ssl.SSLContext | None:
        if self._url.scheme == "smtps" or self._url.starttls:
            return ssl.create_default_context(cafile=self._url.ca_file)
        return None

    def _greeted(self, context: ssl.SSLContext | None) -> smtplib.SMTP:
        host, port, seconds = self._url.host, self._url.port, self._timeouts.connect_seconds
        # else smtplib asks DNS for our name, which without a DNS takes longer than the mail
        our_name = "localhost" if self._url.is_loopback else None
        if self._url.scheme == "smtps":
            return smtplib.SMTP_SSL(host, port, our_name, timeout=seconds, context=context)
        return smtplib.SMTP(host, port, our_name, timeout=seconds)

    def _open_envelope(
        self, client: smtplib.SMTP, message: EmailMessage, envelope_from: str, body: bytes
    ) -> None:
        options = []
        if client.has_extn("size"):
            options.append(f"SIZE={len(body)}")
        if client.has_extn("dsn"):
            options += ["RET=HDRS", f"ENVID={_xtext(str(message['Message-ID']).strip('<> '))}"]
        _accepted("mail", *_ask("mail", lambda: client.mail(envelope_from, options)))

    def _name_recipient(self, client: smtplib.SMTP, to: str) -> None:
        options = [f"NOTIFY=FAILURE,DELAY ORCPT=rfc822;{_xtext(to)}"] if client.has_extn("dsn") else []
        _accepted("rcpt", *_ask("rcpt", lambda: client.rcpt(to, options)))

    def _hand_over(self, client: smtplib.SMTP, body: bytes, before_data: Callable[[], None]) -> str:
        def send_text() -> _Reply:
            client.send(body)
            return 250, b""

        code, text = _ask("body", lambda: client.docmd("data"))
        if code != 354:
            raise _refusal("body", code, text)
        _ask("body", send_text)
        before_data()
        _require_standing(client)

        def send_final_dot() -> _Reply:
            client.send(b".\r\n")
            return client.getreply()

        line = _line(client)
        line.settimeout(self._timeouts.final_dot_seconds)
        code, text = _ask("data", send_final_dot)
        line.settimeout(self._timeouts.command_seconds)
        return _accepted("answer", code, text)

    def _drop_if_lost(self, error: DeliveryError) -> None:
        if error.code in (None, 421):
            self._drop()

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None


def _ask(phase: Phase, call: Callable[[], _Reply]) -> tuple[int, str]:
    """One exchange; a lost line or an answer that is none becomes a DeliveryError of that phase."""
    try:
        code, text = call()
    except OSError as error:
        raise DeliveryError(phase, permanent=False, ours=False, code=None, text=_words(error)) from error
    if not 200 <= code <= 599:
        raise DeliveryError(phase, permanent=False, ours=False, code=None, text=_decoded(text))
    return code, _decoded(text)


def _accepted(phase: Phase, code: int, text: str) -> str:
    if not 200 <= code <= 299:
        raise _refusal(phase, code, text)
    return text


def _refusal(phase: Phase, code: int, text: str) -> DeliveryError:
    # a sender refused for good at MAIL is our setting, but 552 there means this mail is too long
    ours = code in _REFUSES_US or (phase == "mail" and code >= 500 and code != 552)
    return DeliveryError(phase, permanent=code >= 500 and not ours, ours=ours, code=code, text=text)


def _refused_by_relay(phase: Phase, error: OSError) -> DeliveryError:
    code = (
        error.smtp_code if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code > 0 else None
    )
    return DeliveryError(phase, permanent=False, ours=True, code=code, text=_words(error))


def _line(client: smtplib.SMTP) -> socket.socket:
    if client.sock is None:
        raise smtplib.SMTPServerDisconnected("the line is closed")
    return client.sock


def _require_standing(client: smtplib.SMTP) -> None:
    """Refuse to send the final dot down a line that was cut meanwhile: before the dot it is no doubt yet."""
    line = _line(client)
    if isinstance(line, ssl.SSLSocket):
        return  # under TLS bytes may arrive that are no answer (session tickets)
    cause = "the relay ended the line before the final dot"
    try:
        line.setblocking(False)
        line.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return
    except OSError as error:
        cause = _words(error)
    raise DeliveryError("body", permanent=False, ours=False, code=None, text=cause)


def _words(error: OSError) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _decoded(error.smtp_error)
    return (str(error) or type(error).__name__)[:_TEXT_LENGTH]


def _decoded(text: bytes | str) -> str:
    if isinstance(text, str):
        return text[:_TEXT_LENGTH]
    try:
        return text.decode("utf-8")[:_TEXT_LENGTH]
    except UnicodeDecodeError:
        return text.decode("gb18030", errors="replace")[:_TEXT_LENGTH]  # some domestic relays answer in GBK


def _xtext(value: str) -> str:
    """RFC 3461 4: printable ASCII but + and = as it is, the rest as +XX."""
    return "".join(
        c if "!" <= c <= "~" and c not in "+=" else "".join(f"+{b:02X}" for b in c.encode()) for c in value
    )
