"""Reading of days and figures as people write them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from crm.domain.errors import RefusedError
from crm.domain.units import months_later, parse_date, parse_decimal, parse_wan

DATES = yaml.safe_load((Path(__file__).parent / "cases/units/dates.yaml").read_text("utf-8"))
days = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(("cell", "expected"), DATES, ids=repr)
def test_one_day_or_a_reason(cell: str | float, expected: date | str) -> None:
    if isinstance(expected, date):
        assert parse_date(cell) == expected
        return
    with pytest.raises(RefusedError) as refused:
        parse_date(cell, field="granted_on")
    assert (refused.value.reason, refused.value.field) == (expected, "granted_on")


@given(
    days,
    st.sampled_from(["{0.year}年{0.month}月{0.day}日", "{0.year}.{0.month}.{0.day}", "{0:%Y%m%d}", "{0}"]),
)
def test_every_day_survives_each_way_of_writing(day: date, form: str) -> None:
    assert parse_date(form.format(day)) == day


@given(st.dates(date(1930, 1, 1), date(2100, 12, 31)))
def test_day_numbers_of_both_epochs(day: date) -> None:
    assert parse_date((day - date(1899, 12, 30)).days) == day
    if (day - date(1904, 1, 1)).days > 9999:
        assert parse_date((day - date(1904, 1, 1)).days, epoch=1904) == day


def test_date_cells_pass_and_keep_the_range() -> None:
    assert parse_date(datetime(2024, 3, 5, 13, 20)) == date(2024, 3, 5)
    with pytest.raises(RefusedError):
        parse_date(date(9999, 12, 31))


@given(st.text(max_size=20))
def test_reading_a_date_answers_or_refuses(text: str) -> None:
    try:
        assert 1900 <= parse_date(text).year <= 2100
    except RefusedError as error:
        assert error.reason in {"date_ambiguous", "date_impossible", "date_unreadable"}


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("631.5000", "631.5"),
        ("1,234,567.8", "1234567.8"),
        ("１２．５", "12.5"),
        ("-3", "-3"),
        ("'007", "7"),
        (".5", "0.5"),
    ],
)
def test_figures_are_exact(text: str, figure: str) -> None:
    assert parse_decimal(text) == Decimal(figure)


@pytest.mark.parametrize("text", ["", "-", "12,34", "1.2.3", "nan", "Infinity", "5%", "十", "1_000", "3元"])
def test_what_is_no_figure_is_refused(text: str) -> None:
    with pytest.raises(RefusedError) as refused:
        parse_decimal(text)
    assert refused.value.reason == "number_unreadable"


@pytest.mark.parametrize(
    ("text", "wan"), [("500", "500"), ("500 万元", "500"), ("0.5亿", "5000"), ("1.2 亿元", "12000")]
)
def test_money_in_wan(text: str, wan: str) -> None:
    assert parse_wan(text) == Decimal(wan)


def test_plain_yuan_is_not_taken_for_wan() -> None:
    with pytest.raises(RefusedError):
        parse_wan("5000000元")


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 11, 30), 3, date(2024, 2, 29)),
        (date(2024, 12, 1), 1, date(2025, 1, 1)),
    ],
)
def test_months_end_on_the_same_number_or_the_last_day(day: date, months: int, later: date) -> None:
    assert months_later(day, months) == later


@given(st.dates(date(1900, 1, 1), date(2090, 1, 1)), st.integers(0, 100))
def test_more_months_never_come_earlier(day: date, months: int) -> None:
    assert months_later(day, months + 1) > months_later(day, months) - timedelta(days=1)
