"""Submissions read: the list by keys, one, its bytes. Always those of the actor's territory subtree."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import undefer

from crm.accounts.models import User
from crm.database import db
from crm.domain.access import Actor
from crm.domain.errors import NotFoundError, RefusedError
from crm.domain.export_profiles import Profile, profiles
from crm.exports.models import Submission
from crm.territories.queries import TerritoryNode, tree

PAGE = 30
COMPARED_CHOICES = 60


def profile_named(name: str) -> Profile:
    """The profile of that name. Raises NotFoundError."""
    try:
        return profiles()[name]
    except KeyError as error:
        raise NotFoundError("export_profile", name) from error


def place_for(actor: Actor, code: str | None) -> TerritoryNode:
    """The territory of a code within the actor's own (None: the actor's own). Raises NotFoundError.

    A retired code answers with its successor.
    """
    if not code:
        own = tree().by_id[actor.territory_id]
        # The system acts from the root; where that has one city only, the file is that city's.
        while actor.everything and len(below := tree().children(own.id)) == 1:
            own = below[0]
        return own
    node = tree().by_code(code)
    if node is None or not (actor.everything or node.path.startswith(actor.territory_path)):
        raise NotFoundError("territory", code)
    return node


@dataclass(frozen=True)
class SubmissionRow:
    """One line of the list."""

    id: int
    profile: str
    on_date: date
    territory_id: int
    filename: str
    row_count: int
    byte_count: int
    problem_count: int
    purpose: str | None
    created_by_name: str
    created_at: datetime


@dataclass(frozen=True)
class SubmissionPage:
    """A page of submissions, the newest first; newer and older are ids to page by, None at an end."""

    rows: list[SubmissionRow]
    newer: int | None
    older: int | None


def _visible(actor: Actor) -> sa.ColumnElement[bool]:
    if actor.everything:
        return sa.true()
    return Submission.territory_id.in_(tree().subtree_ids(actor.territory_id))


_COLUMNS = (
    Submission.id, Submission.profile, Submission.on_date, Submission.territory_id, Submission.filename,
    Submission.row_count, Submission.byte_count, Submission.problem_count, Submission.purpose,
    sa.func.coalesce(User.display_name, Submission.created_by_name), Submission.created_at,
)  # fmt: skip


def submission_page(
    actor: Actor,
    *,
    profile: str | None = None,
    before: int | None = None,
    after: int | None = None,
    size: int = PAGE,
) -> SubmissionPage:
    """Submissions older than `before` or newer than `after`; one statement."""
    people = sa.outerjoin(Submission, User, User.id == Submission.created_by)
    statement = sa.select(*_COLUMNS).select_from(people).where(_visible(actor)).limit(size + 1)
    if profile:
        statement = statement.where(Submission.profile == profile)
    upward = after is not None and before is None
    if before is not None:
        statement = statement.where(Submission.id < before)
    elif after is not None:
        statement = statement.where(Submission.id > after)
    order = Submission.id if upward else Submission.id.desc()
    found = [SubmissionRow(*row) for row in db.session.execute(statement.order_by(order))]
    more, rows = len(found) > size, found[:size]
    if upward:
        rows = rows[::-1]
    has_newer = more if upward else before is not None
    has_older = True if upward else more
    return SubmissionPage(
        rows,
        newer=rows[0].id if rows and has_newer else None,
        older=rows[-1].id if rows and has_older else None,
    )


def submission_for(actor: Actor, submission_id: int, *, with_content: bool = False) -> Submission:
    """One submission of the actor's territory. Raises NotFoundError.

    with_content: its bytes too. Raises RefusedError submission_damaged where they are not those frozen.
    """
    statement = sa.select(Submission).where(Submission.id == submission_id, _visible(actor))
    if with_content:
        statement = statement.options(undefer(Submission.content))
    row: Submission | None = db.session.scalar(statement.execution_options(populate_existing=with_content))
    if row is None:
        raise NotFoundError("submission", submission_id)
    if with_content and hashlib.sha256(row.content).hexdigest() != row.sha256:
        raise RefusedError(None, "submission_damaged", id=row.id)
    return row


def made_by(submission: Submission) -> str:
    """Who made it, by the name people know; the sign-in name kept with it where the person is gone."""
    name = db.session.scalar(sa.select(User.display_name).where(User.id == submission.created_by))
    return name or submission.created_by_name


def comparable_with(actor: Actor, submission: Submission) -> list[Any]:
    """Other submissions of the same profile, the newest first: what this one can be compared with."""
    statement = (
        sa.select(Submission.id, Submission.on_date, Submission.territory_id, Submission.row_count)
        .where(Submission.profile == submission.profile, Submission.id != submission.id, _visible(actor))
        .order_by(Submission.id.desc())
        .limit(COMPARED_CHOICES)
    )
    return list(db.session.execute(statement))


def earlier_of(choices: list[Any], submission: Submission) -> int | None:
    """The one to compare with first: the last before it of the same territory, else the last before it."""
    before = [row for row in choices if row.id < submission.id]
    same = [row for row in before if row.territory_id == submission.territory_id]
    return (same or before)[0].id if before else None
