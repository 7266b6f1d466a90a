"""The private calendar addresses of staff."""

from datetime import datetime

from django.db import transaction

from coopconnexion.accounts.models import User
from coopconnexion.notices.services import new_link
from permanences.models import AgendaFeed


def create_feed(*, user: User, at: datetime) -> str:
    """Create a calendar address for ``user`` and return its token, which can be read nowhere else."""
    return new_link(AgendaFeed, at=at, expires_at=None, user=user)


@transaction.atomic
def revoke_feed(*, feed: AgendaFeed, at: datetime) -> None:
    """Make the address answer no more; revoking twice changes nothing more."""
    AgendaFeed.objects.filter(pk=feed.pk, revoked_at=None).update(revoked_at=at)
