"""Two files of one member become one: what hangs on either hangs on the one that is kept, in every app."""

from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.db.models import F, Max, Model
from pghistory.models import Event

from coopconnexion.db import constraint_errors
from members.models import Business, Contract, MeetingParticipant, Member

FILLED = ("advisor_id", "referrer_id", "associated_on", "share_count", "share_amount")


def join_files(kept: Member, gone: Member) -> None:
    """Point all that belongs to ``gone`` to ``kept``, then delete the file that is empty; its history stays.

    :raises ValidationError: two_associations; or the constraint that both together would break (two contracts of a
        kind at once, two statements of a month…)
    """
    if kept.associated_on and gone.associated_on and kept.associated_on != gone.associated_on:
        raise ValidationError(
            "Les deux dossiers de membre ont chacun leur date d’association : corrigez d’abord celle qui est fausse.",
            code="two_associations",
        )
    _set_series_apart(kept, gone)
    _drop_doubles(kept, gone)
    for model, name in _tables():
        with constraint_errors(model):
            model._base_manager.filter(**{name: gone.pk}).update(**{name: kept.pk})
    for name in FILLED:
        if getattr(kept, name) is None:
            setattr(kept, name, getattr(gone, name))
    kept.save(update_fields=[name.removesuffix("_id") for name in FILLED])
    gone.delete()


def _set_series_apart(kept: Member, gone: Member) -> None:
    """Ranks of one file must not meet those of the other; the next contract puts them all in order."""
    last = kept.contracts.aggregate(last=Max("series"))["last"]
    if last:
        Contract.objects.filter(member=gone).update(series=F("series") + last)


def _drop_doubles(kept: Member, gone: Member) -> None:
    """A business carried twice, a meeting attended twice, by the same person: once."""
    links = Business.members.through.objects
    links.filter(member=gone, business__in=links.filter(member=kept).values("business")).delete()
    seats = MeetingParticipant.objects
    seats.filter(member=gone, meeting__in=seats.filter(member=kept).values("meeting")).delete()


def _tables() -> Iterator[tuple[type[Model], str]]:
    """Yield every (model, field) that points to a member, history aside: it stays with the file that is gone."""
    for each in Member._meta.get_fields(include_hidden=True):
        if each.auto_created and each.is_relation and not each.many_to_many:
            model = each.related_model
            if not issubclass(model, Event) and not model._meta.proxy:
                yield model, each.field.name
