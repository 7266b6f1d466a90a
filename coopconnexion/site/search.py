"""The page of results: the best of every kind together, then one kind alone, page by page."""

from collections import Counter
from urllib.parse import urlencode

from coopconnexion.accounts.permissions import can_see_contacts
from coopconnexion.accounts.search import LONGEST_QUERY, asked, find, is_too_short, kinds

PER_KIND = 10
PER_PAGE = 50
LAST_PAGE = 20


def results(request) -> dict:
    """Return what the page of results shows for the query, the kind and the page of the address."""
    query = asked(request.GET.get("q", ""))
    kind = next((each for each in kinds() if each.name == request.GET.get("nature")), None)
    shown = one_kind(request, query, kind) if kind else all_kinds(request, query)
    return {
        "title": "Recherche",
        "query": query,
        "kind": kind,
        "is_too_short": bool(query) and is_too_short(query),
        "is_cut": len(query) == LONGEST_QUERY,
        "sees_contacts": can_see_contacts(request.user),
        **shown,
    }


def address(query: str, **others) -> str:
    return "?" + urlencode({"q": query, **others})


def all_kinds(request, query: str) -> dict:
    """The best ``PER_KIND`` of each kind, mixed, and where to see all of a kind that has more."""
    found = find(request.user, query, PER_KIND + 1)
    shown, counts = [], Counter()
    for row in found:
        counts[row.kind] += 1
        if counts[row.kind] <= PER_KIND:
            shown.append(row)
    more = [(kind, address(query, nature=kind.name)) for kind in kinds() if counts[kind.name] > PER_KIND]
    return {"found": shown, "more": more, "previous": "", "next": ""}


def one_kind(request, query: str, kind) -> dict:
    typed = request.GET.get("page", "1")
    number = min(max(int(typed), 1), LAST_PAGE) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 1
    found = find(request.user, query, number * PER_PAGE + 1, kind=kind.name)
    start = (number - 1) * PER_PAGE
    has_next = len(found) > start + PER_PAGE and number < LAST_PAGE
    return {
        "found": found[start : start + PER_PAGE],
        "more": [],
        "previous": address(query, nature=kind.name, page=number - 1) if number > 1 else "",
        "next": address(query, nature=kind.name, page=number + 1) if has_next else "",
    }
