"""Frozen versions of a plan and what was done with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm.accounts.models import User
from crm.audit.models import AuditEntry
from crm.database import db
from crm.domain.errors import RefusedError
from crm.support_plans.models import PlanVersion
from crm.support_plans.plan_text import (
    PlanText,
    from_document,
)


@dataclass(frozen=True)
class VersionLine:
    """One frozen version: who froze it, when."""

    version_no: int
    frozen_at: datetime
    frozen_by: str | None


def versions_of(plan_id: int) -> list[VersionLine]:
    """Frozen versions, newest first; the caller has checked the territory."""
    statement = (
        sa.select(PlanVersion.version_no, PlanVersion.frozen_at, User.display_name)
        .outerjoin(User, User.id == PlanVersion.frozen_by)
        .where(PlanVersion.plan_id == plan_id)
        .order_by(PlanVersion.version_no.desc())
    )
    return [VersionLine(*row) for row in db.session.execute(statement)]


def frozen_text(plan_id: int, version_no: int) -> PlanText:
    """The text of an approved version. Raises RefusedError(reason="version_unknown")."""
    document = db.session.scalar(
        sa.select(PlanVersion.document).where(
            PlanVersion.plan_id == plan_id, PlanVersion.version_no == version_no
        )
    )
    if document is None:
        raise RefusedError("version", "version_unknown")
    return from_document(document)


@dataclass(frozen=True)
class PlanEvent:
    """One line of a plan's history; note is the reason, the result or the measure concerned."""

    at: datetime
    who: str
    action: str
    note: str


def events_of(plan_id: int) -> list[PlanEvent]:
    """What was done with a plan, newest first; the caller has checked the territory."""
    statement = (
        sa.select(
            AuditEntry.at,
            sa.func.coalesce(User.display_name, AuditEntry.actor_name),
            AuditEntry.action,
            AuditEntry.after,
        )
        .outerjoin(User, User.id == AuditEntry.actor_id)
        .where(AuditEntry.subject_type == "support_plan", AuditEntry.subject_id == plan_id)
        .order_by(AuditEntry.id.desc())
        .limit(100)
    )
    return [
        PlanEvent(at, who, action, _note(after)) for at, who, action, after in db.session.execute(statement)
    ]


def _note(after: dict[str, Any] | None) -> str:
    values = after or {}
    return str(values.get("reason") or values.get("result") or values.get("title") or "")
