from django import template
from django.core.exceptions import ValidationError

from coopconnexion.accounts.models import SavedFilter
from coopconnexion.accounts.permissions import can_share_filters
from coopconnexion.backoffice.filters import kept_filters, list_address

register = template.Library()


@register.simple_tag(takes_context=True)
def saved_filters(context) -> dict:
    """Return the filters kept for the list ``filters_page``, or the one shown, and what its address filters now."""
    request = context["request"]
    page = context.get("filters_page") or request.resolver_match.view_name
    try:
        current = kept_filters(request.GET.urlencode())
    except ValidationError:
        current = ""
    rows = SavedFilter.objects.visible_to(request.user).filter(page=page).select_related("user")
    return {
        "page": page,
        "address": list_address(page),
        "current": current,
        "rows": rows.order_by("name", "pk"),
        "may_share": can_share_filters(request.user),
    }
