"""Hand work over to the workers, by name, once the transaction is committed."""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def enqueue(name: str, **kwargs) -> None:
    """Ask a worker to run the task ``name`` after commit.

    A broker that does not answer loses nothing: every task starts from a row that a beat job finds again.
    """
    transaction.on_commit(lambda: _send(name, kwargs))


def _send(name: str, kwargs: dict) -> None:
    try:
        current_app.send_task(name, kwargs=kwargs)
    except (OperationalError, *current_app.connection_for_write().recoverable_connection_errors) as error:
        logger.warning("broker unreachable, %s left to the sweeper: %s", name, error)
