"""What an advisor still carries here: the open projects they follow, by territory."""

from collections.abc import Iterable

from django.db.models import Count
from django.urls import reverse

from coopconnexion.accounts.duties import Duty, register
from coopconnexion.accounts.models import User
from projects.models import Project


@register
def followed_projects(user: User) -> Iterable[Duty]:
    rows = Project.objects.open().filter(advisor=user).order_by().values_list("territory")
    url = f"{reverse('projects_staff:project_list')}?referent={user.pk}&etape=ouverts"
    return [
        Duty(label="projets suivis", count=count, url=url, territory_id=territory_id)
        for territory_id, count in rows.annotate(count=Count("pk"))
    ]
