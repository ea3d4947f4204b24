"""Walking through a large XML member in pieces, so that a sheet of any length costs the memory of one row."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any
from xml.parsers import expat

from crm.domain.errors import RefusedError

_PIECE = 1 << 18
# What a container cut short, altered or of an unknown packing makes zipfile raise.
BROKEN_ARCHIVE = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    KeyError,
    EOFError,
    OSError,
)


class DoctypeError(Exception):
    """The XML declares a document type, which no office program writes."""


def walker(
    start: Callable[[str, dict[str, str]], object],
    end: Callable[[str], object] | None = None,
    text: Callable[[str], object] | None = None,
) -> Any:
    """An expat parser that refuses a document type; without one no entity can be declared.

    This is what defusedxml does too; its own parsers build trees or SAX objects, some four times slower on a
    sheet of a hundred thousand rows.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    if end is not None:
        parser.EndElementHandler = end
    if text is not None:
        parser.CharacterDataHandler = text

    def refuse(*_: object) -> None:
        raise DoctypeError

    parser.StartDoctypeDeclHandler = refuse
    return parser


def feed(parser: Any, archive: zipfile.ZipFile, member: str, filename: str) -> Iterator[None]:
    """Feed the member piece by piece; yields after each, so that the caller can hand on what was found.

    Raises RefusedError file_damaged (with the member) for broken XML or a broken container.
    """
    try:
        with archive.open(member) as stream:
            while piece := stream.read(_PIECE):
                parser.Parse(piece, False)
                yield
            parser.Parse(b"", True)
            yield
    except (expat.ExpatError, DoctypeError, *BROKEN_ARCHIVE) as error:
        raise RefusedError("file", "file_damaged", filename=filename, member=member) from error


def local(name: str) -> str:
    """An element's name without its namespace prefix; writers differ in the prefixes they use."""
    return name.rpartition(":")[2]
