"""Use cases of people and accounts."""

from collections import defaultdict
from datetime import date, datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, Value
from django.db.models.functions import Lower

from coopconnexion.accounts import personal_data
from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.models import Mandate, Person, PersonLink, User
from coopconnexion.addresses import normalise_email
from coopconnexion.db import NameKey, constraint_errors, lock_name
from coopconnexion.periods import day_after
from coopconnexion.territories.models import Territory


@transaction.atomic
def recognise_person(*, first_name: str, last_name: str, email: str, phone: str, at: datetime) -> Person:
    """Return the person of this e-mail *and* name, else a new one.

    A phone that was missing is filled; nothing known is overwritten. Without an e-mail nobody is recognised. Identical
    first requests wait for each other, so that they find one person.
    """
    email = normalise_email(email)
    known = _lock_and_find(email, f"{first_name} {last_name}") if email else None
    if known is None:
        return Person.objects.create(
            first_name=first_name.strip(), last_name=last_name.strip(), email=email, phone=phone, created_at=at
        )
    if phone and not known.phone:
        known.phone = phone
        known.save(update_fields=["phone"])
    return known


def _lock_and_find(email: str, name: str) -> Person | None:
    lock_name(_identity_lock(email))
    same_address = Person.objects.alias(address=Lower("email")).filter(address=email)
    return same_address.filter(name_key=NameKey(Value(name))).order_by("pk").first()


def _identity_lock(email: str) -> str:
    return f"person:{email.lower()}"


# --- personal data ---------------------------------------------------------------------------------------------------


def export_person(person: Person) -> dict[str, list[dict]]:
    """Return all that is held about a person and the accounts that are theirs alone, by model, ready for JSON."""
    held = defaultdict(list)
    for subject in (person, *_own_accounts(person)):
        for model, rows in personal_data.export_rows(subject).items():
            held[model] += rows
    return dict(held)


@transaction.atomic
def erase_person(*, person: Person, at: datetime) -> Person:
    """Neutralise a person, the accounts that are theirs alone, and all that is held about them; figures stay.

    :raises ValidationError: erasure_blocked, with every reason
    """
    lock_name(_identity_lock(person.email))  # nobody books under this name and address meanwhile
    person = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if reasons := personal_data.blockers(person, at):
        raise ValidationError(
            f"Cette personne ne peut pas encore être effacée\u202f: {', '.join(reasons)}.", code="erasure_blocked"
        )
    for account in _own_accounts(person).select_for_update(of=("self",)):
        personal_data.erase_rows(account, at)
    personal_data.erase_rows(person, at)
    person.refresh_from_db()
    return person


def _own_accounts(person: Person):
    """Accounts of this person and of nobody else, without a mandate that makes them the coop's."""
    others = Person.objects.exclude(pk=person.pk)
    same_address = Q(email__iexact=person.email) if person.email else Q(pk__in=[])
    theirs = User.objects.filter(same_address | Q(pk__in=person.user_links.values("user")))
    shared = Q(pk__in=PersonLink.objects.filter(person__in=others).values("user"))
    if person.email and others.filter(email__iexact=person.email).exists():
        shared |= Q(email__iexact=person.email)
    return theirs.exclude(shared).exclude(pk__in=Mandate.objects.values("user")).order_by("pk")


# --- accounts and mandates -------------------------------------------------------------------------------------------


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

    :raises ValidationError: period_empty, manager_everywhere, official_somewhere
    """
    with constraint_errors(Mandate):
        return Mandate.objects.create(user=user, role=role, territory=territory, starts_on=starts_on, ends_on=ends_on)


@transaction.atomic
def change_mandate(
    *, mandate: Mandate, role: Role, territory: Territory | None, starts_on: date, ends_on: date | None, today: date
) -> Mandate:
    """Change a mandate; somebody must still direct the coop ``today``.

    :raises ValidationError: last_manager, or any refusal of ``grant_mandate``
    """
    managers = _lock_managers(today)
    mandate.role, mandate.territory, mandate.starts_on, mandate.ends_on = role, territory, starts_on, ends_on
    with constraint_errors(Mandate):
        mandate.save(update_fields=["role", "territory", "starts_on", "ends_on"])
    _refuse_without_manager(managers, today)
    return mandate


def end_mandate(*, mandate: Mandate, last_day: date, today: date) -> Mandate:
    """End a mandate after ``last_day``.

    :raises ValidationError: period_empty, last_manager
    """
    return change_mandate(
        mandate=mandate,
        role=Role(mandate.role),
        territory=mandate.territory,
        starts_on=mandate.starts_on,
        ends_on=day_after(last_day),
        today=today,
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


class InvitationTokens(PasswordResetTokenGenerator):
    """Tokens that work once: a sign-in, a change of address, or ``PASSWORD_RESET_TIMEOUT`` voids them."""

    key_salt = "coopconnexion.accounts.invitation"


invitation_tokens = InvitationTokens()


@transaction.atomic
def invite_manager(*, email: str, name: str, at: datetime, today: date) -> User:
    """Return the account of this address, opened if need be, with a manager's mandate from ``today``.

    The address counts as verified: whoever may run commands on the server vouches for it.
    """
    email = normalise_email(email)
    user = User.objects.filter(email__iexact=email).first() or open_account(email=email, name=name, at=at)
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True}, create_defaults={"verified": True, "primary": True}
    )
    if not user.mandates.on(today).filter(role=Role.MANAGER).exists():
        grant_mandate(user=user, role=Role.MANAGER, territory=None, starts_on=today)
    return user
