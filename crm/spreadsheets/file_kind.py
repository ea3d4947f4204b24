"""What a file really is, told by its first bytes and its members, never by its name."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from crm.domain.errors import RefusedError
from crm.spreadsheets.limits import Limits
from crm.spreadsheets.xml_walk import BROKEN_ARCHIVE

READABLE = ("csv", "xlsx", "xls", "ods", "html")

_MAGIC = (
    (b"%PDF-", "pdf"),
    (b"Rar!\x1a\x07", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"\x89PNG\r\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"{\\rtf", "word"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
)
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = re.compile(rb"<(!doctype\s+html|html|head|body|table|meta|style)\b", re.IGNORECASE)
_ENCRYPTED_FLAG = 0x1
_HEAD_BYTES = 4096


def kind_of(path: Path, filename: str, limits: Limits) -> str:
    """One of READABLE; "csv" stands for any delimited text.

    Raises RefusedError(field "file") with reason file_empty, file_too_large, file_bomb, file_damaged,
    file_password, or file_<what it is>, each with the remedy in its sentence.
    """
    size = path.stat().st_size
    if size > limits.file_bytes:
        raise RefusedError(
            "file",
            "file_too_large",
            filename=filename,
            megabytes=round(size / 1e6, 1),
            limit=limits.file_bytes // 1_000_000,
        )
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise RefusedError("file", "file_empty", filename=filename)
    for magic, what in _MAGIC:
        if head.startswith(magic):
            raise RefusedError("file", f"file_{what}", filename=filename)
    if head.startswith(_COMPOUND):
        return _compound_kind(path.read_bytes(), filename)
    if head.startswith(b"PK"):
        return _zip_kind(path, filename, limits)
    return _text_kind(head, filename)


def _compound_kind(data: bytes, filename: str) -> str:
    """Office's older container: its directory holds stream names in UTF-16."""

    def has(stream: str) -> bool:
        return stream.encode("utf-16-le") in data

    if has("EncryptedPackage") and not has("Workbook"):
        raise RefusedError("file", "file_password", filename=filename)
    if has("Workbook") or has("Book"):
        return "xls"
    raise RefusedError("file", "file_word" if has("WordDocument") else "file_unknown", filename=filename)


def _zip_kind(path: Path, filename: str, limits: Limits) -> str:
    """Container by its members, after their stated sizes have been held against the limits."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            unpacked = sum(member.file_size for member in members)
            if len(members) > limits.members or unpacked > limits.unpacked_bytes:
                raise RefusedError(
                    "file",
                    "file_bomb",
                    filename=filename,
                    members=len(members),
                    megabytes=round(unpacked / 1e6),
                    limit=limits.unpacked_bytes // 1_000_000,
                )
            names = {member.filename.replace("\\", "/").lower() for member in members}
            encrypted = any(member.flag_bits & _ENCRYPTED_FLAG for member in members)
            if encrypted:
                raise RefusedError("file", "file_password", filename=filename)
            if "mimetype" in names and archive.read("mimetype").strip().endswith(b"opendocument.spreadsheet"):
                if b"manifest:encryption-data" in _member(archive, "META-INF/manifest.xml"):
                    raise RefusedError("file", "file_password", filename=filename)
                return "ods"
    except (*BROKEN_ARCHIVE, ValueError) as error:
        raise RefusedError("file", "file_damaged", filename=filename) from error
    if "xl/workbook.xml" in names or any(name.startswith("xl/worksheets/") for name in names):
        return "xlsx"
    for start, what in (("xl/", "xlsb"), ("word/", "word"), ("ppt/", "slides"), ("ofd.xml", "ofd")):
        if any(name.startswith(start) for name in names):
            raise RefusedError("file", f"file_{what}", filename=filename)
    raise RefusedError("file", "file_archive", filename=filename)


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    return archive.read(name) if name in archive.namelist() else b""


def _text_kind(head: bytes, filename: str) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", errors="replace").encode()
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"<":
        if b"urn:schemas-microsoft-com:office:spreadsheet" in head:
            raise RefusedError("file", "file_xml_spreadsheet", filename=filename)
        if _MARKUP.search(head):
            return "html"
    if head.lstrip()[:13].lower() == b"mime-version:":
        raise RefusedError("file", "file_web_archive", filename=filename)
    return "csv"
