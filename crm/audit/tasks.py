"""Periodic work of the audit trail: seal what a crash left, verify the chain each night."""

from __future__ import annotations

from celery import shared_task

from crm.audit import use_cases
from crm.operations.use_cases import task_run


@shared_task(name="crm.audit.seal")  # type: ignore[untyped-decorator]
def seal_entries() -> None:
    """Chain every audit entry not sealed yet."""
    with task_run("audit: seal"):
        use_cases.seal()


@shared_task(name="crm.audit.verify")  # type: ignore[untyped-decorator]
def verify_chain() -> None:
    """Walk the chain; a fault stands beside the task and in the doctor's findings until it is gone."""
    with task_run(use_cases.VERIFY_RUN):
        report = use_cases.verify()
        if not report.ok:
            raise use_cases.ChainBrokenError(report)
