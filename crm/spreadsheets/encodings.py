"""Text out of bytes of unknown encoding; doubtful bytes are asked about, never guessed."""

from __future__ import annotations

import codecs

from crm.domain.errors import RefusedError

# What the caseworker may choose, and what Python calls it.
NAMES = {
    "utf-8": "utf-8-sig",
    "utf8": "utf-8-sig",
    "utf-8-sig": "utf-8-sig",
    "gb18030": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "cp936": "gb18030",
    "ansi": "gb18030",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "big5": "cp950",
    "cp950": "cp950",
}
CHOICES = ("utf-8", "gb18030", "utf-16-le", "utf-16-be", "big5")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# With fewer everyday characters a text that happens to decode as GB18030 is more likely something else.
_EVERYDAY_SHARE = 0.6


def decode(data: bytes, filename: str, encoding: str | None = None) -> tuple[str, str]:
    """The text without byte order mark, and the name of its encoding.

    Order: byte order mark; UTF-16 by its zero bytes; strict UTF-8 and then strict GB18030, both over the
    whole file, since two Chinese names may stand near the end of a file that is otherwise plain ASCII.
    encoding: the caseworker's choice, which then is the only one tried.
    Raises RefusedError with reason encoding_unknown, file_undecodable (encoding, line), encoding_unsure
    (choices) or file_unknown (not text at all).
    """
    if encoding is not None:
        codec = NAMES.get(encoding.strip().lower().replace("_", "-"))
        if codec is None:
            raise RefusedError("encoding", "encoding_unknown", encoding=encoding, choices="、".join(CHOICES))
        return _strict(data, codec, filename), codec
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return _strict(data, codec, filename), codec
    if b"\x00" in data:
        return _utf_16(data, filename)
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        line = _line(data, error.start)
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError as error:
        raise _unsure(filename, max(line, _line(data, error.start))) from error
    if not _reads_as_chinese(text):
        raise _unsure(filename, line)
    return text, "gb18030"


def _strict(data: bytes, codec: str, filename: str) -> str:
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        line = _line(data, error.start)
        raise RefusedError(
            "file", "file_undecodable", filename=filename, encoding=codec, line=line
        ) from error
    return text.lstrip("\ufeff")


def _utf_16(data: bytes, filename: str) -> tuple[str, str]:
    """Without a mark, the commas and line ends of a list still have their zero byte on one side only."""
    odd, even = data[1::2].count(0), data[::2].count(0)
    codec = "utf-16-le" if odd > even else "utf-16-be"
    if min(odd, even) * 20 > max(odd, even):
        raise RefusedError("file", "file_unknown", filename=filename)
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        raise RefusedError("file", "file_unknown", filename=filename) from error
    if "\x00" in text:
        raise RefusedError("file", "file_unknown", filename=filename)
    return text, codec


def _reads_as_chinese(text: str) -> bool:
    """Whether most of the distinct characters beyond ASCII are of GB 2312, as in any real Chinese list.

    Big5, Shift-JIS and broken UTF-8 often pass a strict GB18030 decoder and come out as rare characters.
    """
    distinct = {character for character in set(text) if character > "\x7f"}
    everyday = len("".join(distinct).encode("gb2312", errors="ignore")) // 2
    return everyday >= _EVERYDAY_SHARE * len(distinct)


def _line(data: bytes, position: int) -> int:
    return data.count(b"\n", 0, position) + 1


def _unsure(filename: str, line: int) -> RefusedError:
    return RefusedError(
        "encoding", "encoding_unsure", filename=filename, line=line, choices="、".join(CHOICES)
    )
