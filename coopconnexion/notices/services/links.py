"""Links that open one thing: the token travels by mail only, its hash stays."""

import secrets
import string
from datetime import datetime

from django.conf import settings

from coopconnexion.db import joined
from coopconnexion.notices import rules
from coopconnexion.notices.models import AbstractLink

ALPHABET = string.ascii_letters + string.digits  # mail programs cut a link that ends with a sign
TOKEN_LENGTH = 26  # 154 bits


@joined
def new_link(link_model: type[AbstractLink], *, at: datetime, expires_at: datetime | None, **subject) -> str:
    """Store a link to ``subject`` and return its token, which can be read nowhere else."""
    token = "".join(secrets.choice(ALPHABET) for _ in range(TOKEN_LENGTH))
    link_model.objects.create(token_hash=rules.link_hash(token), created_at=at, expires_at=expires_at, **subject)
    return token


def absolute_url(path: str) -> str:
    """Return the address of ``path`` (« /permanences/ ») for a message or a calendar."""
    return f"{settings.SITE_URL}{path}"
