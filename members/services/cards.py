"""The public card of a business: shown only while somebody of it agrees."""

from datetime import datetime
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from coopconnexion.accounts.models import User
from coopconnexion.refusals import refusal_at
from members.models import Business, PublicCard


def _locked_card(business: Business, at: datetime) -> PublicCard:
    """Return the card of ``business``, made if need be, held until the transaction ends."""
    Business.objects.select_for_update(of=("self",)).get(pk=business.pk)
    return PublicCard.objects.get_or_create(business=business, defaults={"updated_at": at})[0]


@transaction.atomic
def edit_card(
    *,
    business: Business,
    description: str,
    website: str,
    picture_description: str,
    at: datetime,
    picture: ContentFile | None = None,
    remove_picture: bool = False,
    agreed_by: User | None = None,
) -> PublicCard:
    """Write what the directory may show of ``business``; a new ``picture`` replaces the one there is.

    With ``agreed_by``, somebody who says that the business agrees, it is shown from now on.

    :raises ValidationError: picture_undescribed, business_closed
    """
    card = _locked_card(business, at)
    will_have_picture = bool(picture or (card.picture and not remove_picture))
    if will_have_picture and not picture_description.strip():
        message = "Décrivez l’image en quelques mots, pour qui ne la voit pas."
        raise refusal_at("picture_description", message, "picture_undescribed")
    if picture or remove_picture:
        _replace_picture(card, picture)
    card.description, card.website = description.strip(), website
    card.picture_description = picture_description.strip() if will_have_picture else ""
    card.updated_at = at
    card.save(update_fields=["description", "website", "picture", "picture_description", "updated_at"])
    return publish_card(business=business, agreed_by=agreed_by, at=at) if agreed_by else card


def _replace_picture(card: PublicCard, picture: ContentFile | None) -> None:
    """Name the file after its content, so that browsers may keep it; the old one goes once that is sure."""
    storage, former = card.picture.storage, card.picture.name
    if picture is None:
        card.picture = ""
    else:
        content = picture.read()
        card.picture.save(f"{sha256(content).hexdigest()[:24]}.webp", ContentFile(content), save=False)
    if former and former != card.picture.name:
        transaction.on_commit(lambda: storage.delete(former))


@transaction.atomic
def publish_card(*, business: Business, agreed_by: User, at: datetime) -> PublicCard:
    """Note that somebody of the business agrees to be shown, in person or through staff, and show the card.

    :raises ValidationError: business_closed
    """
    if business.closed_on and business.closed_on <= timezone.localdate(at):
        raise ValidationError("Cette entreprise est fermée : sa fiche ne se publie pas.", code="business_closed")
    card = _locked_card(business, at)
    if card.is_agreed:
        return card
    card.agreed_at, card.agreed_by, card.withdrawn_at = at, agreed_by, None
    card.save(update_fields=["agreed_at", "agreed_by", "withdrawn_at"])
    return card


@transaction.atomic
def withdraw_card(*, business: Business, at: datetime) -> PublicCard:
    """Take the card out of the directory at once; what it says is kept for another time."""
    card = _locked_card(business, at)
    if card.is_agreed:
        card.withdrawn_at = at
        card.save(update_fields=["withdrawn_at"])
    return card
