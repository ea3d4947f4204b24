"""A mail relay for tests and benchmarks as a process of its own; keeps what it accepts as files.

    python tests/mail/sink.py --port 0 --dir DIR [--delay S] [--reject ADDRESS] [--temporary ADDRESS]

Listens on loopback and prints the port as its first line. Each accepted mail becomes DIR/N.eml (N counts on
over restarts), beginning with X-Envelope-From and X-Envelope-To; a file is whole or not there. The file
is written before --delay and before the 250: a sender killed in between has delivered without knowing it,
which is the worst case worth testing. --reject and --temporary may be given several times.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session


class KeepingHandler:
    """Answers RCPT as told and files every mail."""

    def __init__(self, folder: Path, delay_seconds: float, reject: list[str], temporary: list[str]) -> None:
        self._folder = folder
        self._delay_seconds = delay_seconds
        self._reject = reject
        self._temporary = temporary
        folder.mkdir(parents=True, exist_ok=True)
        self._count = max((int(path.stem) for path in folder.glob("*.eml")), default=0)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self._reject:
            return "550 5.1.1 No such user"
        if address in self._temporary:
            return "451 4.3.0 Try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self._count += 1
        number = self._count
        head = f"X-Envelope-From: {envelope.mail_from}\r\nX-Envelope-To: {', '.join(envelope.rcpt_tos)}\r\n"
        draft = self._folder / f"{number}.part"
        draft.write_bytes(head.encode() + (envelope.original_content or b""))
        draft.rename(self._folder / f"{number}.eml")
        if self._delay_seconds:
            await asyncio.sleep(self._delay_seconds)
        return f"250 2.0.0 Ok: queued as {number}"


async def serve(port: int, handler: KeepingHandler) -> None:
    """Run until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    server = await loop.create_server(
        lambda: SMTP(handler, hostname="sink.example.cn", loop=loop), "127.0.0.1", port
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await ended.wait()
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="SMTP sink on loopback")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--delay", type=float, default=0, help="seconds between keeping a mail and its 250")
    parser.add_argument("--reject", action="append", default=[], metavar="ADDRESS", help="550 at RCPT")
    parser.add_argument("--temporary", action="append", default=[], metavar="ADDRESS", help="451 at RCPT")
    given = parser.parse_args()
    asyncio.run(serve(given.port, KeepingHandler(given.dir, given.delay, given.reject, given.temporary)))


if __name__ == "__main__":
    main()
