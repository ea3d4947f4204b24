"""Take a plan for writing: within the territory, locked, and still as the person saw it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from crm.database import db, transaction
from crm.domain.access import Actor
from crm.domain.errors import ChangedMeanwhileError
from crm.support_plans.models import SupportPlan
from crm.support_plans.queries import plan_locked


@contextmanager
def plan_to_change(actor: Actor, plan_id: int, version: int | None) -> Iterator[SupportPlan]:
    """One transaction on one plan; its version moves on even where only a goal or a measure changed.

    version: as the person saw it; None where nobody looked (demo data, the command line).
    Raises NotFoundError outside the territory, ChangedMeanwhileError where somebody saved before.
    """
    try:
        with transaction():
            plan = plan_locked(actor, plan_id)
            if version is not None and plan.version != version:
                raise ChangedMeanwhileError("support_plan", plan_id)
            yield plan
            flag_modified(plan, "state")
            db.session.flush()
    except StaleDataError as error:
        raise ChangedMeanwhileError("support_plan", plan_id) from error
