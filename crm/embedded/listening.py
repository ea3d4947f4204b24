"""The socket the web server gets: opened here, so that a taken port is known before anything starts.

gunicorn inherits it open; the address stays ours while a web server that died is started again.
"""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass

from crm.settings import Listening

DEFAULT_PORT = 8000
STEPS = 20


class CannotListenError(Exception):
    """No socket there; the text names the variable and what to do."""


@dataclass(frozen=True)
class OpenSocket:
    """A listening socket; `note` is a line for the console where the port is not the usual one."""

    socket: socket.socket
    host: str
    port: int
    note: str | None = None

    @property
    def is_loopback(self) -> bool:
        """True where only this machine can connect."""
        address = self.socket.getsockname()[0]
        return address == "::1" or address.startswith("127.")

    @property
    def url(self) -> str:
        """The address for a browser: a wildcard becomes this machine's name."""
        host = self.host
        if host in ("0.0.0.0", "::", ""):
            host = socket.gethostname()
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def own_address(self) -> tuple[str, int]:
        """Where this machine itself reaches it."""
        address = self.socket.getsockname()[0]
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address), self.port


def open_socket(wanted: Listening) -> OpenSocket:
    """Listen as wanted. A port asked for must be free; the usual one may be stepped over.

    Raises CannotListenError where the port asked for is taken, or host and port cannot be used at all.
    """
    if wanted.port is not None:
        return OpenSocket(_listen(wanted.host, wanted.port), wanted.host, wanted.port)
    for port in range(DEFAULT_PORT, DEFAULT_PORT + STEPS):
        try:
            opened = _listen(wanted.host, port)
        except _TakenError:
            continue
        note = None
        if port != DEFAULT_PORT:
            note = f"端口 {DEFAULT_PORT} 已被占用，改用 {port} (port {DEFAULT_PORT} is taken, using {port})"
        return OpenSocket(opened, wanted.host, port, note)
    last = DEFAULT_PORT + STEPS - 1
    raise CannotListenError(
        f"端口 {DEFAULT_PORT}-{last} 均被占用，请用 PORT=… 指定 (ports taken, choose one: PORT=9000 make run)"
    )


class _TakenError(CannotListenError):
    pass


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise CannotListenError(f"HOST={host}: 找不到该地址 ({error.strerror})") from error
    opened = socket.socket(family, kind)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind(address)
        opened.listen(512)
    except OSError as error:
        opened.close()
        if error.errno == errno.EADDRINUSE:
            raise _TakenError(
                f"PORT={port}: 端口已被占用，请另选一个 "
                f"(port is taken, choose another: PORT={port + 1} make run)"
            ) from error
        raise CannotListenError(f"HOST={host} PORT={port}: 无法监听 ({error.strerror})") from error
    return opened
