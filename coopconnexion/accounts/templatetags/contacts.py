from django import template

from coopconnexion.accounts.permissions import can_see_contacts

register = template.Library()


@register.filter
def sees_contacts_in(user, territory_id: int) -> bool:
    """Tell a template whether ``user`` is shown how to reach the people of this territory."""
    return can_see_contacts(user, territory_id)
