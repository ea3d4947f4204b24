"""Files of an import under the data folder: the list as sent, and what became of each of its rows.

Stored names are random, so that nothing of the sender's name reaches the file system. Results are lines
"state flags<TAB>JSON", so that a page of a long list is found without reading the rest as JSON.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from flask import current_app

from crm.imports.results import CellNote, RowResult

_BLOCK = 1 << 20
_CLEARED = (".results", ".results.part")


@dataclass(frozen=True)
class StoredFile:
    """A kept file: its name in the upload folder and its SHA-256."""

    name: str
    sha256: str


def folder() -> Path:
    """Where lists are kept; only the product's own account may look into it."""
    path: Path = current_app.config["CRM"].upload_dir
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def store(stream: IO[bytes]) -> StoredFile:
    """Keep what was sent under a random name."""
    name = uuid.uuid4().hex
    digest = hashlib.sha256()
    handle = os.open(folder() / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        while block := stream.read(_BLOCK):
            digest.update(block)
            file.write(block)
    return StoredFile(name, digest.hexdigest())


def store_copy(path: Path) -> StoredFile:
    """Keep a copy of a file of this machine."""
    with path.open("rb") as stream:
        return store(stream)


def path_of(stored_name: str) -> Path:
    """The kept list."""
    return folder() / stored_name


def discard(stored_name: str) -> None:
    """Remove a list and its results, of an import that did not come about."""
    for suffix in ("", *_CLEARED):
        with contextlib.suppress(FileNotFoundError):
            (folder() / f"{stored_name}{suffix}").unlink()


def write_results(stored_name: str, results: Iterable[RowResult]) -> None:
    """Keep what became of each row; whole or not at all."""
    part = folder() / f"{stored_name}.results.part"
    with part.open("w", encoding="utf-8", newline="\n") as file:
        for result in results:
            flags = result.state + (" look" if result.notes or result.state == "changed" else "")
            flags += " warned" if any(not note.refuses for note in result.notes) else ""
            file.write(f"{flags}\t{json.dumps(_document(result), ensure_ascii=False, default=str)}\n")
    shutil.move(part, folder() / f"{stored_name}.results")


def results(stored_name: str, wanted: Callable[[list[str]], bool], start: int, count: int) -> list[RowResult]:
    """Some results whose flags are wanted: count of them from the start-th on; none before a first check."""
    found: list[RowResult] = []
    for number, result in enumerate(_matching(stored_name, wanted)):
        if number >= start:
            found.append(_result(json.loads(result)))
        if len(found) >= count:
            break
    return found


def refused(stored_name: str) -> dict[int, str]:
    """Row number -> why it was refused."""
    rows = (_result(json.loads(line)) for line in _matching(stored_name, lambda flags: "refused" in flags))
    return {row.number: row.reasons for row in rows}


def _matching(stored_name: str, wanted: Callable[[list[str]], bool]) -> Iterator[str]:
    path = folder() / f"{stored_name}.results"
    if not path.exists():
        return
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            flags, _, document = line.partition("\t")
            if wanted(flags.split()):
                yield document


def _document(result: RowResult) -> list[object]:
    notes = [[n.field, n.value, n.reason, dict(n.values), n.refuses] for n in result.notes]
    return [result.number, dict(result.cells), result.state, result.subject_id, result.changes, notes]


def _result(document: list) -> RowResult:  # type: ignore[type-arg]
    number, cells, state, subject_id, changes, notes = document
    return RowResult(
        number,
        cells,
        state,
        subject_id,
        {name: (before, after) for name, (before, after) in changes.items()},
        [CellNote(*note) for note in notes],
    )
