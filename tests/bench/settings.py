"""Production's settings on the bench's own database and cache, over plain HTTP on the loopback."""

import os

from coopconnexion.settings import *  # noqa: F403

SECURE_SSL_REDIRECT = False
LOGGING = {"version": 1, "disable_existing_loggers": False, "root": {"level": "ERROR"}}
STATIC_ROOT = os.environ.get("BENCH_STATIC_ROOT", STATIC_ROOT)  # noqa: F405
