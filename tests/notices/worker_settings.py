"""The tests' settings as the processes of the kill tests need them: their database, a real mail server."""

import os

from tests.settings import *  # noqa: F403
from tests.settings import CELERY_BROKER_TRANSPORT_OPTIONS, DATABASES

DATABASES["default"]["NAME"] = os.environ["WORKER_DATABASE"]
CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"] = os.environ["WORKER_PREFIX"]
EMAIL_BACKEND = "tests.notices.worker.EmailBackend"
