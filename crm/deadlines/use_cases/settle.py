"""A person settles a deadline: done with date and evidence, waived with a reason, opened again."""

from __future__ import annotations

from datetime import date

from crm.audit import use_cases as audit
from crm.clock import today as office_today
from crm.clock import utc_now
from crm.database import transaction
from crm.deadlines.labels import STATE_WORDS
from crm.deadlines.models import Deadline
from crm.deadlines.queries import deadline_for
from crm.deadlines.use_cases.refresh import refresh_next_due
from crm.domain.access import Actor, Permission, require
from crm.domain.errors import ChangedMeanwhileError, RefusedError

TEXT_MOST = 300


def settle_done(
    actor: Actor,
    deadline_id: int,
    *,
    done_on: date,
    evidence: str,
    version: int | None = None,
    today: date | None = None,
) -> Deadline:
    """Mark as done. evidence: what shows it (number of a paper, who said so), required.

    Raises RefusedError deadline_not_open, done_in_future, evidence_required, too_long;
    ChangedMeanwhileError where version is not the stored one.
    """
    if done_on > (today or office_today()):
        raise RefusedError("done_on", "done_in_future", done_on=done_on)
    text = _text(evidence, "evidence", "evidence_required")
    return _settle(actor, deadline_id, version, "done", done_on=done_on, evidence=text)


def waive(actor: Actor, deadline_id: int, *, reason: str, version: int | None = None) -> Deadline:
    """Excuse from it. Raises RefusedError deadline_not_open, waive_reason_required, too_long."""
    text = _text(reason, "reason", "waive_reason_required")
    return _settle(actor, deadline_id, version, "waived", reason=text)


def reopen(actor: Actor, deadline_id: int, *, version: int | None = None) -> Deadline:
    """Take a settlement back. Raises RefusedError deadline_is_open, deadline_closed (its source ended)."""
    require(actor, Permission.DEADLINE_SETTLE)
    with transaction():
        row = _locked(actor, deadline_id, version)
        if row.state == "open":
            raise RefusedError(None, "deadline_is_open")
        if row.state == "closed":
            raise RefusedError(None, "deadline_closed")
        before = _facts(row)
        row.state = "open"
        row.done_on = row.evidence = row.reason = row.settled_by = row.settled_at = None
        _finish(actor, row, "deadline.reopen", before)
    return row


def _settle(
    actor: Actor,
    deadline_id: int,
    version: int | None,
    state: str,
    *,
    done_on: date | None = None,
    evidence: str | None = None,
    reason: str | None = None,
) -> Deadline:
    require(actor, Permission.DEADLINE_SETTLE)
    with transaction():
        row = _locked(actor, deadline_id, version)
        if row.state != "open":
            raise RefusedError(None, "deadline_not_open", state=STATE_WORDS[row.state])
        before = _facts(row)
        row.state, row.done_on, row.evidence, row.reason = state, done_on, evidence, reason
        row.settled_by, row.settled_at = actor.user_id, utc_now()
        _finish(actor, row, "deadline.done" if state == "done" else "deadline.waive", before)
    return row


def _locked(actor: Actor, deadline_id: int, version: int | None) -> Deadline:
    row = deadline_for(actor, deadline_id, lock=True)
    if version is not None and row.version != version:
        raise ChangedMeanwhileError("deadline", deadline_id)
    return row


def _finish(actor: Actor, row: Deadline, action: str, before: dict[str, object]) -> None:
    audit.record(
        actor,
        action,
        subject_type="deadline",
        subject_id=row.id,
        firm_id=row.firm_id,
        before=before,
        after=_facts(row),
    )
    refresh_next_due([row.firm_id])


def _facts(row: Deadline) -> dict[str, object]:
    """What the trace keeps; empty fields are left out."""
    facts = {
        "kind": row.kind,
        "due_on": row.due_on,
        "state": row.state,
        "done_on": row.done_on,
        "evidence": row.evidence,
        "reason": row.reason,
    }
    return {key: value for key, value in facts.items() if value is not None}


def _text(text: str, field: str, reason: str) -> str:
    plain = " ".join((text or "").split())
    if not plain:
        raise RefusedError(field, reason)
    if len(plain) > TEXT_MOST:
        raise RefusedError(field, "too_long", most=TEXT_MOST)
    return plain
