"""Real relays on loopback, played by aiosmtpd in a thread, and the mails sent to them."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from crm.mail.mail_url import MailUrl
from crm.mail.message import MailText, build, message_id

CAST = {"bad@example.cn": "550 5.1.1 No such user", "busy@example.cn": "451 4.3.0 Try again later"}


class Relay:
    """What the relay saw, and how it behaves; a test changes the public fields before it sends."""

    def __init__(self) -> None:
        self.port = 0
        self.connections = 0
        self.commands: list[str] = []
        self.mails: list[tuple[str, list[str], bytes]] = []
        self.rcpt_answers = dict(CAST)
        self.greeting: str | None = None
        self.mail_answer: str | None = None
        self.mails_before_421: int | None = None
        self.data_answer: str | None = None
        self.cut_after_final_dot = False
        self.wait_before_250: threading.Event | None = None
        self.dot_came = threading.Event()

    async def handle_EHLO(
        self, server: Any, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return responses

    async def handle_MAIL(
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.mail_answer:
            return self.mail_answer
        if self.mails_before_421 is not None and server.begun >= self.mails_before_421:
            return "421 4.7.0 Too many mails on this line"
        server.begun += 1
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.rcpt_answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        self.mails.append(
            (envelope.mail_from or "", envelope.rcpt_tos, bytes(envelope.original_content or b""))
        )
        self.dot_came.set()
        if self.cut_after_final_dot:
            server.transport.abort()
            return "250 never said"
        if self.wait_before_250:
            await asyncio.get_running_loop().run_in_executor(None, self.wait_before_250.wait)
        return self.data_answer or f"250 2.0.0 Ok: queued as {len(self.mails)}"


class RelaySession(SMTP):
    """aiosmtpd's session, telling the relay what it heard."""

    def __init__(self, relay: Relay, **options: Any) -> None:
        super().__init__(relay, hostname="relay.example.cn", **options)
        self.relay = relay
        self.begun = 0
        self.counted = False

    def connection_made(self, transport: Any) -> None:
        if not self.counted:  # STARTTLS comes here a second time
            self.relay.connections += 1
            self.counted = True
        super().connection_made(transport)

    async def _handle_client(self) -> None:
        if self.relay.greeting:
            await self.push(self.relay.greeting)
            self.transport.close()
            return
        await super()._handle_client()

    async def smtp_RSET(self, arg: str) -> None:
        self.relay.commands.append("RSET")
        await super().smtp_RSET(arg)

    async def smtp_QUIT(self, arg: str) -> None:
        self.relay.commands.append("QUIT")
        await super().smtp_QUIT(arg)


class _Loop:
    """An event loop in a thread, ended with everything on it."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, coroutine: Any) -> Any:
        future: Future[Any] = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        return future.result(timeout=10)

    def end(self) -> None:
        async def cancel_all() -> None:
            others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        self.run(cancel_all())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(timeout=10)
        self.loop.close()


@pytest.fixture
def event_loop_thread() -> Iterator[_Loop]:
    loop = _Loop()
    yield loop
    loop.end()


@pytest.fixture
def start_relay(event_loop_thread: _Loop) -> Iterator[Callable[..., Relay]]:
    """start_relay(login=None, certificate=None, tls_from_start=False) -> Relay listening on loopback."""
    servers: list[asyncio.Server] = []

    def start(
        login: tuple[str, str] | None = None, certificate: Path | None = None, tls_from_start: bool = False
    ) -> Relay:
        relay = Relay()
        context = None
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)

        def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
            good = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == login
            return AuthResult(success=good, handled=False)

        def session() -> RelaySession:
            return RelaySession(
                relay,
                loop=event_loop_thread.loop,
                tls_context=None if tls_from_start else context,
                authenticator=authenticate if login else None,
                auth_required=bool(login),
                auth_require_tls=bool(certificate) and not tls_from_start,
            )

        async def listen() -> asyncio.Server:
            return await asyncio.get_running_loop().create_server(
                session, "127.0.0.1", 0, ssl=context if tls_from_start else None
            )

        server = event_loop_thread.run(listen())
        servers.append(server)
        relay.port = server.sockets[0].getsockname()[1]
        return relay

    yield start
    for server in servers:
        event_loop_thread.loop.call_soon_threadsafe(server.close)


@pytest.fixture
def relay(start_relay: Callable[..., Relay]) -> Relay:
    return start_relay()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A key and a certificate for localhost signed by itself, in one file, made by openssl."""
    path = tmp_path / "localhost.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext"
    try:
        subprocess.run(
            [*command.split(), "subjectAltName=DNS:localhost", "-keyout", path, "-out", f"{path}.crt"],
            check=True,
            capture_output=True,
        )
    except FileNotFoundError:
        pytest.skip("no openssl on this machine to make a test certificate with")
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


def url_of(relay: Relay, query: str = "") -> MailUrl:
    return MailUrl.parse(f"smtp://127.0.0.1:{relay.port}{query}")


def mail_to(
    to: str, row_id: int = 1, subject: str = "证书将于三十天后到期", text: str = "正文\n"
) -> EmailMessage:
    return build(
        sender="企业梯度培育管理系统（绍兴市科学技术局） <crm@example.cn>",
        to=to,
        mail_text=MailText(subject, text, "<p>正文</p>"),
        message_id=message_id("reminder", row_id, "crm.example.cn"),
        date=datetime(2026, 3, 2, 0, 30, tzinfo=UTC),
    )


@pytest.fixture
def the_mail() -> Callable[..., EmailMessage]:
    return mail_to


@pytest.fixture
def the_url() -> Callable[..., MailUrl]:
    return url_of
