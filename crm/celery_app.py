"""Celery made from the application. A message is a nudge with ids; the rows in the database are the truth."""

from __future__ import annotations

import logging
from typing import Any

from celery import Celery, Task
from celery.schedules import crontab
from flask import Flask
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

# name -> (task, when). Every one is a sweep that may run twice, late, or on two hosts at once.
SCHEDULE: dict[str, tuple[str, Any]] = {
    "deadlines: derive anew": ("crm.deadlines.refresh_all", crontab(minute="5", hour="0,6")),
    "reminders: plan and send what is due": ("crm.reminders.send_due", 60.0),
    "reminders: compare plan and rows": ("crm.reminders.reconcile", crontab(minute="0", hour="10")),
    "imports: take up what was left": ("crm.imports.sweep", 60.0),
    "audit: seal": ("crm.audit.seal", 60.0),
    "audit: verify": ("crm.audit.verify", crontab(minute="40", hour="2")),
    "firms: merge and check the counts": ("crm.firms.merge_tallies", crontab(minute="20")),
    "certifications: rungs of today": ("crm.certifications.refresh_rungs", crontab(minute="1", hour="0,6")),
    "operations: heartbeat": ("crm.operations.heartbeat", 30.0),
}

TASK_TIME_LIMIT_SECONDS = 1800
# Above every task's limit: a message is redelivered only when its worker is surely gone.
VISIBILITY_TIMEOUT_SECONDS = 3600


def make_celery(app: Flask) -> Celery:
    """Celery whose tasks run inside the application's context; kept in app.extensions["celery"]."""

    class ContextTask(Task):  # type: ignore[misc]
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            with app.app_context():
                return self.run(*args, **kwargs)

    celery = Celery("crm", task_cls=ContextTask)
    url = app.config["CRM"].redis_url or "redis://127.0.0.1:1/0"
    if url.startswith("unix://"):
        url = "redis+socket://" + url.removeprefix("unix://")
    celery.conf.update(
        broker_url=url,
        broker_transport_options={
            "socket_timeout": 20,
            "socket_connect_timeout": 5,
            "visibility_timeout": VISIBILITY_TIMEOUT_SECONDS,
            "unacked_restore_throttle": 1,
        },
        broker_connection_retry_on_startup=True,
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        worker_prefetch_multiplier=1,
        task_time_limit=TASK_TIME_LIMIT_SECONDS,
        task_default_queue="crm",
        timezone=app.config["CRM"].timezone,
        beat_schedule={
            name: {"task": task, "schedule": when, "options": {"expires": 300}}
            for name, (task, when) in SCHEDULE.items()
        },
        imports=TASK_MODULES,
    )
    celery.set_default()
    app.extensions["celery"] = celery
    return celery


TASK_MODULES = (
    "crm.audit.tasks",
    "crm.firms.tasks",
    "crm.imports.tasks",
    "crm.certifications.tasks",
    "crm.deadlines.tasks",
    "crm.reminders.tasks",
    "crm.operations.tasks",
)


def nudge(task_name: str, *ids: int) -> None:
    """Tell a worker that a row waits. Short time-outs and no retry: if it fails, the sweep finds the row."""
    from flask import current_app

    if not current_app.config["CRM"].redis_url:
        return
    celery: Celery = current_app.extensions["celery"]
    try:
        celery.send_task(task_name, args=ids, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("no broker for %s, the sweep will do it: %s", task_name, error)
