"""The real beat with its clock turned up: celery -A tests.worker.quick_beat beat."""

from celery_worker import app

app.conf.beat_schedule = {
    "reminders": {"task": "crm.reminders.send_due", "schedule": 1.0, "options": {"expires": 60}}
}
