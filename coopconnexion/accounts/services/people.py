"""People: recognised when they come, shown what is held about them, erased when they ask."""

from collections import defaultdict
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, Value
from django.db.models.functions import Lower

from coopconnexion.accounts import personal_data
from coopconnexion.accounts.models import Mandate, Person, PersonLink, User
from coopconnexion.addresses import normalise_email
from coopconnexion.db import NameKey, lock_name


@transaction.atomic
def recognise_person(*, first_name: str, last_name: str, email: str, phone: str, at: datetime) -> Person:
    """Return the person of this e-mail *and* name, else a new one.

    A phone that was missing is filled; nothing known is overwritten. Without an e-mail nobody is recognised. Identical
    first requests wait for each other, so that they find one person.
    """
    email = normalise_email(email)
    known = _lock_and_find(email, f"{first_name} {last_name}") if email else None
    if known is None:
        return Person.objects.create(
            first_name=first_name.strip(), last_name=last_name.strip(), email=email, phone=phone, created_at=at
        )
    if phone and not known.phone:
        known.phone = phone
        known.save(update_fields=["phone"])
    return known


def _lock_and_find(email: str, name: str) -> Person | None:
    lock_name(identity_lock(email))
    same_address = Person.objects.alias(address=Lower("email")).filter(address=email)
    return same_address.filter(name_key=NameKey(Value(name))).order_by("pk").first()


def identity_lock(email: str) -> str:
    return f"person:{email.lower()}"


# --- personal data ---------------------------------------------------------------------------------------------------


def export_person(person: Person, *, reader: User | None = None) -> dict[str, list[dict]]:
    """Return all that is held about a person and the accounts that are theirs alone, by model, ready for JSON.

    ``reader``: who of the staff prepares it; what they may not read is left to those who may, whom the export names.
    """
    held = defaultdict(list)
    for subject in (person, *_own_accounts(person)):
        for model, rows in personal_data.export_rows(subject, reader).items():
            held[model] += rows
    return dict(held)


@transaction.atomic
def erase_person(*, person: Person, at: datetime) -> Person:
    """Neutralise a person, the accounts that are theirs alone, and all that is held about them; figures stay.

    :raises ValidationError: erasure_blocked, with every reason
    """
    lock_name(identity_lock(person.email))  # nobody books under this name and address meanwhile
    person = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if reasons := personal_data.blockers(person, at):
        raise ValidationError(
            f"Cette personne ne peut pas encore être effacée\u202f: {', '.join(reasons)}.", code="erasure_blocked"
        )
    for account in _own_accounts(person).select_for_update(of=("self",)):
        personal_data.erase_rows(account, at)
    personal_data.erase_rows(person, at)
    person.refresh_from_db()
    return person


def _own_accounts(person: Person):
    """Accounts of this person and of nobody else, without a mandate that makes them the coop's."""
    others = Person.objects.exclude(pk=person.pk)
    same_address = Q(email__iexact=person.email) if person.email else Q(pk__in=[])
    theirs = User.objects.filter(same_address | Q(pk__in=person.user_links.values("user")))
    shared = Q(pk__in=PersonLink.objects.filter(person__in=others).values("user"))
    if person.email and others.filter(email__iexact=person.email).exists():
        shared |= Q(email__iexact=person.email)
    return theirs.exclude(shared).exclude(pk__in=Mandate.objects.values("user")).order_by("pk")
