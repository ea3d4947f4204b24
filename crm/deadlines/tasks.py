"""Periodic work of deadlines."""

from __future__ import annotations

from celery import shared_task

from crm.accounts.queries import system_actor
from crm.clock import today
from crm.deadlines import use_cases
from crm.operations.use_cases import task_run


@shared_task(name="crm.deadlines.refresh_all")  # type: ignore[untyped-decorator]
def refresh_all() -> None:
    """Derive all deadlines anew; safe to run twice, late, or on two hosts at once."""
    with task_run("crm.deadlines.refresh_all"):
        use_cases.refresh_all(system_actor("crm.deadlines.refresh_all"), today())
