"""The inventory as a table to take away: now, or as it stood on a past day."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from premises.enums import GapSource, GapStatus
from premises.models import MissingActivity

HEADER = [
    *("Commune", "Secteur", "Activité", "Code NAF", "Type BPE", "État", "Ce qui l’explique", "Pourquoi", "Source"),
    *("Précision", "Constatée le", "Éléments à l’appui", "À revoir le", "Comblée le", "Territoire"),
]


def table(rows: Iterable) -> Iterator[list]:
    """Yield a line of cells for each row of the inventory, or of its history."""
    for row in rows:
        yield [
            *(str(row.commune), row.sector, row.label, row.naf_id or "", row.type_code),
            *(GapStatus(row.status).label, row.status_note, row.reason, GapSource(row.source).label),
            *(row.source_detail, row.observed_on, row.evidence, row.review_on, row.filled_on, str(row.territory)),
        ]


def standing(rows: QuerySet[MissingActivity], day: date) -> QuerySet:
    """Return what the history says of the inventory of the territories of ``rows`` at the end of ``day``.

    What was deleted by then is not there; territories and communes are called as they are now.
    """
    end = timezone.make_aware(datetime.combine(day + timedelta(days=1), datetime.min.time()))
    history = MissingActivity.history.rel.related_model.objects
    told = history.filter(pgh_created_at__lt=end, territory__in=rows.order_by().values("territory"))
    last = told.order_by("id", "-pgh_id").distinct("id").values("pgh_id")
    return history.filter(pgh_id__in=last).exclude(pgh_label="delete").select_related("commune", "territory")


def as_it_stood(rows: QuerySet[MissingActivity], day: date) -> list:
    """Return the inventory as it stood at the end of ``day``, from its history: one query."""
    return sorted(standing(rows, day), key=lambda row: (str(row.commune), row.label, row.id))
