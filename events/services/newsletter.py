"""The agreement to receive the newsletter: given once, withdrawn at any time, both kept as proof."""

from datetime import datetime

from django.db import transaction

from coopconnexion.accounts.models import Person
from events.models import NewsletterConsent


@transaction.atomic
def agree_to_newsletter(*, person: Person, through: str, at: datetime) -> NewsletterConsent:
    """Note the agreement and the form that carried it; who agreed before agrees still."""
    consent, _ = NewsletterConsent.objects.get_or_create(
        person=person, ended_at=None, defaults={"given_at": at, "given_through": through[:200]}
    )
    return consent


@transaction.atomic
def end_newsletter(*, person: Person, at: datetime) -> None:
    """Note that the person does not want it any more; twice changes nothing more."""
    NewsletterConsent.objects.in_force().filter(person=person).update(ended_at=at)
