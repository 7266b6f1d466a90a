from django.db.models import QuerySet

from coopconnexion.accounts import visibility
from coopconnexion.accounts.models import User
from members.models import Member


@visibility.register
def members(user: User) -> QuerySet:
    return Member.objects.filter(territory__in=user.staff_territory_ids()).values("person")
