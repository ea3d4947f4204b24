"""The sealing task: takes up entries that a crash left between commit and seal."""

from __future__ import annotations

from celery import shared_task

from crm.audit.use_cases import seal
from crm.operations.use_cases import task_run


@shared_task(name="crm.audit.seal")  # type: ignore[untyped-decorator]
def seal_entries() -> None:
    """Chain every audit entry not sealed yet."""
    with task_run("audit: seal"):
        seal()
