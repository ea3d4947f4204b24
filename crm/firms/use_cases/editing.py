"""Change a firm, archive it, bring it back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from crm.audit.use_cases import record
from crm.clock import today, utc_now
from crm.database import constraint_name, db, transaction
from crm.domain.access import Actor, Permission, require
from crm.domain.errors import ChangedMeanwhileError, RefusedError
from crm.firms import search_index, tallies
from crm.firms.models import Firm
from crm.firms.queries import firm_for
from crm.firms.use_cases.checking import EDITABLE, checked, keep_former


def edit_firm(
    actor: Actor,
    firm_id: int,
    *,
    version: int,
    values: Mapping[str, Any],
    seen: Mapping[str, Any] | None = None,
    renamed_on: date | None = None,
    is_correction: bool = False,
) -> Firm:
    """Change columns of a firm. version, seen: the record as it was when editing began.

    renamed_on: day of a change of name; the old name stays as a former one and finds the firm.
    is_correction: the old name was a slip of the pen and is not kept.
    Raises ChangedMeanwhileError where somebody else saved first, RefusedError on the field at fault.
    """
    require(actor, Permission.FIRM_WRITE)
    try:
        with transaction():
            firm = firm_for(actor, firm_id)
            if firm.version != version:
                raise ChangedMeanwhileError("firm", firm_id, _differences(firm, seen or {}))
            if firm.is_archived:
                raise RefusedError(None, "firm_archived")
            columns = checked(actor, values, firm)
            before = {key: getattr(firm, key) for key, new in columns.items() if getattr(firm, key) != new}
            if not before:
                return firm
            counted = tallies.tally_of(firm)
            if "name_normal" in before and not is_correction:
                _keep_name(firm, renamed_on)
            for key in before:
                setattr(firm, key, columns[key])
            firm.updated_at = utc_now()
            db.session.flush()
            if before.keys() & {"name_normal", "code"}:
                search_index.delete_keys(firm.id, ("name", "initials", "code"))
                search_index.insert_keys(search_index.keys_of_firm(firm.id, firm.name, firm.code))
            if tallies.tally_of(firm) != counted:
                tallies.moved(counted, tallies.tally_of(firm))
            shown = {key: value for key, value in before.items() if key in EDITABLE}
            record(
                actor,
                "firm.rename" if "name_normal" in before else "firm.update",
                subject_type="firm",
                subject_id=firm.id,
                firm_id=firm.id,
                before=shown,
                after={key: columns[key] for key in shown},
            )
            if "is_branch" in before:
                _follow_up(actor, firm.id)
    except StaleDataError as error:
        raise ChangedMeanwhileError("firm", firm_id) from error
    except IntegrityError as error:
        if constraint_name(error) == "uq_firms_code":
            raise RefusedError("code", "code_taken_elsewhere") from error
        raise
    return firm


def _keep_name(firm: Firm, renamed_on: date | None) -> None:
    former = keep_former(firm, renamed_on)
    if former is not None:
        search_index.insert_keys(search_index.keys_for(firm.id, "former", firm.name))


def _differences(firm: Firm, seen: Mapping[str, Any]) -> dict[str, tuple[object, object]]:
    """Fields somebody else changed: what was shown when editing began, what is stored now."""
    return {key: (shown, getattr(firm, key)) for key, shown in seen.items() if getattr(firm, key) != shown}


def _follow_up(actor: Actor, firm_id: int) -> None:
    """What hangs on a firm as a whole: a branch holds no rung, an archived firm owes nothing."""
    # Inside the function: certifications and deadlines call this feature with every change of theirs.
    from crm.certifications.use_cases.rungs import follow_up

    follow_up(actor, [firm_id], today())


def archive_firm(actor: Actor, firm_id: int, *, reason: str) -> Firm:
    """Take a firm out of lists, counts and reminders; it stays readable. Raises RefusedError."""
    require(actor, Permission.FIRM_WRITE)
    reason = reason.strip()
    with transaction():
        firm = firm_for(actor, firm_id)
        if not reason:
            raise RefusedError("reason", "required")
        if len(reason) > 200:
            raise RefusedError("reason", "too_long", most=200)
        if firm.is_archived:
            return firm
        _set_archived(actor, firm, archived_on=today(), reason=reason, action="firm.archive")
    return firm


def restore_firm(actor: Actor, firm_id: int, *, reason: str) -> Firm:
    """Bring an archived firm back. Raises RefusedError."""
    require(actor, Permission.FIRM_WRITE)
    with transaction():
        firm = firm_for(actor, firm_id)
        if not reason.strip():
            raise RefusedError("reason", "required")
        if not firm.is_archived:
            return firm
        _set_archived(actor, firm, archived_on=None, reason=reason.strip()[:200], action="firm.restore")
    return firm


def _set_archived(actor: Actor, firm: Firm, *, archived_on: date | None, reason: str, action: str) -> None:
    counted = tallies.tally_of(firm)
    firm.is_archived = archived_on is not None
    firm.archived_on = archived_on
    firm.archive_reason = reason if firm.is_archived else None
    firm.updated_at = utc_now()
    db.session.flush()
    tallies.moved(counted, tallies.tally_of(firm))
    record(
        actor,
        action,
        subject_type="firm",
        subject_id=firm.id,
        firm_id=firm.id,
        after={"reason": reason},
    )
    _follow_up(actor, firm.id)
