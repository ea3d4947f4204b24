"""统一社会信用代码: what passes, what is flagged, and that one wrong sign is always noticed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from crm.domain import credit_code

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
bodies = st.text(alphabet=ALPHABET, min_size=17, max_size=17)


def with_check(body: str) -> str:
    return body + uscc.calc_check_digit(body)


# 91330600MA0DEM0000-style codes are invented; each is closed by its own check character
@pytest.mark.parametrize(
    "text", ["９１３３０６００ＭＡ２ＤＥＭ０００", "9133 0600\u3000MA2 DEM000", "'91330600ma2dem000\u200b"]
)
def test_width_case_blanks_and_guard_make_no_difference(text: str) -> None:
    assert credit_code.normalise(text) == "91330600MA2DEM000"


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        (with_check("91330600MA2DEM001"), None),
        (with_check("N2330602MA2DEM001"), None),
        ("91330600MA2DEM001", "length"),
        ("", "length"),
        ("91330600MA2DEM0O1X", "alphabet"),
        ("91330600MA2DEMI01X", "alphabet"),
    ],
)
def test_problem_names_what_is_wrong(code: str, problem: str | None) -> None:
    assert credit_code.problem(code) == problem
    assert credit_code.is_valid(code) == (problem is None)


@given(bodies, st.integers(0, 16), st.sampled_from(ALPHABET))
def test_one_changed_sign_always_fails_the_check(body: str, place: int, sign: str) -> None:
    code = with_check(body)
    assert credit_code.is_valid(code)
    changed = code[:place] + sign + code[place + 1 :]
    assert credit_code.problem(changed) == (None if changed == code else "check_character")


@given(st.text(max_size=30))
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = credit_code.normalise(text)
    assert credit_code.normalise(once) == once
