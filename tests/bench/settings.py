"""Production's settings on the bench's own database, cache and files, over plain HTTP on the loopback."""

import os
import tempfile
from pathlib import Path

os.environ |= {"DEBUG": "false", "SITE_URL": "http://127.0.0.1", "ALLOWED_HOSTS": "127.0.0.1,testserver"}
os.environ["TRUSTED_PROXY_COUNT"] = "1"  # each visitor of the bench comes from an address of their own
os.environ.setdefault("SECRET_KEY", "secret-of-the-bench-only-long-enough-for-the-checks-0123456789")

from coopconnexion.settings import *  # noqa: F403

SECURE_SSL_REDIRECT = False
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
STAFF_SECOND_FACTOR = False  # the bench signs in as staff without a phone in hand
LOGGING = {"version": 1, "disable_existing_loggers": False, "root": {"level": "ERROR"}}
STATIC_ROOT = Path(tempfile.gettempdir()) / "coopconnexion-bench-static"
