"""Gunicorn's settings: ``gunicorn coopconnexion.wsgi -c python:coopconnexion.server``.

Synchronous workers behind a buffering proxy; the application is loaded once, warmed, then shared by fork.
"""

import gc
import os

from django.template.loader import get_template
from django.urls import get_resolver

workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "sync"
preload_app = True
timeout = 30
graceful_timeout = 20
max_requests = 5000
max_requests_jitter = 500
backlog = 2048
control_socket_disable = True

WARM_TEMPLATES = (
    "permanences/permanence_list.html",
    "permanences/permanence.html",
    "permanences/slot_book.html",
    "permanences/booking_done.html",
)


def when_ready(server) -> None:
    """Load what the first request of each worker would load, then spare its pages from the collector."""
    _ = get_resolver().url_patterns
    for name in WARM_TEMPLATES:
        get_template(name)
    gc.collect()
    gc.freeze()
