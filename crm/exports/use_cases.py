"""Check a profile; write its file and freeze it; note who was refused."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

from crm.audit import use_cases as audit
from crm.clock import utc_now
from crm.database import db, transaction
from crm.domain.access import Actor, Permission, may
from crm.domain.errors import NotAllowedError, NotFoundError, RefusedError
from crm.domain.export_profiles import render
from crm.exports.checking import Checked, FoundProblem, checked, groups_of
from crm.exports.models import Submission
from crm.exports.queries import place_for, profile_named
from crm.territories.queries import TerritoryNode

PURPOSE_LEAST = 2
PURPOSE_MOST = 200
# A submission keeps this many problems in full and the count of each kind; the rows themselves are all there.
PROBLEMS_KEPT = 2000


def check(actor: Actor, profile_name: str, on: date, territory: str | None = None) -> Checked:
    """Rows of the profile on that day and their problems, each with the firm it concerns.

    territory: code within the actor's own; None is the actor's own.
    Raises NotFoundError for an unknown profile or territory, NotAllowedError.
    """
    _allow(actor, Permission.EXPORT_READ, profile_name)
    profile = profile_named(profile_name)
    place = _place(actor, territory, profile_name)
    return checked(actor, profile, on, place.id)


@dataclass(frozen=True)
class Written:
    """A frozen submission and what was wrong with its rows when it was written."""

    submission: Submission
    content: bytes
    problems: tuple[FoundProblem, ...]


def write(
    actor: Actor,
    profile_name: str,
    on: date,
    *,
    territory: str | None = None,
    purpose: str = "",
    problems_seen: int | None = None,
) -> Written:
    """Make the file and freeze it as a submission: bytes, SHA-256, rows, who, when, for what.

    problems_seen: how many problems the person has looked at. Where the rows have another number by now the
    file is not made: RefusedError export_problems_unseen. None: nobody can look (the command line says the
    count and ends with status 1).
    Raises RefusedError export_purpose, export_empty, not_encodable.
    """
    _allow(actor, Permission.EXPORT_WRITE, profile_name)
    profile = profile_named(profile_name)
    place = _place(actor, territory, profile_name)
    purpose = " ".join(purpose.split())
    if len(purpose) < PURPOSE_LEAST:
        raise RefusedError("purpose", "export_purpose", least=PURPOSE_LEAST)
    if len(purpose) > PURPOSE_MOST:
        raise RefusedError("purpose", "too_long", most=PURPOSE_MOST)
    result = checked(actor, profile, on, place.id)
    if not result.rows:
        raise RefusedError(None, "export_empty")
    if result.problems and problems_seen is not None and problems_seen != len(result.problems):
        raise RefusedError("problems_seen", "export_problems_unseen", count=len(result.problems))
    content = render(profile, result.rows)
    submission = Submission(
        profile=profile.name,
        on_date=on,
        territory_id=place.id,
        filename=f"{profile.zh}_{place.name}_{on.isoformat()}.csv",
        encoding=profile.encoding,
        row_count=len(result.rows),
        byte_count=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        problems=_problem_document(result.problems),
        problem_count=len(result.problems),
        purpose=purpose,
        created_by=actor.user_id,
        created_by_name=actor.name,
        created_at=utc_now(),
    )
    with transaction():
        db.session.add(submission)
        db.session.flush()
        audit.record(
            actor,
            "export.write",
            subject_type="submission",
            subject_id=submission.id,
            after={
                "profile": profile.name,
                "on_date": on,
                "territory": place.code,
                "row_count": submission.row_count,
                "problem_count": submission.problem_count,
                "sha256": submission.sha256,
                "purpose": purpose,
            },
        )
    return Written(submission, content, result.problems)


def _problem_document(problems: tuple[FoundProblem, ...]) -> dict[str, Any]:
    return {
        "groups": [[g.header, g.reason, g.count] for g in groups_of(problems)],
        "first": [
            {
                "firm_id": p.firm_id,
                "firm": p.firm,
                "code": p.code,
                "header": p.header,
                "reason": p.reason,
                "values": dict(p.values),
            }
            for p in problems[:PROBLEMS_KEPT]
        ],
    }


def note_refused(actor: Actor, permission: str, what: str) -> None:
    """Keep that somebody tried to get data out without the right to it. what: profile or address."""
    with transaction():
        audit.record(
            actor,
            "export.refused",
            subject_type="export",
            subject_id=None,
            after={"permission": permission, "what": what[:200]},
        )


def _allow(actor: Actor, permission: Permission, what: str) -> None:
    if not may(actor, permission):
        note_refused(actor, permission.value, what)
        raise NotAllowedError(permission.value)


def _place(actor: Actor, territory: str | None, what: str) -> TerritoryNode:
    try:
        return place_for(actor, territory)
    except NotFoundError:
        note_refused(actor, "territory", f"{what} {territory}")
        raise
