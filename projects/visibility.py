from django.db.models import QuerySet

from coopconnexion.accounts import visibility
from coopconnexion.accounts.models import User
from projects.models import Project


@visibility.register
def holders(user: User) -> QuerySet:
    return Project.objects.visible_to(user).values("holder")
