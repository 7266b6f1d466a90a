from functools import cache

from django.conf import settings
from django.urls import reverse

PAGES = (
    "permanences:permanence_list",
    "premises:offer_list",
    "premises:idea_list",
    "premises:open_data",
    "events:agenda",
    "members:directory",
    "site:help",
    "site:legal",
    "site:privacy",
    "site:accessibility",
    "account_login",
)


@cache
def links() -> dict[str, str]:
    """The addresses that every page carries, by the last part of their name."""
    return {name.rpartition(":")[2]: reverse(name) for name in PAGES}


def site(request):
    """What every page may name: the coop's phone and address, and the pages that all of them link to."""
    return {"coop_phone": settings.COOP_PHONE, "coop_email": settings.COOP_EMAIL, "links": links()}
