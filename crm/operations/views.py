"""State of the system for the administrator; health check for the machine."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, render_template
from sqlalchemy.exc import SQLAlchemyError

from crm.celery_app import SCHEDULE
from crm.database import db
from crm.domain.access import Permission
from crm.operations import use_cases
from crm.operations.models import TaskRun
from crm.web.signed_in import needs, public

blueprint = Blueprint("operations", __name__)


@blueprint.get("/healthz")
@public
def health() -> Any:
    """200 while the web process reaches its database; says nothing else to strangers."""
    try:
        db.session.execute(sa.text("SELECT 1"))
    except SQLAlchemyError:
        return {"ok": False}, 503
    return {"ok": True}


@blueprint.get("/system")
@needs(Permission.SYSTEM_ADMIN)
def index() -> Any:
    """What the doctor sees, and the last run of each periodic task."""
    known = {run.name: run for run in db.session.scalars(sa.select(TaskRun))}
    # A task notes its run under the schedule's words or under its own name.
    runs = {name: known.get(name) or known.get(task) for name, (task, _) in SCHEDULE.items()}
    return render_template("operations/index.html", checks=use_cases.examine(), runs=runs, schedule=SCHEDULE)
