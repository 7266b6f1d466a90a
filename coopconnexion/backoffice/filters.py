"""What the address of a list says: its filters, kept under a name, and nothing that acts or leads elsewhere."""

import re
from urllib.parse import parse_qsl, urlencode

from django.core.exceptions import ValidationError
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

NOT_FILTERS = frozenset({"p", "page", "all", "csrfmiddlewaretoken"})
MOST_FILTERS = 50
LONGEST_QUERY = 2000


def list_address(page: str) -> str | None:
    """Return the address of the list named ``page``; ``None`` when no list of this name keeps filters.

    Lists of the admin do, and the pages of staff whose view says ``keeps_filters = True``.
    """
    try:
        address = reverse(page)
        view = resolve(address).func
    except (NoReverseMatch, Resolver404):
        return None
    is_table = hasattr(view, "model_admin") and page.endswith("_changelist")
    return address if is_table or getattr(getattr(view, "view_class", None), "keeps_filters", False) else None


def kept_filters(query: str) -> str:
    """Return the filters of a query string, in order, without its page and what only acts.

    :raises ValidationError: when it cannot be read, or is too long
    """
    try:
        pairs = parse_qsl(query.lstrip("?"), max_num_fields=MOST_FILTERS)
    except ValueError:
        raise ValidationError("Ces filtres sont illisibles : filtrez de nouveau la liste.", code="query") from None
    kept = urlencode([(name, value) for name, value in pairs if is_filter(name, value)])
    if len(kept) > LONGEST_QUERY:
        raise ValidationError("Ces filtres sont trop longs pour être gardés.", code="query_long")
    return kept


def is_filter(name: str, value: str) -> bool:
    return name not in NOT_FILTERS and bool(re.fullmatch(r"[^\W_][\w.-]{0,99}", name)) and "\0" not in value
