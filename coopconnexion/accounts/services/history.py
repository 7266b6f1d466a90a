"""What the histories keep is forgotten in time: a year where it is about people, five where it is about the house."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from pghistory.models import Context, Event

from coopconnexion.accounts import personal_data
from coopconnexion.accounts.activity import histories


@transaction.atomic
def forget_history(*, at: datetime) -> int:
    """Delete the versions that were replaced, or whose row was deleted, too long ago; return how many.

    What a row says now, and what it said at any moment since, stays: the oldest version kept tells what came before
    the next one. How long is a setting: ``HISTORY_DAYS`` for what is about people, ``TECHNICAL_HISTORY_DAYS``.
    """
    known = {entry.model for entry in personal_data.entries() if entry.person or entry.user}
    number = 0
    for model in histories():
        is_personal = bool({model, model.pgh_tracked_model} & known)
        days = settings.HISTORY_DAYS if is_personal else settings.TECHNICAL_HISTORY_DAYS
        outdated = superseded(model, before=at - timedelta(days=days))
        number += outdated._raw_delete(outdated.db)  # no signal, no cascade: nothing points to a version
    _forget_contexts(before=at - timedelta(days=min(settings.HISTORY_DAYS, settings.TECHNICAL_HISTORY_DAYS)))
    return number


def superseded(model: type[Event], *, before: datetime) -> QuerySet:
    """Return the versions that stopped being true before that moment."""
    old = model._base_manager.filter(pgh_created_at__lt=before)
    if not hasattr(model, "pgh_obj"):  # a link was made or cut: true that day only
        return old
    next_ones = model._base_manager.filter(
        pgh_obj_id=OuterRef("pgh_obj_id"), pgh_id__gt=OuterRef("pgh_id"), pgh_created_at__lt=before
    )
    return old.filter(Q(pgh_label="delete") | Exists(next_ones))


def _forget_contexts(*, before: datetime) -> None:
    """Forget who asked for what, once nothing remembers what was written."""
    idle = Context.objects.filter(created_at__lt=before)
    for model in histories():
        idle = idle.filter(~Exists(model._base_manager.filter(pgh_context=OuterRef("pk"))))
    idle._raw_delete(idle.db)
