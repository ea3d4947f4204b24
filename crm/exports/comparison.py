"""Compare two frozen files of one profile: rows added, removed, changed field by field."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from crm.domain.export_profiles import Profile, unguard

Line = Mapping[str, str]


@dataclass(frozen=True)
class ChangedLine:
    """A line that stands in both files; fields: header -> (then, now)."""

    name: str
    code: str
    fields: Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Difference:
    """What became of the lines from the earlier file to the later one.

    only_before, only_after: headers that only one of the files has.
    """

    added: Sequence[Line]
    removed: Sequence[Line]
    changed: list[ChangedLine]
    same: int
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]


def read_back(content: bytes, encoding: str) -> tuple[list[str], list[dict[str, str]]]:
    """Headers and lines of a file as render() wrote it, with the guards taken off."""
    reader = csv.reader(io.StringIO(content.decode(encoding), newline=""))
    headers = [unguard(text) for text in next(reader, [])]
    return headers, [dict(zip(headers, map(unguard, row), strict=True)) for row in reader]


def compare(
    profile: Profile,
    before: tuple[list[str], list[dict[str, str]]],
    after: tuple[list[str], list[dict[str, str]]],
) -> Difference:
    """Lines are matched by code (and scheme), then by name where the code is missing or was corrected.

    The sequence number is no difference. A firm that stands twice is matched in order.
    """
    (headers_before, lines_before), (headers_after, lines_after) = before, after
    by_field = {column.field: column.header for column in profile.columns}
    sequence = {column.header for column in profile.columns if column.type == "sequence"}
    common = [header for header in headers_after if header in headers_before and header not in sequence]
    name, code, scheme = (by_field.get(field, "") for field in ("name", "code", "scheme"))
    pairs, removed, added = _pairs(lines_before, lines_after, [code, scheme])
    by_name, removed, added = _pairs(removed, added, [name, scheme])
    changed, same = [], 0
    for old, new in pairs + by_name:
        fields = {header: (old[header], new[header]) for header in common if old[header] != new[header]}
        if fields:
            changed.append(ChangedLine(new.get(name, ""), new.get(code, ""), fields))
        else:
            same += 1
    return Difference(
        added=added,
        removed=removed,
        changed=changed,
        same=same,
        only_before=tuple(header for header in headers_before if header not in headers_after),
        only_after=tuple(header for header in headers_after if header not in headers_before),
    )


def _pairs(
    before: Iterable[dict[str, str]], after: Iterable[dict[str, str]], key_headers: list[str]
) -> tuple[list[tuple[dict[str, str], dict[str, str]]], list[dict[str, str]], list[dict[str, str]]]:
    """Pairs of lines with the same key; what is left of either, in its order. The first header is needed."""
    waiting: defaultdict[tuple[str, ...], list[dict[str, str]]] = defaultdict(list)
    for line in before:
        waiting[_key(line, key_headers)].append(line)
    taken: Counter[tuple[str, ...]] = Counter()
    pairs, added = [], []
    for line in after:
        key = _key(line, key_headers)
        candidates = waiting.get(key, [])
        if key[0] and taken[key] < len(candidates):
            pairs.append((candidates[taken[key]], line))
            taken[key] += 1
        else:
            added.append(line)
    left: Counter[tuple[str, ...]] = Counter()
    removed = []
    for line in before:
        key = _key(line, key_headers)
        left[key] += 1
        if left[key] > taken[key]:
            removed.append(line)
    return pairs, removed, added


def _key(line: Mapping[str, str], headers: list[str]) -> tuple[str, ...]:
    return tuple(line.get(header, "").strip() for header in headers)
