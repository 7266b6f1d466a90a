"""Use cases of people and accounts."""

from datetime import datetime

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Lower

from coopconnexion.accounts.models import Person
from coopconnexion.accounts.rules import normalise_email
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
    lock_name(f"person:{email}")
    same_address = Person.objects.alias(address=Lower("email")).filter(address=email)
    return same_address.filter(name_key=NameKey(Value(name))).order_by("pk").first()
