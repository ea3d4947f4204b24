"""Correct, revoke and restore a certification."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy.orm.exc import StaleDataError

from crm.audit import use_cases as audit
from crm.certifications.grant_columns import number_columns, period_of, text_columns, tidied
from crm.certifications.grant_input import GrantInput, GrantOutcome
from crm.certifications.models import Certification
from crm.certifications.queries import certificate_for
from crm.certifications.recorded import holder_of
from crm.certifications.use_cases.rungs import follow_up
from crm.clock import today as office_today
from crm.database import db, transaction
from crm.domain.access import Actor, Permission, require
from crm.domain.certification import normalise_number, schemes
from crm.domain.errors import ChangedMeanwhileError, RefusedError
from crm.firms import use_cases as firms

REASON_MOST = 300


def correct(
    actor: Actor, certification_id: int, grant: GrantInput, *, version: int, today: date | None = None
) -> GrantOutcome:
    """Replace what is recorded of a certificate by what it says; the scheme stays.

    Raises ChangedMeanwhileError where somebody else saved first; RefusedError number_taken,
    number_recorded, valid_to_before_grant, granted_after_number_year, too_long.
    """
    require(actor, Permission.CERTIFICATION_WRITE)
    with transaction():
        row = _current(actor, certification_id, version)
        scheme = schemes()[row.scheme]
        outcome = GrantOutcome(tidied(replace(grant, scheme=row.scheme, firm_id=row.firm_id)))
        number = outcome.grant.number
        period = period_of(scheme, outcome.grant, outcome.warnings)
        _refuse_taken(actor, row, number)
        new = {
            **number_columns(scheme, outcome.grant, outcome.warnings),
            "granted_on": grant.granted_on,
            "valid_from": period.valid_from,
            "valid_to": period.valid_to,
            "update_due": period.update_due,
            **text_columns(outcome.grant),
        }
        changed = {name: value for name, value in new.items() if getattr(row, name) != value}
        outcome.certification_id, outcome.state = row.id, "changed" if changed else "same"
        if not changed:
            return outcome
        outcome.before = {name: getattr(row, name) for name in changed if name != "number_normal"}
        outcome.after = {name: value for name, value in changed.items() if name != "number_normal"}
        _save(row, changed)
        if "number_normal" in changed:
            firms.remove_search_keys("certificate", row.id)
            if number:
                firms.add_search_keys(row.firm_id, "certificate", number, row.id)
        _record(actor, "certification.correct", row, outcome.before, outcome.after)
        follow_up(actor, [row.firm_id], today or office_today())
    return outcome


def revoke(
    actor: Actor,
    certification_id: int,
    *,
    from_: date,
    reason: str,
    version: int,
    today: date | None = None,
) -> Certification:
    """End a certificate before its time: from_ is the first day it no longer holds.

    Its open deadlines from that day on close, the rung follows.
    Raises RefusedError revoked_already, revoked_before_start, revoked_after_end, required, too_long.
    Source: 国科发火〔2016〕32号 第十九条 (effect from the year of the act).
    """
    require(actor, Permission.CERTIFICATION_WRITE)
    text = " ".join(reason.split())
    if not text:
        raise RefusedError("reason", "required")
    if len(text) > REASON_MOST:
        raise RefusedError("reason", "too_long", most=REASON_MOST)
    with transaction():
        row = _current(actor, certification_id, version)
        if row.revoked_from is not None:
            raise RefusedError(None, "revoked_already")
        if from_ < row.valid_from:
            raise RefusedError("revoked_from", "revoked_before_start", valid_from=row.valid_from)
        if row.valid_to is not None and from_ > row.valid_to:
            raise RefusedError("revoked_from", "revoked_after_end", valid_to=row.valid_to)
        _save(row, {"revoked_from": from_, "revoke_reason": text})
        _record(actor, "certification.revoke", row, {}, {"revoked_from": from_, "revoke_reason": text})
        follow_up(actor, [row.firm_id], today or office_today())
    return row


def restore(actor: Actor, certification_id: int, *, version: int, today: date | None = None) -> Certification:
    """Take a revocation back that was entered by mistake. Raises RefusedError not_revoked."""
    require(actor, Permission.CERTIFICATION_WRITE)
    with transaction():
        row = _current(actor, certification_id, version)
        if row.revoked_from is None:
            raise RefusedError(None, "not_revoked")
        before = {"revoked_from": row.revoked_from, "revoke_reason": row.revoke_reason}
        _save(row, {"revoked_from": None, "revoke_reason": None})
        _record(actor, "certification.restore", row, before, {"revoked_from": None})
        follow_up(actor, [row.firm_id], today or office_today())
    return row


def _current(actor: Actor, certification_id: int, version: int) -> Certification:
    row = certificate_for(actor, certification_id)
    db.session.refresh(row)
    if row.version != version:
        raise ChangedMeanwhileError("certification", certification_id)
    return row


def _save(row: Certification, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    try:
        db.session.flush()
    except StaleDataError as error:
        raise ChangedMeanwhileError("certification", row.id) from error


def _record(
    actor: Actor, action: str, row: Certification, before: dict[str, Any], after: dict[str, Any]
) -> None:
    named = {"scheme": row.scheme, "number": row.number}
    audit.record(
        actor,
        action,
        subject_type="certification",
        subject_id=row.id,
        firm_id=row.firm_id,
        before={**named, **before} if before else None,
        after={**named, **after},
    )


def _refuse_taken(actor: Actor, row: Certification, number: str | None) -> None:
    normal = normalise_number(number or "")
    if not normal:
        return
    held = holder_of(actor, row.scheme, normal, apart_from=row.id)
    if held is None:
        return
    if held.firm_id == row.firm_id:
        raise RefusedError("number", "number_recorded", number=number)
    if held.within:
        raise RefusedError("number", "number_taken", number=number, holder=held.name)
    raise RefusedError("number", "number_taken_elsewhere", number=number)
