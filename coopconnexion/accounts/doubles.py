"""Rows that may be one human twice: the same e-mail or phone under names that look alike.

Two people may share a mailbox or a phone (a couple, a family): another name is mentioned, and is no double.
"""

from dataclasses import dataclass

from django.contrib.postgres.search import TrigramSimilarity
from django.db import connection
from django.db.models import BooleanField, Case, Exists, F, Func, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Greatest, Least, Lower

from coopconnexion.accounts.models import NotDouble, Person, User

ALIKE = 0.45
"""From this trigram similarity on, two folded names are taken for one; so is a name that begins the other."""

MOST_PAIRS = 2000
PAIRS = """
    WITH pair AS (
        SELECT a.id AS first, b.id AS second, a.name_key AS one, b.name_key AS other
          FROM accounts_person a JOIN accounts_person b ON lower(a.email) = lower(b.email) AND a.id < b.id
         WHERE a.email <> ''
         UNION
        SELECT a.id, b.id, a.name_key, b.name_key
          FROM accounts_person a JOIN accounts_person b ON a.phone = b.phone AND a.id < b.id
         WHERE a.phone <> ''
    )
    SELECT first, second FROM pair
     WHERE (similarity(one, other) >= %s OR starts_with(one, other) OR starts_with(other, one))
       AND NOT EXISTS (SELECT FROM accounts_notdouble n WHERE n.first_id = pair.first AND n.second_id = pair.second)
     ORDER BY second DESC, first
     LIMIT %s
"""


class StartsWith(Func):
    function = "starts_with"
    output_field = BooleanField()


@dataclass(frozen=True)
class Pair:
    """Two rows, the older first, that look like one human."""

    first: Person
    second: Person


def possible_doubles(user: User) -> list[Pair]:
    """Return the pairs of which ``user`` may see both, newest first: two queries."""
    with connection.cursor() as cursor:
        cursor.execute(PAIRS, [ALIKE, MOST_PAIRS])
        keys = cursor.fetchall()
    seen = Person.objects.visible_to(user).select_related("commune").in_bulk({pk for pair in keys for pk in pair})
    return [Pair(seen[first], seen[second]) for first, second in keys if first in seen and second in seen]


def sharing_contact(person: Person) -> QuerySet[Person]:
    """Return the other rows with the same e-mail or phone, with ``likeness`` of the names and ``is_apart``."""
    same = Q(pk__in=[])
    if person.email:
        same |= Q(address=person.email.lower())
    if person.phone:
        same |= Q(phone=person.phone)
    told_apart = NotDouble.objects.filter(
        first=Least(OuterRef("pk"), Value(person.pk)), second=Greatest(OuterRef("pk"), Value(person.pk))
    )
    others = Person.objects.alias(address=Lower("email")).filter(same).exclude(pk=person.pk)
    key = Value(person.name_key)
    begins = Q(StartsWith(F("name_key"), key)) | Q(StartsWith(key, F("name_key")))
    likeness = Case(When(begins, then=1.0), default=TrigramSimilarity(F("name_key"), key))
    return others.annotate(likeness=likeness, is_apart=Exists(told_apart)).order_by("name_key", "pk")


def doubles_of(person: Person, *, user: User) -> list[Person]:
    """Return the rows, among those ``user`` may see, that look like the same human."""
    return list(sharing_contact(person).visible_to(user).filter(likeness__gte=ALIKE, is_apart=False))
