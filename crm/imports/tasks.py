"""Work on long lists in the background."""

from __future__ import annotations

from celery import shared_task

from crm.imports import use_cases
from crm.operations.use_cases import task_run


@shared_task(name="crm.imports.run")  # type: ignore[untyped-decorator]
def run(batch_id: int) -> bool:
    """Check or write one batch, as its state says."""
    return use_cases.work_on(batch_id)


@shared_task(name="crm.imports.sweep")  # type: ignore[untyped-decorator]
def sweep() -> int:
    """Take up batches that a lost message or a dead worker left behind."""
    with task_run("crm.imports.sweep"):
        return use_cases.sweep()
