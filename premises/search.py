"""Units in the search of the back office: by address, reference, sign or what was sold there."""

import re
from functools import reduce
from operator import and_

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.urls import reverse

from coopconnexion.accounts.models import User
from coopconnexion.accounts.search import Found, asked, ranked, register
from coopconnexion.db import NameKey
from premises.models import Unit

LETTER = "L"
NAMES = {"street_key": 0.95, "sign_key": 0.85, "activity_key": 0.6}


@register(position=30, kind="local", plural="locaux")
def units(user: User, query: str, limit: int) -> list[Found]:
    """By street, sign or activity; a number typed with a street is that of the door."""
    rows = (
        Unit.objects.visible_to(user)
        .select_related("commune")
        .alias(street_key=NameKey("street"), sign_key=NameKey("sign_name"), activity_key=NameKey("activity_label"))
    )
    number, words = parted(query)
    rows = rows.filter(number=number) if number and words else rows
    rows = ranked(rows, words or query, names=NAMES, reference=LETTER)
    return [
        Found(
            kind="local",
            label=unit.address,
            detail=" · ".join(filter(None, [str(unit.commune), unit.reference, str(unit.get_state_display())])),
            url=reverse("premises_staff:unit", args=[unit.pk]),
            rank=unit.rank,
        )
        for unit in rows.order_by("-rank", "street", "number", "pk")[:limit]
    ]


def parted(query: str) -> tuple[int | None, str]:
    """Part « 57 rue Sadi-Carnot » into its number and its words."""
    found = re.match(r"\s*(\d{1,5})\s*(?:bis|ter|quater)?[\s,]+(\D.*)$", query, re.IGNORECASE)
    return (int(found[1]), found[2].strip()) if found else (None, query)


def answering(rows: QuerySet[Unit], query: str) -> QuerySet[Unit]:
    """Return those of ``rows`` whose address, sign, activity or reference hold every word of ``query``."""
    number = Coalesce(Cast("number", CharField()), Value(""))
    parts = [number, F("repetition"), F("street"), F("building"), F("sign_name"), F("activity_label"), F("reference")]
    text = reduce(lambda whole, part: Concat(whole, Value(" "), part), parts)
    words = asked(query).split()
    if not words:
        return rows.none()
    every = reduce(and_, (Q(told__contains=NameKey(Value(word))) for word in words))
    return rows.alias(told=NameKey(text)).filter(every)
