"""Firms for tests, made the way the product makes them."""

from __future__ import annotations

from itertools import count
from typing import Any

from crm.domain import credit_code
from crm.domain.access import Actor
from crm.firms import use_cases
from crm.firms.models import Firm
from crm.territories.queries import tree

_NUMBERS = count(1)


def valid_code(number: int) -> str:
    """An invented code of the right form (the registration digits stand for no office)."""
    stem = f"91330699MA{number:07d}"
    return next(stem + last for last in sorted(credit_code.ALPHABET) if credit_code.is_valid(stem + last))


def make_firm(
    actor: Actor,
    *,
    name: str | None = None,
    code: str | None = "",
    district: str = "330603",
    township: str | None = None,
    **values: Any,
) -> Firm:
    """A firm in 柯桥区 unless said otherwise. code: "" invents a valid one, None leaves it out."""
    number = next(_NUMBERS)
    territories = tree()
    place = territories.by_code(township) if township else None
    county = territories.by_code(district)
    assert county is not None
    return use_cases.create_firm(
        actor,
        {
            "name": name or f"演示企业{number}有限公司",
            "code": valid_code(number) if code == "" else code,
            "district_id": county.id,
            "township_id": place.id if place else None,
            **values,
        },
    )
