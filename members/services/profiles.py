"""What is known of a member beside their contracts; welcoming somebody who comes without a project."""

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Value
from django.utils import timezone

from coopconnexion.accounts.enums import Source
from coopconnexion.accounts.models import Organisation, Person, User
from coopconnexion.accounts.services import recognise_person
from coopconnexion.db import NameKey, lock_name
from coopconnexion.refusals import refusal_at
from coopconnexion.territories.models import Territory
from members.models import Member
from members.services.admission import admit_member
from members.services.locks import lock_member

RESENT_WITHIN = timedelta(minutes=1)


@transaction.atomic
def edit_member(
    *,
    member: Member,
    territory: Territory,
    advisor: User | None,
    source: Source,
    referrer: Organisation | None,
    today: date,
) -> Member:
    """Change where a member belongs, who follows them and how they came.

    :raises ValidationError: by field: advisor_elsewhere, when a new ``advisor`` or territory do not go together
    """
    member = lock_member(member)
    if (member.territory_id, member.advisor_id) != (territory.pk, advisor and advisor.pk):
        refuse_advisor_elsewhere(advisor, territory, today)
    member.territory, member.advisor, member.source, member.referrer = territory, advisor, source, referrer
    member.save(update_fields=["territory", "advisor", "source", "referrer"])
    return member


def refuse_advisor_elsewhere(advisor: User | None, territory: Territory, today: date) -> None:
    if advisor and not User.objects.advisors_of(territory, today).filter(pk=advisor.pk).exists():
        raise refusal_at("advisor", f"{advisor} n’accompagne pas sur ce territoire.", "advisor_elsewhere")


@transaction.atomic
def welcome_member(
    *,
    person: Person | None,
    contact: dict[str, str],
    territory: Territory,
    advisor: User | None,
    source: Source,
    referrer: Organisation | None,
    at: datetime,
) -> Member:
    """Return the member row of ``person``, or of who is recognised or made from ``contact`` (names, e-mail, phone).

    Who is a member of this territory already is returned as they are.

    :raises ValidationError: advisor_elsewhere at its field, member_elsewhere
    """
    refuse_advisor_elsewhere(advisor, territory, timezone.localdate(at))
    person = person or _just_made(contact, at) or recognise_person(**contact, at=at)
    member = admit_member(person=person, territory=territory, advisor=advisor, source=source, referrer=referrer)
    if member.territory_id != territory.pk:
        raise ValidationError(
            "Cette personne est déjà membre de la coopérative, sur un autre territoire\u202f: voyez avec la direction.",
            code="member_elsewhere",
        )
    return member


def _just_made(contact: dict[str, str], at: datetime) -> Person | None:
    """Return who was made from the same form sent an instant ago, when no e-mail lets them be recognised."""
    if contact["email"]:
        return None
    name = f"{contact['first_name']} {contact['last_name']}"
    lock_name(f"person:{contact['phone']}:{name}")
    same = Person.objects.filter(email="", phone=contact["phone"], name_key=NameKey(Value(name)))
    return same.filter(created_at__gte=at - RESENT_WITHIN).order_by("pk").first()
