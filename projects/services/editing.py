"""What a project says of itself: corrected, received with its holder."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from coopconnexion.accounts.models import Organisation, Person, User
from coopconnexion.accounts.services import recognise_person
from coopconnexion.refusals import refusal_at
from coopconnexion.territories.models import Territory, Theme
from projects.enums import Source
from projects.models import Project
from projects.services.opening import open_project

TOLD = ("title", "pitch", "intended_activity", "source", "source_detail", "referrer", "is_test")


@transaction.atomic
def edit_project(*, project: Project, themes: Iterable[Theme], observers: Iterable[User], **told) -> Project:
    """Write what ``told`` says of ``project``, by the names of its fields, its themes and who watches it."""
    project = Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    for name in TOLD:
        setattr(project, name, told[name])
    project.save(update_fields=TOLD)
    project.themes.set(themes)
    project.observers.set(observers)
    return project


@transaction.atomic
def receive_project(
    *,
    holder: Person | None,
    contact: dict[str, str],
    territory: Territory,
    title: str,
    source: Source,
    by: User,
    at: datetime,
    advisor: User | None = None,
    pitch: str = "",
    intended_activity: str = "",
    themes: Iterable[Theme] = (),
    source_detail: str = "",
    referrer: Organisation | None = None,
    is_test: bool = False,
    next_step: str = "",
    next_step_on: date | None = None,
) -> Project:
    """Open a project for ``holder``, or for who is recognised or made from ``contact`` (names, e-mail, phone).

    Their open project of the same title is returned untouched.

    :raises ValidationError: advisor_elsewhere, when ``advisor`` does not work in ``territory``
    """
    if advisor and not User.objects.advisors_of(territory, timezone.localdate(at)).filter(pk=advisor.pk).exists():
        raise refusal_at("advisor", f"{advisor} n’accompagne pas sur ce territoire.", "advisor_elsewhere")
    holder = holder or recognise_person(**contact, at=at)
    step = {"next_step": next_step, "next_step_on": next_step_on} if next_step else {}
    return open_project(
        holder=holder,
        territory=territory,
        title=title,
        source=source,
        at=at,
        pitch=pitch,
        intended_activity=intended_activity,
        themes=themes,
        opened_by=by,
        referrer=referrer,
        advisor=advisor,
        source_detail=source_detail,
        is_test=is_test,
        **step,
    )
