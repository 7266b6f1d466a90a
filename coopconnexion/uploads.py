"""Files that people bring: checked, then stored where no public address reaches."""

from uuid import uuid4

from django.core.files.storage import Storage, storages
from django.db import models


def private_storage() -> Storage:
    """Return the storage of the files that only a view may serve."""
    return storages["private"]


def private_name(instance: models.Model, filename: str) -> str:
    """Return a name that tells nothing: neither what was typed nor whose it is."""
    return f"{instance._meta.label_lower}/{uuid4().hex}"
