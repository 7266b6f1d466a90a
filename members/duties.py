"""What an advisor still carries here: the members they follow, by territory."""

from collections.abc import Iterable

from django.db.models import Count
from django.urls import reverse

from coopconnexion.accounts.duties import Duty, register
from coopconnexion.accounts.models import User
from members.models import Member


@register
def followed_members(user: User) -> Iterable[Duty]:
    """Those who left need nobody any more."""
    rows = Member.objects.present().filter(advisor=user).order_by().values_list("territory")
    url = f"{reverse('members_staff:member_hand_over')}?de={user.pk}"
    return [
        Duty(label="membres suivis", count=count, url=url, territory_id=territory_id)
        for territory_id, count in rows.annotate(count=Count("pk"))
    ]
