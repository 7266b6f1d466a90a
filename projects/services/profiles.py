"""What a holder says of themselves, for figures alone, and the premises that a project looks for."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from coopconnexion.accounts.models import Person, User
from coopconnexion.db import constraint_errors, joined
from coopconnexion.territories.models import Commune
from projects.enums import Hardship
from projects.models import CandidateProfile, PremisesNeed, Project


@transaction.atomic
def tell_profile(
    *,
    person: Person,
    situations: Iterable[Hardship],
    in_priority_district: bool | None,
    by: User,
    on: date,
    commune: Commune | None = None,
) -> CandidateProfile | None:
    """Note what ``person`` chose to say of their situation; who takes everything back leaves no trace of it.

    ``commune`` is noted on the person when it is given.

    :raises ValidationError: situation_unknown
    """
    person = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if commune and person.commune_id != commune.pk:
        person.commune = commune
        person.save(update_fields=["commune"])
    situations = (
        sorted(set(situations), key=Hardship.values.index) if set(situations) <= set(Hardship) else [*situations]
    )
    if not situations and in_priority_district is None:
        forget_profile(person=person)
        return None
    told = {"situations": situations, "in_priority_district": in_priority_district, "told_on": on, "recorded_by": by}
    with constraint_errors(CandidateProfile):
        return CandidateProfile.objects.update_or_create(person=person, defaults=told)[0]


@joined
def forget_profile(*, person: Person) -> None:
    """Delete what ``person`` said of their situation, and every earlier version of it."""
    CandidateProfile.objects.filter(person=person).delete()
    CandidateProfile.history.rel.related_model.objects.filter(person=person).delete()


@transaction.atomic
def note_premises_need(*, project: Project, **fields) -> PremisesNeed:
    """Note the premises that ``project`` looks for, by the names of the fields; those left out stay as they are.

    :raises ValidationError: area_reversed
    """
    Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    with constraint_errors(PremisesNeed):
        return PremisesNeed.objects.update_or_create(project=project, defaults=fields)[0]
