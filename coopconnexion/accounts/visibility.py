"""Register of the people a user may see: each app contributes those it knows, as a subquery of ids.

``Person.objects.visible_to(user)`` reads it. A contribution is asked only for staff of some territories: the direction
sees everybody, and who is no staff sees nobody.
"""

from collections.abc import Callable

from django.db.models import QuerySet

from coopconnexion.accounts.models import PersonQuerySet, User

Source = Callable[[User], QuerySet]


def register(source: Source) -> Source:
    """Add the people whose ids ``source(user)`` selects."""
    PersonQuerySet.sources.append(source)
    return source
