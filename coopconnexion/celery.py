"""The Celery application: tasks and beat jobs are found in ``tasks.py`` and ``schedules.py`` of each app."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coopconnexion.settings")

app = Celery("coopconnexion")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(related_name="schedules")
