"""Messages about who may enter: the invitation of a colleague or an official, the quarterly review of accesses."""

from datetime import date, datetime, time

from django.db import transaction
from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.models import Mandate, User
from coopconnexion.accounts.services import invitation_path, open_access
from coopconnexion.notices import rules
from coopconnexion.notices.models import Message
from coopconnexion.notices.services.links import absolute_url
from coopconnexion.notices.services.writing import write_message
from coopconnexion.territories.models import Territory

REVIEW_TIME = time(8)


@transaction.atomic
def invite(
    *,
    email: str,
    name: str,
    role: Role,
    territory: Territory | None,
    ends_on: date | None,
    invited_by: User,
    at: datetime,
    today: date,
) -> Mandate:
    """Give a role from ``today`` to the account of this address, opened if need be, and write to its owner.

    The link of the message signs in once; afterwards, or once it has lapsed, a code by e-mail does.

    :raises ValidationError: account_closed, already_there, or any refusal of ``grant_mandate``
    """
    mandate = open_access(
        email=email, name=name, role=role, territory=territory, starts_on=today, ends_on=ends_on, at=at
    )
    path = invitation_path(mandate.user)
    write_message(
        key=f"invitation:{mandate.pk}",
        kind="invitation",
        to_email=mandate.user.email,
        to_name=mandate.user.name,
        person=None,
        template="notices/emails/invitation",
        context={
            "mandate": mandate,
            "invited_by": invited_by,
            "link": absolute_url(path),
            "login_url": absolute_url(reverse("account_login")),
        },
        secrets=[path.rstrip("/").rpartition("/")[2]],
        at=at,
        expires_at=at + rules.INVITATION_LIFETIME,
    )
    return mandate


@transaction.atomic
def write_access_reviews(*, today: date, at: datetime) -> None:
    """Ask every manager, once a quarter, whether those who may enter still should."""
    quarter = rules.quarter_of(today)
    managers = User.objects.filter(
        pk__in=Mandate.objects.on(today).filter(role=Role.MANAGER).values("user"), is_active=True
    )
    keys = {f"access_review:{quarter}:{manager.pk}": manager for manager in managers.order_by("pk")}
    known = set(Message.objects.filter(key__in=keys).values_list("key", flat=True))
    if missing := {key: manager for key, manager in keys.items() if key not in known}:
        accounts = accounts_with_access(today)
        for key, manager in missing.items():
            _write_review(key, manager, accounts, today=today, at=at)


def accounts_with_access(today: date) -> list[User]:
    """Return the open accounts that a mandate lets in on ``today``, with ``current`` mandates, officials first."""
    current = Mandate.objects.on(today).select_related("territory").order_by("role", "pk")
    accounts = User.objects.filter(pk__in=Mandate.objects.on(today).values("user"), is_active=True)
    rows = accounts.prefetch_related(Prefetch("mandates", queryset=current, to_attr="current")).order_by("email", "pk")
    return sorted(rows, key=lambda account: all(mandate.role != Role.OFFICIAL for mandate in account.current))


def _write_review(key: str, manager: User, accounts: list[User], *, today: date, at: datetime) -> None:
    morning = timezone.make_aware(datetime.combine(today, REVIEW_TIME))
    write_message(
        key=key,
        kind="access_review",
        to_email=manager.email,
        to_name=manager.name,
        person=None,
        template="notices/emails/access_review",
        context={"accounts": accounts, "link": absolute_url(reverse("accounts_staff:access_list"))},
        at=at,
        due_at=max(at, morning),
    )
