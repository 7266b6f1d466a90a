from django.core.exceptions import ValidationError
from django.db import transaction

from coopconnexion.accounts.models import SavedFilter, User
from coopconnexion.accounts.permissions import can_share_filters
from coopconnexion.backoffice.filters import kept_filters, list_address
from coopconnexion.db import constraint_errors

MOST_PER_PAGE = 50


@transaction.atomic
def save_filter(*, user: User, page: str, name: str, query: str, is_shared: bool = False) -> SavedFilter:
    """Keep the filters of the list named ``page`` under ``name``.

    :raises ValidationError: when the page keeps no filters, nothing is filtered, the name is missing or taken
    """
    if list_address(page) is None:
        raise ValidationError("Cette page ne garde pas de filtres.", code="page")
    kept = kept_filters(query)
    if not kept:
        raise ValidationError("Rien n’est filtré : choisissez d’abord un filtre ou une recherche.", code="empty")
    if SavedFilter.objects.filter(user=user, page=page).count() >= MOST_PER_PAGE:
        raise ValidationError("Vous avez déjà 50 filtres ici : supprimez-en un d’abord.", code="too_many")
    with constraint_errors(SavedFilter):
        return SavedFilter.objects.create(
            user=user, page=page, name=named(name), query=kept, is_shared=shared(user, is_shared)
        )


@transaction.atomic
def rename_filter(*, saved: SavedFilter, name: str, is_shared: bool) -> SavedFilter:
    """Give a filter another name, show it to the team or to its user alone.

    :raises ValidationError: when the name is missing or taken
    """
    saved.name, saved.is_shared = named(name), shared(saved.user, is_shared)
    with constraint_errors(SavedFilter):
        saved.save(update_fields=["name", "is_shared"])
    return saved


@transaction.atomic
def delete_filter(*, saved: SavedFilter) -> None:
    saved.delete()


def named(name: str) -> str:
    name = " ".join(name.replace("\0", "").split())
    if not any(letter.isalnum() for letter in name):
        raise ValidationError("Donnez un nom à ce filtre.", code="name")
    if len(name) > SavedFilter._meta.get_field("name").max_length:
        raise ValidationError("Ce nom est trop long : 60 signes au plus.", code="name_long")
    return name


def shared(user: User, is_shared: bool) -> bool:
    return is_shared and can_share_filters(user)
