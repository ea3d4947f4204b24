"""Certifications for tests, recorded the way the product records them."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

from crm.certifications import use_cases
from crm.certifications.grant_input import GrantInput
from crm.certifications.models import Certification
from crm.database import db
from crm.domain.access import Actor

_SERIALS = count(1)


def hnte_number(year: int = 2023) -> str:
    """An invented number of the right form."""
    return f"GR{year}33{next(_SERIALS):06d}"


def make_certification(
    actor: Actor,
    firm_id: int,
    *,
    scheme: str = "hnte",
    granted_on: date = date(2023, 12, 8),
    number: str | None = "",
    today: date = date(2026, 11, 25),
    **values: Any,
) -> Certification:
    """An HNTE certificate of 2023. number: "" invents one for hnte, None leaves it out."""
    if number == "":
        number = hnte_number(granted_on.year) if scheme == "hnte" else None
    grant = GrantInput(scheme=scheme, granted_on=granted_on, number=number, **values)
    outcome = use_cases.record_certification(actor, firm_id, grant, today=today)
    return db.session.get_one(Certification, outcome.certification_id)
