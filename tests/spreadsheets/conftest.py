"""Files as bytes or workbooks, opened the way an upload is."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from crm.spreadsheets.reading import Workbook, open_workbook

FILES = Path(__file__).parent.parent / "files"


@pytest.fixture
def opened(tmp_path: Path) -> Callable[..., Workbook]:
    """Bytes, text or an openpyxl workbook under a name → the opened workbook."""

    def open_(
        content: bytes | str | openpyxl.Workbook, filename: str = "名单.csv", **options: object
    ) -> Workbook:
        path = tmp_path / "upload"
        if isinstance(content, openpyxl.Workbook):
            content.save(path)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return open_workbook(path, filename, **options)

    return open_


@pytest.fixture
def sample() -> Callable[..., Workbook]:
    """A committed sample file by its name."""
    return lambda name, **options: open_workbook(FILES / name, name, **options)


@pytest.fixture
def repacked(tmp_path: Path) -> Callable[..., bytes]:
    """An openpyxl workbook with members set (bytes, or a function of the old ones) or removed (None)."""

    def repack(book: openpyxl.Workbook, members: dict[str, object]) -> bytes:
        old, new = tmp_path / "old.xlsx", tmp_path / "new.xlsx"
        book.save(old)
        with zipfile.ZipFile(old) as source, zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as target:
            for name in {*source.namelist(), *members}:
                change = members[name] if name in members else source.read(name)
                if change is not None:
                    target.writestr(name, change(source.read(name)) if callable(change) else change)
        return new.read_bytes()

    return repack


def book_of(*rows: list[object], title: str = "名单") -> openpyxl.Workbook:
    """A workbook with one sheet of these rows."""
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    return book


@pytest.fixture
def book() -> Callable[..., openpyxl.Workbook]:
    """See book_of."""
    return book_of
