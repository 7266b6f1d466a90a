"""« Ça m’intéresse », said on the site by who has no account, or by who has projects already."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, Value
from django.utils import timezone

from coopconnexion.accounts.models import User
from coopconnexion.accounts.services import recognise_person
from coopconnexion.db import NameKey
from coopconnexion.notices.services import may_write_to
from premises.emails import public_interest as emails
from premises.enums import InterestOrigin
from premises.models import Unit, UnitInterest
from premises.services.interests import say_interest
from projects.enums import Source
from projects.models import Note, Project
from projects.services import open_project

INTERESTS_PER_DAY = 5  # by e-mail or phone: past it the coop calls for a talk
CALL_BACK = "Rappeler la personne : un local l’intéresse"
CALL_BACK_WITHIN = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Who writes: an e-mail, a phone, or both."""

    first_name: str
    last_name: str
    email: str
    phone: str


@transaction.atomic
def show_interest(
    *, unit: Unit, visitor: Visitor, title: str, message: str, at: datetime, suspicious: bool = False
) -> UnitInterest:
    """Note that ``unit`` interests ``visitor``, on their project of this title, opened if need be; confirm by e-mail.

    A second submit finds the first; what it adds is kept as a note of the project.

    :raises ValidationError: unit_withdrawn, busy_network, too_many_interests
    """
    unit = _lock_offered(unit)
    same = _said_by(visitor).filter(unit=unit).select_related("project").order_by("pk").first()
    if same:
        return _add_to(same, message, at=at)
    _refuse_flood(visitor, at=at, suspicious=suspicious)
    person = recognise_person(
        first_name=visitor.first_name,
        last_name=visitor.last_name,
        email=visitor.email,
        phone=visitor.phone,
        at=at,
    )
    project = open_project(
        holder=person,
        territory=unit.territory,
        title=title,
        source=Source.WEB,
        next_step=CALL_BACK,
        next_step_on=timezone.localdate(at) + CALL_BACK_WITHIN,
        at=at,
    )
    return _say(unit, project, message, by=None, at=at)


@transaction.atomic
def show_own_interest(*, unit: Unit, project: Project, message: str, by: User, at: datetime) -> UnitInterest:
    """Note that ``unit`` interests the signed-in holder of ``project``; a second submit finds the first.

    :raises ValidationError: unit_withdrawn
    """
    unit = _lock_offered(unit)
    same = UnitInterest.objects.standing().filter(unit=unit, project=project).select_related("project").first()
    return _add_to(same, message, at=at) if same else _say(unit, project, message, by=by, at=at)


def _say(unit: Unit, project: Project, message: str, *, by: User | None, at: datetime) -> UnitInterest:
    interest = say_interest(project=project, unit=unit, origin=InterestOrigin.PUBLIC, message=message, by=by, at=at)
    email = project.holder.email
    if email and may_write_to(email=email, kinds=emails.UNSOLICITED_KINDS, at=at):
        emails.write_received(interest, at=at)
    return interest


def _lock_offered(unit: Unit) -> Unit:
    """Return ``unit`` as it is now; people who want the same one wait for each other."""
    offered = Unit.objects.on_offer().select_for_update(of=("self",)).select_related("territory", "commune")
    locked = offered.filter(pk=unit.pk).first()
    if locked is None:
        raise ValidationError(
            "Ce local vient d’être retiré : il n’est plus proposé. Ce que vous avez écrit est gardé ci-dessous.",
            code="unit_withdrawn",
        )
    return locked


def _said_by(visitor: Visitor):
    """The interests of who bears this name and this e-mail, or this phone when no e-mail is given."""
    name = NameKey(Value(f"{visitor.first_name} {visitor.last_name}"))
    by = Q(project__holder__email__iexact=visitor.email) if visitor.email else Q(project__holder__phone=visitor.phone)
    return UnitInterest.objects.standing().filter(by, project__holder__name_key=name)


def _refuse_flood(visitor: Visitor, *, at: datetime, suspicious: bool) -> None:
    if suspicious:
        raise ValidationError(
            "Beaucoup de demandes nous arrivent de votre réseau en ce moment. Appelez-nous ou revenez dans une heure : "
            "ce que vous avez écrit reste sur cette page.",
            code="busy_network",
        )
    reached = Q(project__holder__email__iexact=visitor.email) if visitor.email else Q(pk=None)
    if visitor.phone:
        reached |= Q(project__holder__phone=visitor.phone)
    lately = UnitInterest.objects.filter(reached, origin=InterestOrigin.PUBLIC, said_at__gt=at - timedelta(days=1))
    if lately.count() >= INTERESTS_PER_DAY:
        raise ValidationError(
            "Vous nous avez déjà écrit pour plusieurs locaux aujourd’hui : appelez-nous, nous en parlerons ensemble.",
            code="too_many_interests",
        )


def _add_to(interest: UnitInterest, message: str, *, at: datetime) -> UnitInterest:
    """Nothing typed is lost: what is new is kept for the team."""
    if message and message != interest.message:
        text = f"À propos du local {interest.unit} :\n\n{message}"
        Note.objects.get_or_create(project=interest.project, text=text, defaults={"written_at": at})
    return interest
