"""A project wants a unit: said on the site or noted by the team, told to who follows the project."""

from datetime import datetime

from django.db import transaction

from coopconnexion.accounts.models import User
from coopconnexion.db import constraint_errors
from premises.emails.interests import write_told
from premises.enums import InterestOrigin
from premises.models import Unit, UnitInterest
from projects.models import Project
from projects.services.sending import advisors_to_tell


@transaction.atomic
def say_interest(
    *, project: Project, unit: Unit, origin: InterestOrigin, message: str = "", by: User | None = None, at: datetime
) -> UnitInterest:
    """Note that ``unit`` interests ``project``, and tell who follows it, unless they noted it themselves.

    :raises ValidationError: interest_exists
    """
    with constraint_errors(UnitInterest):
        interest = UnitInterest.objects.create(
            project=project, unit=unit, origin=origin, message=message, said_by=by, said_at=at
        )
    for advisor in advisors_to_tell(project, at=at):
        if advisor != by:
            write_told(interest, advisor=advisor, at=at)
    return interest


@transaction.atomic
def withdraw_interest(*, interest: UnitInterest, at: datetime) -> UnitInterest:
    """Say that a project wants a unit no more; said twice, the first day stays."""
    interest = UnitInterest.objects.select_for_update(of=("self",)).get(pk=interest.pk)
    if interest.withdrawn_at is None:
        interest.withdrawn_at = at
        interest.save(update_fields=["withdrawn_at"])
    return interest
