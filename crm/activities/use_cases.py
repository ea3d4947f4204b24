"""Log a service, correct one's own record, tick off its next step."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from crm.activities.labels import KINDS
from crm.activities.models import Activity
from crm.activities.queries import activity_for
from crm.audit import use_cases as audit
from crm.clock import today, utc_now
from crm.database import constraint_name, db, transaction
from crm.domain.access import Actor, Permission, require
from crm.domain.errors import ChangedMeanwhileError, RefusedError
from crm.firms.queries import firm_for
from crm.firms.use_cases import note_activity

LEAST_WORDS = 4
MOST_MINUTES = 14 * 24 * 60
FIRST_DAY = date(2000, 1, 1)


@dataclass(frozen=True)
class ActivityInput:
    """What a person says of a service; minutes: how long it took."""

    kind: str
    happened_on: date
    summary: str
    minutes: int | None = None
    firm_people: str | None = None
    next_step: str | None = None
    next_step_due: date | None = None


def log_activity(actor: Actor, firm_id: int, said: ActivityInput, *, form_key: str | None = None) -> Activity:
    """Record a service for a firm of the actor's territory.

    form_key: made with the form; the same form sent twice answers the record it made the first time.
    Raises RefusedError on kind, happened_on, minutes, summary, next_step or next_step_due.
    """
    require(actor, Permission.ACTIVITY_WRITE)
    clean = _checked(said, today())
    try:
        with transaction():
            firm = firm_for(actor, firm_id)
            known = _by_key(actor, firm_id, form_key)
            if known is not None:
                return known
            if firm.is_archived:
                raise RefusedError(None, "activity_firm_archived")
            row = Activity(
                firm_id=firm_id,
                user_id=actor.user_id,
                form_key=form_key,
                created_at=utc_now(),
                **asdict(clean),
            )
            db.session.add(row)
            db.session.flush()
            note_activity(firm_id, clean.happened_on)
            _record(actor, "activity.record", row, None, _values(clean))
        return row
    except IntegrityError as error:
        # The other sending of the same form was faster by a moment: its record is the answer.
        if constraint_name(error) != "uq_activities_form_key":
            raise
        known = _by_key(actor, firm_id, form_key)
        if known is None:
            raise
        return known


def _by_key(actor: Actor, firm_id: int, form_key: str | None) -> Activity | None:
    if form_key is None:
        return None
    return db.session.scalar(
        sa.select(Activity).where(
            Activity.form_key == form_key, Activity.firm_id == firm_id, Activity.user_id == actor.user_id
        )
    )


def correct_activity(actor: Actor, activity_id: int, said: ActivityInput, *, version: int) -> Activity:
    """Correct one's own record. Raises RefusedError(reason="activity_not_own"), ChangedMeanwhileError."""
    require(actor, Permission.ACTIVITY_WRITE)
    clean = _checked(said, today())
    try:
        with transaction():
            row = activity_for(actor, activity_id)
            if row.user_id != actor.user_id:
                raise RefusedError(None, "activity_not_own")
            if row.version != version:
                raise ChangedMeanwhileError("activity", activity_id)
            new = asdict(clean)
            changed = {name: value for name, value in new.items() if getattr(row, name) != value}
            if not changed:
                return row
            before = {name: _plain(getattr(row, name)) for name in changed}
            if "next_step" in changed and row.next_step_done_on is not None:
                # Another step was written: the tick belonged to the old one.
                row.next_step_done_on = None
            for name, value in changed.items():
                setattr(row, name, value)
            note_activity(row.firm_id, row.happened_on)
            _record(actor, "activity.update", row, before, {k: _plain(v) for k, v in changed.items()})
    except StaleDataError as error:
        raise ChangedMeanwhileError("activity", activity_id) from error
    return row


def finish_next_step(actor: Actor, activity_id: int, on: date) -> Activity:
    """Tick off the next step; everybody who may write in the territory may. Twice is once.

    Raises RefusedError(reason="activity_no_step") where there is none.
    """
    require(actor, Permission.ACTIVITY_WRITE)
    with transaction():
        row = activity_for(actor, activity_id)
        if row.next_step is None:
            raise RefusedError(None, "activity_no_step")
        if row.next_step_done_on is None:
            row.next_step_done_on = on
            after = {"next_step": row.next_step, "next_step_done_on": on.isoformat()}
            _record(actor, "activity.step_done", row, {"next_step_done_on": None}, after)
    return row


def _checked(said: ActivityInput, on: date) -> ActivityInput:
    """The input with its texts trimmed; raises RefusedError where it cannot stand."""
    clean = ActivityInput(
        said.kind,
        said.happened_on,
        said.summary.strip(),
        said.minutes,
        (said.firm_people or "").strip() or None,
        (said.next_step or "").strip() or None,
        said.next_step_due,
    )
    if clean.kind not in KINDS:
        raise RefusedError("kind", "activity_kind")
    if clean.happened_on > on:
        raise RefusedError("happened_on", "activity_in_future")
    if clean.happened_on < FIRST_DAY:
        raise RefusedError("happened_on", "activity_too_old", first=FIRST_DAY)
    if len(clean.summary) < LEAST_WORDS:
        raise RefusedError("summary", "activity_summary_short", least=LEAST_WORDS)
    if clean.minutes is not None and not 1 <= clean.minutes <= MOST_MINUTES:
        raise RefusedError("minutes", "activity_minutes", most=MOST_MINUTES)
    if clean.next_step and clean.next_step_due is None:
        raise RefusedError("next_step_due", "activity_step_without_day")
    if clean.next_step_due and clean.next_step is None:
        raise RefusedError("next_step", "activity_day_without_step")
    if clean.next_step_due and clean.next_step_due < clean.happened_on:
        raise RefusedError("next_step_due", "activity_step_before")
    return clean


def _values(said: ActivityInput) -> dict[str, Any]:
    return {name: _plain(value) for name, value in asdict(said).items() if value is not None}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _record(
    actor: Actor, action: str, row: Activity, before: dict[str, Any] | None, after: dict[str, Any]
) -> None:
    audit.record(
        actor,
        action,
        subject_type="activity",
        subject_id=row.id,
        firm_id=row.firm_id,
        before=before,
        after=after,
    )
