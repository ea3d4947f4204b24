"""Record certifications: one from a form, thousands from a list, by the same rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from crm.audit import use_cases as audit
from crm.certifications.chain import LONGEST_GAP
from crm.certifications.grant_columns import (
    TEXT_LIMITS,
    number_columns,
    period_of,
    text_columns,
    tidied,
)
from crm.certifications.grant_input import GrantInput, GrantOutcome
from crm.certifications.labels import scheme_word
from crm.certifications.models import Certification
from crm.certifications.queries import certificate_for
from crm.certifications.recorded import GrantFirm, Recorded, firms_at_hand
from crm.certifications.use_cases.rungs import follow_up
from crm.clock import today as office_today
from crm.clock import utc_now
from crm.database import constraint_name, db, insert_with_ids, transaction
from crm.domain.access import Actor, Permission, require
from crm.domain.certification import (
    normalise_number,
    schemes,
)
from crm.domain.errors import CrmError, RefusedError
from crm.firms import use_cases as firms
from crm.firms.queries import firm_for
from crm.firms.use_cases.figures import add_many_search_keys

_CHUNK = 500


def record_certification(
    actor: Actor,
    firm_id: int,
    grant: GrantInput,
    *,
    today: date | None = None,
    action: str = "certification.record",
) -> GrantOutcome:
    """Record one grant; the outcome carries the new id and what a person should look at.

    A certificate of the same scheme that went before is renewed by it. The firm's rung and deadlines
    follow in the same transaction.
    Raises NotAllowedError; NotFoundError for a firm outside the actor's territory; RefusedError
    scheme_unknown, branch_cannot_hold_rung, firm_archived, number_taken (holder), number_recorded,
    grant_recorded, valid_to_before_grant, granted_after_number_year, too_long.
    Source: product page 3, 国科发火〔2016〕32号 第九条.
    """
    require(actor, Permission.CERTIFICATION_WRITE)
    firm_for(actor, firm_id)
    try:
        with transaction():
            outcome = _record(
                actor, [replace(grant, firm_id=firm_id)], today or office_today(), None, action, is_list=False
            )[0]
            if outcome.problem is not None:
                raise outcome.problem
    except IntegrityError as error:
        if constraint_name(error) == "uq_certifications_scheme_number_normal":
            raise RefusedError("number", "number_taken_elsewhere", number=grant.number) from error
        raise
    return outcome


def renew(
    actor: Actor, certification_id: int, grant: GrantInput, *, today: date | None = None
) -> GrantOutcome:
    """Record the certificate that takes the place of another of the same scheme.

    Raises RefusedError renewal_done, renewal_not_later, renewal_gap, and what record_certification raises.
    """
    require(actor, Permission.CERTIFICATION_WRITE)
    former = certificate_for(actor, certification_id)
    if db.session.scalar(sa.select(Certification.id).where(Certification.renews_id == former.id)):
        raise RefusedError(None, "renewal_done")
    if grant.granted_on <= former.granted_on:
        raise RefusedError("granted_on", "renewal_not_later", former=former.granted_on)
    if former.valid_to is not None and grant.granted_on > former.valid_to + LONGEST_GAP:
        raise RefusedError("granted_on", "renewal_gap", valid_to=former.valid_to)
    return record_certification(
        actor,
        former.firm_id,
        replace(grant, scheme=former.scheme),
        today=today,
        action="certification.renew",
    )


def record_many(
    actor: Actor, rows: Sequence[GrantInput], *, import_id: int | None = None, today: date | None = None
) -> list[GrantOutcome]:
    """Record the grants of a list, each with its firm_id; an outcome for each row, in order.

    A refused row is settled with its problem and stops none of the others. A number the firm already has
    is the same certificate: empty fields are filled, an earlier date of issue wins over a later one (lists
    bring the notice's date, certificates print an earlier one), a later one is only warned of.
    Raises NotAllowedError.
    """
    require(actor, Permission.CERTIFICATION_WRITE)
    with transaction():
        return _record(actor, rows, today or office_today(), import_id, "certification.record", is_list=True)


def _record(
    actor: Actor,
    rows: Sequence[GrantInput],
    today: date,
    import_id: int | None,
    action: str,
    *,
    is_list: bool,
) -> list[GrantOutcome]:
    outcomes = [GrantOutcome(tidied(row)) for row in rows]
    firm_rows = firms_at_hand(actor, {row.firm_id for row in rows if row.firm_id is not None})
    _refuse_twice_in_list(outcomes)
    known = Recorded(actor, firm_rows, outcomes)
    new: list[tuple[GrantOutcome, dict[str, Any]]] = []
    for outcome in outcomes:
        if outcome.problem is not None:
            continue
        try:
            values = _values(outcome, firm_rows, today)
            held = known.same(outcome.grant)
            if held is None:
                known.free_or_refuse(outcome.grant)
                new.append((outcome, {**values, "import_id": import_id}))
                known.add(outcome)
            elif held == "in this list":
                outcome.state = "same"
            elif is_list:
                assert isinstance(held, Certification)
                known.free_or_refuse(outcome.grant)
                _merge(outcome, held, values)
            else:
                _refuse_recorded(outcome.grant)
        except CrmError as error:
            outcome.refuse(error)
    _insert(new)
    _write_changed(outcomes)
    _trace(actor, outcomes, action, import_id)
    add_many_search_keys(
        "certificate",
        [(o.grant.firm_id or 0, o.grant.number, o.certification_id) for o, _ in new if o.grant.number],
    )
    touched = {o.grant.firm_id for o in outcomes if o.state in ("new", "changed") and o.grant.firm_id}
    if touched:
        follow_up(actor, touched, today)
    return outcomes


def _refuse_twice_in_list(outcomes: Iterable[GrantOutcome]) -> None:
    """One certificate standing twice in a list with different dates: a person must choose."""
    groups: dict[tuple[object, ...], list[GrantOutcome]] = defaultdict(list)
    for outcome in outcomes:
        row = outcome.grant
        same = normalise_number(row.number or "") or f"year {row.granted_on.year}"
        groups[row.firm_id, row.scheme, same].append(outcome)
    for group in groups.values():
        dates = {(o.grant.granted_on, o.grant.valid_to) for o in group}
        if len(dates) > 1:
            words = "、".join(sorted({o.grant.granted_on.isoformat() for o in group}))
            for outcome in group:
                outcome.refuse(RefusedError("granted_on", "grant_dates_differ", dates=words))


def _refuse_recorded(grant: GrantInput) -> None:
    if grant.number:
        raise RefusedError("number", "number_recorded", number=grant.number)
    raise RefusedError("granted_on", "grant_recorded", granted_on=grant.granted_on)


def _values(outcome: GrantOutcome, firm_rows: dict[int, GrantFirm], today: date) -> dict[str, Any]:
    """The row to write; raises RefusedError, adds warnings to the outcome."""
    grant = outcome.grant
    scheme = schemes().get(grant.scheme)
    if scheme is None:
        raise RefusedError("scheme", "scheme_unknown", text=grant.scheme)
    firm = firm_rows.get(grant.firm_id or 0)
    if firm is None:
        raise RefusedError(None, "firm_not_found")
    if firm.is_archived:
        raise RefusedError(None, "firm_archived")
    if firm.is_branch and scheme.rung is not None:
        raise RefusedError(
            "scheme", "branch_cannot_hold_rung", scheme=scheme_word(scheme.name), firm=firm.name
        )
    if grant.granted_on > today:
        outcome.warnings.append(RefusedError("granted_on", "granted_in_future", granted_on=grant.granted_on))
    period = period_of(scheme, grant, outcome.warnings)
    return {
        "firm_id": firm.id,
        "scheme": scheme.name,
        **number_columns(scheme, grant, outcome.warnings),
        "granted_on": grant.granted_on,
        "valid_from": period.valid_from,
        "valid_to": period.valid_to,
        "update_due": period.update_due,
        **text_columns(grant),
    }


def _merge(outcome: GrantOutcome, held: Certification, values: dict[str, Any]) -> None:
    """A list brings a certificate that is recorded already: same, or changed field by field."""
    outcome.certification_id = held.id
    new = dict(values)
    if values["granted_on"] > held.granted_on:
        outcome.warnings.append(
            RefusedError(
                "granted_on", "granted_on_conflict", stored=held.granted_on, given=values["granted_on"]
            )
        )
        for name in ("granted_on", "valid_from"):
            new.pop(name)
        if outcome.grant.valid_to is None:
            new.pop("valid_to"), new.pop("update_due")
    elif outcome.grant.valid_to is None and values["granted_on"] == held.granted_on:
        # An empty cell says nothing against the last day that was read from the paper.
        new.pop("valid_to"), new.pop("update_due")
    optional = {"number", "number_normal", *TEXT_LIMITS}
    changed = {
        name: value
        for name, value in new.items()
        if getattr(held, name) != value and not (name in optional and value is None)
    }
    if changed.get("number_normal", held.number_normal) == held.number_normal:
        changed.pop("number", None)  # another spelling of the same number
    if not changed:
        outcome.state = "same"
        return
    outcome.state = "changed"
    outcome.before = {name: getattr(held, name) for name in changed}
    outcome.after = changed


def _insert(new: list[tuple[GrantOutcome, dict[str, Any]]]) -> None:
    now = utc_now()
    table: sa.Table = Certification.__table__
    for start in range(0, len(new), _CHUNK):
        part = new[start : start + _CHUNK]
        rows = [{**values, "created_at": now, "version": 1} for _, values in part]
        ids = insert_with_ids(table, rows)
        for (outcome, values), certification_id in zip(part, ids, strict=True):
            outcome.certification_id = certification_id
            outcome.after = {
                name: value
                for name, value in values.items()
                if value is not None and name not in ("firm_id", "number_normal", "import_id")
            }


def _write_changed(outcomes: Iterable[GrantOutcome]) -> None:
    for outcome in outcomes:
        if outcome.state != "changed":
            continue
        row = db.session.get_one(Certification, outcome.certification_id)
        for name, value in outcome.after.items():
            setattr(row, name, value)
        if outcome.after.get("number"):
            firms.remove_search_keys("certificate", row.id)
            firms.add_search_keys(row.firm_id, "certificate", outcome.after["number"], row.id)
        for shown in (outcome.before, outcome.after):
            shown.pop("number_normal", None)
    db.session.flush()


def _trace(actor: Actor, outcomes: Iterable[GrantOutcome], action: str, import_id: int | None) -> None:
    batch = f"import:{import_id}" if import_id is not None else None
    for state, name in (("new", action), ("changed", "certification.correct")):
        rows: list[tuple[int | None, int | None, dict[str, Any] | None, dict[str, Any] | None]] = [
            (o.certification_id, o.grant.firm_id, _named(o, o.before) or None, _named(o, o.after))
            for o in outcomes
            if o.state == state
        ]
        audit.record_many(actor, name, rows, subject_type="certification", batch=batch)


def _named(outcome: GrantOutcome, values: dict[str, Any]) -> dict[str, Any]:
    """What the sentence of the trace needs beside the changed fields: which certificate it is."""
    return {"scheme": outcome.grant.scheme, "number": outcome.grant.number, **values} if values else {}
