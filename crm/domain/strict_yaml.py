"""Strict reading of rule files: each key is asked for, and a key nobody asked for is refused.

A file of rules that is read loosely is wrong in silence: a misspelt `expires:` would simply never apply.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import yaml

from crm.domain.errors import DataFileError


class _Loader(yaml.SafeLoader):
    """Safe loader that refuses a key written twice, where YAML would keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                line = key_node.start_mark.line + 1
                raise DataFileError(f"{key_node.start_mark.name}:{line}", f"key {key!r} is written twice")
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


class Record:
    """One mapping of a file, with the place it stands at; `done()` refuses what was not asked for."""

    def __init__(self, values: object, place: str) -> None:
        if not isinstance(values, dict):
            raise DataFileError(place, "a mapping is expected here")
        self.place = place
        self._values: dict[object, object] = values
        self._asked: set[object] = set()

    def at(self, key: object) -> str:
        """Where a key stands, as a person would look it up."""
        return f"{self.place}: {key}" if self.place.endswith((".yaml", ".yml")) else f"{self.place}.{key}"

    def refuse(self, key: object, problem: str) -> DataFileError:
        """The error to raise about one key."""
        return DataFileError(self.at(key), problem)

    def _take(self, key: str, *, optional: bool) -> object:
        self._asked.add(key)
        if key not in self._values:
            if optional:
                return None
            raise self.refuse(key, "is missing")
        return self._values[key]

    def optional_text(self, key: str) -> str | None:
        """A text, or None where the key is absent or null."""
        value = self._take(key, optional=True)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            raise self.refuse(key, f"a text is expected, not {value!r}")
        return value.strip()

    def text(self, key: str) -> str:
        """A text that must be there."""
        self._take(key, optional=False)
        value = self.optional_text(key)
        if value is None:
            raise self.refuse(key, "a text is expected, not null")
        return value

    def choice(self, key: str, allowed: Iterable[str]) -> str:
        """A text out of those allowed."""
        value = self.text(key)
        if value not in (known := tuple(allowed)):
            raise self.refuse(key, f"{value!r} is not one of {', '.join(known)}")
        return value

    def optional_number(self, key: str) -> int | None:
        """A whole number, or None where the key is absent or null."""
        value = self._take(key, optional=True)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise self.refuse(key, f"a whole number is expected, not {value!r}")
        return value

    def optional_day(self, key: str) -> date | None:
        """A date written 2024-03-05, or None where the key is absent or null."""
        value = self._take(key, optional=True)
        if value is not None and type(value) is not date:
            raise self.refuse(key, f"a date like 2024-03-05 is expected, not {value!r}")
        return value

    def day(self, key: str) -> date:
        """A date that must be there."""
        self._take(key, optional=False)
        value = self.optional_day(key)
        if value is None:
            raise self.refuse(key, "a date is expected, not null")
        return value

    def _list(self, key: str) -> list[object]:
        value = self._take(key, optional=True)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.refuse(key, "a list is expected")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts without repetition; empty where absent."""
        values = self._list(key)
        for value in values:
            if not isinstance(value, str) or not value.strip():
                raise self.refuse(key, f"only texts are expected, not {value!r}")
        if len(set(values)) != len(values):
            raise self.refuse(key, "an entry stands twice")
        return tuple(str(value) for value in values)

    def numbers(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers; empty where absent."""
        values = self._list(key)
        numbers = tuple(value for value in values if type(value) is int)
        if len(numbers) != len(values):
            raise self.refuse(key, "only whole numbers are expected")
        return numbers

    def flag(self, key: str) -> bool:
        """true or false; false where absent."""
        value = self._take(key, optional=True)
        if value is not None and not isinstance(value, bool):
            raise self.refuse(key, f"true or false is expected, not {value!r}")
        return bool(value)

    def days(self, key: str) -> tuple[date, ...]:
        """A list of dates; empty where absent."""
        values = self._list(key)
        days = tuple(value for value in values if type(value) is date)
        if len(days) != len(values):
            raise self.refuse(key, "only dates like 2024-03-05 are expected")
        return days

    def records(self, key: str) -> tuple[Record, ...]:
        """A list of mappings; empty where absent."""
        return tuple(Record(value, f"{self.at(key)}[{index}]") for index, value in enumerate(self._list(key)))

    def optional_record(self, key: str) -> Record | None:
        """A mapping, or None where absent."""
        value = self._take(key, optional=True)
        return None if value is None else Record(value, self.at(key))

    def record(self, key: str) -> Record:
        """A mapping that must be there."""
        return Record(self._take(key, optional=False), self.at(key))

    def done(self) -> None:
        """Refuse any key that the reader did not ask for."""
        for key in self._values:
            if key not in self._asked:
                raise self.refuse(key, "is not a known key")


def read_file(path: Path) -> Record:
    """The one mapping a file holds.

    Raises DataFileError with the path where it cannot be read, is no YAML, or repeats a key.
    """
    try:
        with path.open(encoding="utf-8") as stream:
            return Record(_Loader(stream).get_single_data(), str(path))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DataFileError(str(path), f"cannot be read: {error}") from error


def refuse_overlaps(periods: Iterable[tuple[date | None, date | None]], place: str) -> None:
    """Refuse periods (first day, last day; None is open) that end before they begin or share a day.

    The order in which they are written does not matter.
    """
    ordered = sorted(periods, key=lambda period: period[0] or date.min)
    last: date | None = None
    for index, (first, end) in enumerate(ordered):
        if first and end and end < first:
            raise DataFileError(place, f"the period from {first} ends before it begins ({end})")
        if index and (last is None or first is None or first <= last):
            raise DataFileError(
                place, f"the period from {first or 'the beginning'} overlaps the one before it"
            )
        last = end
