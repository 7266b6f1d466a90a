from django.db.models import QuerySet

from coopconnexion.accounts import visibility
from coopconnexion.accounts.models import User
from events.models import NetworkActor, Registration


@visibility.register
def registered(user: User) -> QuerySet:
    return Registration.objects.visible_to(user).values("person")


@visibility.register
def of_the_network(user: User) -> QuerySet:
    """The actors who are people, and the people of the organisations that are."""
    actors = NetworkActor.objects.visible_to(user)
    return actors.filter(person__isnull=False).values("person")


@visibility.register
def of_organisations_of_the_network(user: User) -> QuerySet:
    actors = NetworkActor.objects.visible_to(user)
    return actors.filter(organisation__affiliations__isnull=False).values("organisation__affiliations__person")
