"""From what is said of a grant to the columns of its row: number, last day, free texts."""

from __future__ import annotations

from dataclasses import replace

from flask import current_app

from crm.certifications.grant_input import GrantInput
from crm.domain.certification import ValidityPeriod, normalise_number, number_problem, validity
from crm.domain.errors import RefusedError
from crm.domain.scheme import Scheme

NUMBER_MOST = 60
TEXT_LIMITS = {"cohort": 60, "authority": 100, "note": 2000}


def tidied(row: GrantInput) -> GrantInput:
    """Blanks trimmed, empty texts None."""
    number = " ".join((row.number or "").split()) or None
    cohort, authority = (" ".join((text or "").split()) or None for text in (row.cohort, row.authority))
    return replace(
        row, number=number, cohort=cohort, authority=authority, note=(row.note or "").strip() or None
    )


def number_columns(scheme: Scheme, grant: GrantInput, warnings: list[RefusedError]) -> dict[str, str | None]:
    """The number as printed and as compared; an unusual one is kept and warned of."""
    number = grant.number
    if number and len(number) > NUMBER_MOST:
        raise RefusedError("number", "too_long", most=NUMBER_MOST)
    problem = number_problem(scheme, number, grant.granted_on)
    if problem == "number_format":
        warnings.append(RefusedError("number", problem, number=number, example=scheme.number_example or ""))
    elif problem:
        warnings.append(RefusedError("number", problem, number=number, granted_on=grant.granted_on))
    return {"number": number, "number_normal": normalise_number(number or "") or None}


def text_columns(grant: GrantInput) -> dict[str, str | None]:
    """Cohort, authority, note. Raises RefusedError too_long."""
    for name, most in TEXT_LIMITS.items():
        if len(getattr(grant, name) or "") > most:
            raise RefusedError(name, "too_long", most=most)
    return {name: getattr(grant, name) for name in TEXT_LIMITS}


def period_of(scheme: Scheme, grant: GrantInput, warnings: list[RefusedError]) -> ValidityPeriod:
    """First and last day in force: as printed where given, else by the scheme's rule.

    Raises RefusedError valid_to_before_grant, granted_after_number_year.
    """
    minus_one_day = current_app.config["CRM"].certificate_minus_one_day
    period = validity(scheme, grant.granted_on, grant.number, minus_one_day=minus_one_day)
    given = grant.valid_to
    if given is None or given == period.valid_to:
        return period
    if given < grant.granted_on:
        raise RefusedError("valid_to", "valid_to_before_grant", valid_to=given, granted_on=grant.granted_on)
    if given == period.update_due:
        # The usual slip: the last day for the update is no last day in force (国科火字〔2019〕87号).
        warnings.append(
            RefusedError("valid_to", "valid_to_is_update_due", valid_to=given, expected=period.valid_to)
        )
        return period
    if period.valid_to is not None:
        warnings.append(
            RefusedError("valid_to", "valid_to_differs", valid_to=given, expected=period.valid_to)
        )
    return replace(period, valid_to=given)
