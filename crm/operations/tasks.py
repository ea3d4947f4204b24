"""The heartbeat: beat sends it, a worker runs it."""

from __future__ import annotations

from celery import shared_task

from crm.operations.use_cases import HEARTBEAT, task_run


@shared_task(name="crm.operations.heartbeat")  # type: ignore[untyped-decorator]
def heartbeat() -> None:
    """Leave a mark that beat and worker live."""
    with task_run(HEARTBEAT):
        pass
