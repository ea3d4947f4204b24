"""Worker and beat entry: celery -A celery_worker worker, celery -A celery_worker beat."""

from crm.app import create_app

flask_app = create_app()
app = flask_app.extensions["celery"]
