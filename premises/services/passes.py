"""What lets a phone send what it saw after its session ended: given to one person, for one survey, for some days."""

import secrets
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from coopconnexion.accounts.models import User
from coopconnexion.accounts.permissions import can_work
from coopconnexion.notices.rules import link_hash
from premises.models import CampaignPass, SurveyCampaign

LIFETIME = timedelta(days=7)
MOST_AT_ONCE = 5
"""Phones and tablets of one person; one more takes the place of the oldest."""
ENDED = "Ce tour est terminé. Vos observations restent sur ce téléphone\u202f: demandez à l’équipe de le rouvrir."


@transaction.atomic
def issue_pass(*, campaign: SurveyCampaign, user: User, at: datetime) -> str:
    """Return a new token for a phone of ``user``, which can be read nowhere else.

    :raises ValidationError: campaign_closed
    """
    campaign = SurveyCampaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
    if campaign.closed_at:
        raise ValidationError(ENDED, code="campaign_closed")
    standing = CampaignPass.objects.valid(at).filter(campaign=campaign, user=user).order_by("-issued_at", "-pk")
    spent = [each.pk for each in standing[MOST_AT_ONCE - 1 :]]
    CampaignPass.objects.filter(pk__in=spent).update(revoked_at=at)
    token = secrets.token_urlsafe(32)
    CampaignPass.objects.create(
        campaign=campaign, user=user, token_hash=link_hash(token), issued_at=at, expires_at=at + LIFETIME
    )
    return token


@transaction.atomic
def revoke_pass(*, campaign_pass: CampaignPass, at: datetime) -> None:
    """Let the phone that holds it send nothing more; revoking twice changes nothing more."""
    CampaignPass.objects.filter(pk=campaign_pass.pk, revoked_at=None).update(revoked_at=at)


def holder_of(token: str, *, campaign_id: int, at: datetime) -> CampaignPass:
    """Return the pass of a phone, if it still opens this survey.

    :raises ValidationError: pass_unknown, pass_revoked, pass_expired, pass_no_right, campaign_closed
    """
    found = (
        CampaignPass.objects.select_related("campaign", "user")
        .filter(token_hash=link_hash(token), campaign=campaign_id)
        .first()
    )
    if found is None:
        raise ValidationError(
            "Ce téléphone n’est pas reconnu pour ce tour\u202f: connectez-vous et rouvrez le tour.", code="pass_unknown"
        )
    if found.revoked_at:
        raise ValidationError("L’accès de ce téléphone a été retiré par l’équipe.", code="pass_revoked")
    if not can_work(found.user, found.campaign.territory_id):
        raise ValidationError("Votre compte ne travaille plus sur ce territoire.", code="pass_no_right")
    if found.campaign.closed_at:
        raise ValidationError(ENDED, code="campaign_closed")
    if found.expires_at <= at:
        raise ValidationError(
            "L’accès de ce téléphone a expiré\u202f: connectez-vous et rouvrez le tour, tout partira.",
            code="pass_expired",
        )
    return found
