"""A project wants a unit: said on the site or noted by the team, told to who follows the project."""

from datetime import datetime

from django.db import transaction

from coopconnexion.accounts.models import User
from coopconnexion.db import constraint_errors
from premises.enums import InterestOrigin
from premises.models import Unit, UnitInterest
from projects.models import Project


@transaction.atomic
def say_interest(
    *, project: Project, unit: Unit, origin: InterestOrigin, message: str = "", by: User | None = None, at: datetime
) -> UnitInterest:
    """Note that ``unit`` interests ``project``.

    :raises ValidationError: interest_exists
    """
    with constraint_errors(UnitInterest):
        return UnitInterest.objects.create(
            project=project, unit=unit, origin=origin, message=message, said_by=by, said_at=at
        )
