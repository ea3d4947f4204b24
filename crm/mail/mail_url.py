"""Where mails go, read from one address: `outbox:`, `smtp://…`, `smtps://…`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

_EXAMPLE = "smtp://user:pass@mail.example.cn:587?starttls=required, or smtps://…, or outbox:"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class MailUrl:
    """A parsed mail address of the installation; str() of it is safe to show, without the password.

    starttls: refuse to go on without an encrypted line and a certificate that holds. Default for every
    host but this machine. ca_file: certificates of the bureau's own authority, None for the system's.
    """

    scheme: Literal["outbox", "smtp", "smtps"]
    host: str = ""
    port: int = 0
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    starttls: bool = False
    ca_file: str | None = None

    @classmethod
    def parse(cls, url: str) -> MailUrl:
        """Read such an address; ValueError says which, what is wrong and an example, never the password."""
        url = url.strip()
        if url == "outbox:":
            return cls("outbox")
        if not url.isascii() or not url.isprintable():
            raise _malformed(url, "holds characters that are not plain ASCII; percent-encode them")
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise _malformed(
                url, "host or port cannot be read; percent-encode / ? # @ in a password"
            ) from None
        if parts.scheme not in ("smtp", "smtps"):
            raise _malformed(url, "begins with neither outbox:, smtp:// nor smtps://")
        if not host:
            raise _malformed(url, "names no host")
        if parts.path not in ("", "/") or parts.fragment:
            raise _malformed(url, "goes on after host and port; percent-encode / ? # @ in a password")
        return cls._of_parts(url, parts, host, port)

    @classmethod
    def _of_parts(cls, url: str, parts: SplitResult, host: str, port: int | None) -> MailUrl:
        user, password = unquote(parts.username or "") or None, unquote(parts.password or "") or None
        if (user is None) != (password is None):
            raise _malformed(url, "has a user without a password or the reverse")
        if not ((user or "") + (password or "")).isascii():
            raise _malformed(
                url, "has a user or password that is not plain ASCII, which SMTP login cannot carry"
            )
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        starttls_wish, ca_file = options.pop("starttls", None), options.pop("ca_file", None)
        if options:
            raise _malformed(url, f"has an unknown option {sorted(options)[0]!r} (known: starttls, ca_file)")
        if starttls_wish not in (None, "required", "off"):
            raise _malformed(url, "has a starttls that is neither required nor off")
        if parts.scheme == "smtps":
            if starttls_wish:
                raise _malformed(url, "asks for STARTTLS on a line that smtps:// encrypts from the start")
            return cls("smtps", host, port or 465, user, password, ca_file=ca_file)
        starttls = starttls_wish == "required" or (starttls_wish is None and host not in _LOOPBACK)
        if user and not starttls and host not in _LOOPBACK:
            raise _malformed(url, "would send the password unencrypted; use starttls=required or smtps://")
        return cls("smtp", host, port or (587 if user else 25), user, password, starttls, ca_file)

    def __str__(self) -> str:
        if self.scheme == "outbox":
            return "outbox:"
        return f"{self.scheme}://{f'{self.user}:***@' if self.user else ''}{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        return self.host in _LOOPBACK


def _malformed(url: str, problem: str) -> ValueError:
    # up to the last @: an unencoded @ or / inside a password must not show its tail
    scheme, _, rest = url.partition("://")
    shown = f"{scheme}://***@{rest.rpartition('@')[2]}" if "@" in rest else url
    return ValueError(f"{shown!r} {problem}; example: {_EXAMPLE}")
