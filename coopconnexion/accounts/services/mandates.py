"""Accounts and what they may do: opened, given roles, taken them back, closed."""

from datetime import date, datetime

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from coopconnexion.accounts import duties
from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.models import Mandate, Person, PersonLink, User
from coopconnexion.addresses import normalise_email
from coopconnexion.db import constraint_errors
from coopconnexion.periods import day_after
from coopconnexion.territories.models import Territory

ERASED_DOMAIN = "@efface.invalid"


@transaction.atomic
def open_account(*, email: str, name: str, at: datetime) -> User:
    """Open an account without a role; its owner proves the address by the code of the first sign-in.

    :raises ValidationError: email_taken
    """
    with constraint_errors(User):
        user = User.objects.create_user(normalise_email(email), name=name, created_at=at)
    EmailAddress.objects.create(user=user, email=user.email, primary=True)
    return user


@transaction.atomic
def grant_mandate(
    *, user: User, role: Role, territory: Territory | None, starts_on: date, ends_on: date | None = None
) -> Mandate:
    """Give ``user`` a role over the half-open period, in a territory or, with ``None``, in all of them.

    :raises ValidationError: period_empty, manager_everywhere, official_somewhere, official_ends
    """
    with constraint_errors(Mandate):
        return Mandate.objects.create(user=user, role=role, territory=territory, starts_on=starts_on, ends_on=ends_on)


@transaction.atomic
def change_mandate(
    *, mandate: Mandate, role: Role, territory: Territory | None, starts_on: date, ends_on: date | None, today: date
) -> Mandate:
    """Change a mandate; somebody must still direct the coop, and nothing stay in the charge of who leaves ``today``.

    An end to come is no refusal: there is time to hand over, and the direction is reminded of it.

    :raises ValidationError: last_manager, duties_left, or any refusal of ``grant_mandate``
    """
    managers = _lock_managers(today)
    worked = mandate.user.on_work(today)
    mandate.role, mandate.territory, mandate.starts_on, mandate.ends_on = role, territory, starts_on, ends_on
    with constraint_errors(Mandate):
        mandate.save(update_fields=["role", "territory", "starts_on", "ends_on"])
    _refuse_without_manager(managers, today)
    _refuse_with_duties(mandate.user, worked, mandate.user.on_work(day_after(today)))
    return mandate


def end_mandate(*, mandate: Mandate, last_day: date, today: date) -> Mandate:
    """End a mandate after ``last_day``.

    :raises ValidationError: period_empty, last_manager, duties_left
    """
    return change_mandate(
        mandate=mandate,
        role=Role(mandate.role),
        territory=mandate.territory,
        starts_on=mandate.starts_on,
        ends_on=day_after(last_day),
        today=today,
    )


@transaction.atomic
def revoke_mandate(*, mandate: Mandate, today: date) -> None:
    """Take a mandate back at once; one that has not served a whole day goes, and its history stays.

    :raises ValidationError: last_manager, duties_left
    """
    managers = _lock_managers(today)
    user, worked = mandate.user, mandate.user.on_work(today)
    if mandate.starts_on >= today:
        mandate.delete()
    else:
        mandate.ends_on = today
        mandate.save(update_fields=["ends_on"])
    _refuse_without_manager(managers, today)
    _refuse_with_duties(user, worked, user.on_work(today))


@transaction.atomic
def close_account(*, user: User, today: date) -> User:
    """Let nobody sign in to this account any more, and end its sessions; what it did stays in the history.

    :raises ValidationError: last_manager, duties_left
    """
    managers = _lock_managers(today)
    user.is_active = False
    user.save(update_fields=["is_active"])
    _refuse_without_manager(managers, today)
    _refuse_with_duties(user, user.on_work(today), set())
    for session in UserSession.objects.filter(user=user).order_by("pk"):
        session.end()
    return user


@transaction.atomic
def reopen_account(*, user: User) -> User:
    """Let the owner of a closed account sign in again, with the mandates still in force.

    :raises ValidationError: account_erased
    """
    if user.email.endswith(ERASED_DOMAIN):
        raise ValidationError(
            "Ce compte a été effacé\u202f: ouvrez-en un nouveau avec l’adresse de la personne.", code="account_erased"
        )
    user.is_active = True
    user.save(update_fields=["is_active"])
    return user


def _refuse_with_duties(user: User, worked: set[int] | None, works_in: set[int] | None) -> None:
    if worked == set() or works_in == worked:
        return
    if left := duties.remaining(user, works_in=works_in):
        raise ValidationError(
            f"{user} a encore en charge\u202f: {duties.summed(left)}. Confiez-les d’abord à un·e collègue\u202f:"
            " sa page, dans «\u202fQui a accès\u202f», dit où.",
            code="duties_left",
        )


def _managers(day: date):
    return Mandate.objects.on(day).filter(role=Role.MANAGER, user__is_active=True)


def _lock_managers(today: date) -> bool:
    """Hold the direction's mandates, so that the last two do not leave together; tell whether there is any."""
    return bool(_managers(today).select_for_update(of=("self",)).order_by("pk"))


def _refuse_without_manager(had_managers: bool, today: date) -> None:
    lasting = _managers(today).filter(Q(ends_on=None) | Q(ends_on__gt=day_after(today)))
    if had_managers and not lasting.exists():
        raise ValidationError(
            "Il ne resterait personne à la direction. Donnez d’abord ce rôle à quelqu’un d’autre.", code="last_manager"
        )


@transaction.atomic
def confirm_person_link(*, user: User, person: Person, confirmed_by: User, at: datetime) -> PersonLink:
    """Note that staff checked that this account belongs to this person.

    :raises ValidationError: link_exists
    """
    with constraint_errors(PersonLink):
        return PersonLink.objects.create(user=user, person=person, confirmed_by=confirmed_by, confirmed_at=at)
