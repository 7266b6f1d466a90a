from django.db.models import QuerySet

from coopconnexion.accounts import visibility
from coopconnexion.accounts.models import User
from permanences.models import Booking, WaitingListEntry


@visibility.register
def booked(user: User) -> QuerySet:
    return Booking.objects.visible_to(user).values("person")


@visibility.register
def waiting(user: User) -> QuerySet:
    return WaitingListEntry.objects.visible_to(user).values("person")
