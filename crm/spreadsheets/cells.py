"""What a cell holds once it is read: text, a day, or the reason why its value cannot be trusted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class NoValue:
    """A cell that is not empty and yet gives no value; importing it as empty would overwrite what is stored.

    reason: formula_no_value | cell_error | digits_lost | column_too_narrow, a key of SENTENCES.
    shown: what the spreadsheet program shows there.
    """

    reason: str
    shown: str = ""

    def __str__(self) -> str:
        return self.shown


Cell = str | date | NoValue


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as it stands in the file; number counts from 1 as a spreadsheet program shows it."""

    number: int
    cells: Sequence[Cell]
    hidden: bool = False


_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_LOST_DIGITS = re.compile(r"\d(\.\d+)?E\+(1[5-9]|2\d)", re.IGNORECASE)
_CLEARING = frozenset({"(清空)", "[清空]", "【清空】", "#清空"})
# Excel keeps fifteen significant digits: an 18-character code typed as a number has lost its end.
EXACT_DIGITS = 15
_ERRORS = ("#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#BUSY!")


def text_of(cell: Cell) -> str:
    """The cell as text: a day in ISO form, a value that cannot be trusted as it was shown."""
    return cell if isinstance(cell, str) else cell.isoformat() if isinstance(cell, date) else cell.shown


def is_blank(cell: Cell) -> bool:
    """Whether there is nothing to see: no text, only spaces (also full width) or invisible characters."""
    if not isinstance(cell, str):
        return False
    return not cell or not _INVISIBLE.sub("", cell).strip()


def is_clearing(cell: Cell) -> bool:
    """Whether the cell explicitly asks to empty the stored value: (清空), [清空], 【清空】 or #清空."""
    return isinstance(cell, str) and cell.strip().replace("（", "(").replace("）", ")") in _CLEARING


def letter(index: int) -> str:
    """Column letter of an index from 0: 0 → A, 26 → AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def index_of(letters: str) -> int:
    """Column index from 0 of its letters: A → 0, AA → 26."""
    index = 0
    for character in letters:
        index = index * 26 + ord(character) - 64
    return index - 1


def typed_cell(text: str) -> Cell:
    """A cell of a text file, where a program may have written what it showed instead of the value."""
    if text[0] == "#":
        if text.strip("#") == "":
            return NoValue("column_too_narrow", text) if len(text) > 1 else text
        return NoValue("cell_error", text) if text.upper().startswith(_ERRORS) else text
    return NoValue("digits_lost", text) if _LOST_DIGITS.fullmatch(text.strip()) else text


def number_text(value: str | float | int) -> Cell:
    """A stored number as plain digits, at the fifteen digits a spreadsheet program shows; never 1E+05.

    Returns NoValue("digits_lost") for a whole number of more than fifteen digits.
    """
    if isinstance(value, str) and len(value) <= EXACT_DIGITS and value.isdecimal() and value[0] != "0":
        return value
    plain = f"{float(value):.{EXACT_DIGITS}g}"
    if "e" in plain:
        plain = format(Decimal(plain), "f")
    if len(plain.partition(".")[0].lstrip("-")) > EXACT_DIGITS:
        return NoValue("digits_lost", plain)
    return "0" if plain == "-0" else plain
