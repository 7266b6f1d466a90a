"""The settings of the tests: development's, with nothing that sleeps, caches pages or leaves the process."""

import os

os.environ.setdefault("DEBUG", "true")

from coopconnexion.settings import *  # noqa: F403
from coopconnexion.settings import MIDDLEWARE, STORAGES, TEMPLATES

DEBUG = False
TESTING = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_TASK_ALWAYS_EAGER = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
IN_MEMORY = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
STORAGES = STORAGES | {"default": IN_MEMORY, "private": IN_MEMORY}
SECURE_SSL_REDIRECT = False
STAFF_SECOND_FACTOR = False
TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = "¿%s?"
MIDDLEWARE = [each for each in MIDDLEWARE if not each.startswith("whitenoise.")]  # no files are collected
