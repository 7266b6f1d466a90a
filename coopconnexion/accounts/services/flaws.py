from datetime import datetime

from django.db import transaction

from coopconnexion.accounts.models import FlawCount
from coopconnexion.backoffice import consistency


@transaction.atomic
def count_flaws(*, at: datetime) -> None:
    """Count what every check of consistency finds, in place of the last counts."""
    found = [
        FlawCount(check_key=check.key, territory_id=territory, found=number, counted_at=at)
        for check in consistency.checks()
        for territory, number in check.counts().items()
        if number
    ]
    FlawCount.objects.all().delete()
    FlawCount.objects.bulk_create(found)
