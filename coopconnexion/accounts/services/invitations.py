"""Opening accounts for others: an invitation signs in once, by a link."""

from datetime import date, datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.models import Mandate, User
from coopconnexion.accounts.services.mandates import grant_mandate, open_account
from coopconnexion.addresses import normalise_email
from coopconnexion.db import lock_name
from coopconnexion.territories.models import Territory


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


def invitation_path(user: User) -> str:
    """Return the address that signs ``user`` in once; it travels by mail only."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("accounts:invitation", args=[uid, invitation_tokens.make_token(user)])


@transaction.atomic
def open_access(
    *,
    email: str,
    name: str,
    role: Role,
    territory: Territory | None,
    starts_on: date,
    ends_on: date | None,
    at: datetime,
) -> Mandate:
    """Give a role to the account of this address, opened if need be; whoever owns the address proves it by signing in.

    :raises ValidationError: account_closed, already_there, or any refusal of ``grant_mandate``
    """
    email = normalise_email(email)
    lock_name(f"account:{email.lower()}")  # asked for twice at once, it is given once
    user = User.objects.filter(email__iexact=email).first() or open_account(email=email, name=name, at=at)
    if not user.is_active:
        raise ValidationError(
            "Le compte de cette adresse est fermé\u202f: rouvrez-le d’abord, dans «\u202fQui a accès\u202f».",
            code="account_closed",
        )
    if user.mandates.on(starts_on).filter(role=role, territory=territory).exists():
        raise ValidationError(
            "Cette personne a déjà ce rôle sur ce territoire. Pour en changer la fin, modifiez son mandat.",
            code="already_there",
        )
    return grant_mandate(user=user, role=role, territory=territory, starts_on=starts_on, ends_on=ends_on)


@transaction.atomic
def accept_invitation(*, user: User) -> User:
    """Note that the owner of the address opened the link sent to it."""
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True}, create_defaults={"verified": True, "primary": True}
    )
    return user
