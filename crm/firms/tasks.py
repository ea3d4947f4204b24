"""Tasks of firms."""

from __future__ import annotations

from celery import shared_task

from crm.firms import use_cases
from crm.operations.use_cases import task_run


@shared_task(name="crm.firms.merge_tallies")  # type: ignore[untyped-decorator]
def merge_tallies() -> None:
    """Merge the steps of the counts and compare them with a full count."""
    with task_run("firms: merge and check the counts"):
        use_cases.merge_tallies()
