"""The Celery application of the kill tests: the real one, whose processes kill themselves when told, where told.

A file named in ``DIE_FILE`` holds the point at which the next process to pass dies; it dies once.
"""

import os
import signal
from pathlib import Path

from celery.signals import task_prerun
from django.core.mail.backends import smtp

from coopconnexion.celery import app

__all__ = ["EmailBackend", "app"]

DUE, CLAIMED, TAKEN = "due", "claimed", "taken"


def die_at(point: str) -> None:
    order = Path(os.environ["DIE_FILE"])
    if order.exists() and order.read_text() == point:
        order.unlink()
        os.kill(os.getpid(), signal.SIGKILL)


@task_prerun.connect
def before_the_claim(task, **kwargs):
    if task.name == "notices.send_message":
        die_at(DUE)


class EmailBackend(smtp.EmailBackend):
    def send_messages(self, email_messages):
        die_at(CLAIMED)
        sent = super().send_messages(email_messages)
        die_at(TAKEN)  # the server has said « 250 », nothing is recorded
        return sent
