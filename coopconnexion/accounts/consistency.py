from django.db.models import QuerySet
from django.utils import timezone

from coopconnexion.accounts.models import Mandate, Person
from coopconnexion.backoffice import consistency


@consistency.register(
    "Personnes sans aucun moyen de contact",
    model=Person,
    sentence="{row} n’a ni courriel ni téléphone.",
    position=10,
)
def people_without_contact(people: QuerySet) -> QuerySet:
    return people.filter(email="", phone="").exclude(first_name="Personne", last_name="effacée")


@consistency.register(
    "Mandats de comptes fermés",
    model=Mandate,
    sentence="{row.user} n’a plus accès, mais son mandat ({row}) court toujours.",
    related=("user", "territory"),
    territory="territory",
    position=20,
)
def mandates_of_closed_accounts(mandates: QuerySet) -> QuerySet:
    return mandates.on(timezone.localdate()).filter(user__is_active=False)
