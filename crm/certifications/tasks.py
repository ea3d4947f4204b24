"""Periodic work of certifications."""

from __future__ import annotations

from celery import shared_task

from crm.certifications import use_cases
from crm.clock import today
from crm.operations.use_cases import task_run


@shared_task(name="crm.certifications.refresh_rungs")  # type: ignore[untyped-decorator]
def refresh_rungs() -> int:
    """Rungs of today: certificates begin and end at midnight. Returns how many firms changed."""
    with task_run("crm.certifications.refresh_rungs"):
        return use_cases.refresh_rungs(today())
