"""统一社会信用代码 (GB 32100-2015): how it is written, and what is wrong with one.

A failing code is kept and flagged by those who call this, never blocked: real registers hold some.
The registration digits 3-8 are no district: a firm keeps them when counties are merged.
"""

from __future__ import annotations

import unicodedata

from stdnum.cn import uscc

LENGTH = 18
ALPHABET = frozenset("0123456789ABCDEFGHJKLMNPQRTUWXY")  # no I O S V Z


def normalise(text: str) -> str:
    """The code as it is stored and compared: half width, capitals, without any blank or invisible sign.

    Serves certificate and registration numbers as well, which obey the same habits. The apostrophe by
    which spreadsheets mark text is dropped.
    """
    wide = unicodedata.normalize("NFKC", text).upper()
    kept = (c for c in wide if not c.isspace() and unicodedata.category(c) not in ("Cc", "Cf"))
    return "".join(kept).lstrip("'")


def problem(code: str) -> str | None:
    """What is wrong with a normalised code: "length", "alphabet", "check_character", or None.

    Source: GB 32100-2015, weights 3^(i-1) mod 31. The embedded organisation code has a check of its own
    (GB 11714), left out on purpose: codes in force exist that fail it.
    """
    if len(code) != LENGTH:
        return "length"
    if not ALPHABET.issuperset(code):
        return "alphabet"
    # stdnum.validate would also refuse letters among the first eight, which 农村集体经济组织 (N2…) carry.
    if uscc.calc_check_digit(code[:-1]) != code[-1]:
        return "check_character"
    return None


def is_valid(code: str) -> bool:
    """Whether a normalised code has the right length, alphabet and check character."""
    return problem(code) is None
