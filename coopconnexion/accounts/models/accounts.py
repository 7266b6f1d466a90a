"""Ways to sign in, and the roles that say what one may do."""

from copy import copy

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Coalesce, Lower, NullIf
from django.utils import timezone
from django.utils.functional import cached_property

from coopconnexion.accounts.enums import STAFF_ROLES, WORK_ROLES, Role
from coopconnexion.db import PeriodQuerySet, ends_after_start, tracked
from coopconnexion.territories.models import Territory

USER_WORDS = Coalesce(NullIf("name", Value("")), "email", output_field=models.TextField())
"""What ``str(user)`` says, for the database."""


class UserQuerySet(models.QuerySet):
    def advisors_of(self, territory, day):
        """Open accounts that do the daily work on ``day``: there, or with ``None`` anywhere."""
        held = Mandate.objects.on(day).filter(user=OuterRef("pk"), role__in=WORK_ROLES)
        if territory is not None:
            held = held.filter(Q(territory=None) | Q(territory=territory))
        return self.filter(Exists(held), is_active=True)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def create_user(self, email, **fields):
        user = self.model(email=email.strip().lower(), **fields)
        user.set_unusable_password()
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)


@tracked(exclude=("password", "last_login"))
class User(AbstractBaseUser, PermissionsMixin):
    """A way to sign in, by a code sent to the address; what one may do comes from mandates."""

    email = models.EmailField("courriel")
    name = models.CharField("nom affiché", max_length=200, blank=True)
    is_active = models.BooleanField("actif", default=True)
    created_at = models.DateTimeField("créé le", default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = "compte"
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="accounts_user_email",
                violation_error_code="email_taken",
                violation_error_message="Un compte existe déjà avec cette adresse.",
            )
        ]

    def __str__(self):
        return self.name or self.email

    @cached_property
    def current_mandates(self):
        """Mandates in force today, with their territory: one query, then kept for the request."""
        return list(self.mandates.on(timezone.localdate()).select_related("territory"))

    @property
    def roles(self) -> set[Role]:
        return {Role(mandate.role) for mandate in self.current_mandates}

    @property
    def is_staff(self) -> bool:
        """May enter the back office."""
        return self.is_active and bool(self.roles & STAFF_ROLES)

    def territory_ids(self, *roles: Role) -> set[int] | None:
        """Return the territories of these roles; ``None`` means all of them."""
        held = [mandate for mandate in self.current_mandates if mandate.role in roles]
        if any(mandate.territory_id is None for mandate in held):
            return None
        return {mandate.territory_id for mandate in held}

    def staff_territory_ids(self) -> set[int] | None:
        """Return the territories whose back office the user may enter; ``None`` means all, empty means none."""
        return self.territory_ids(*STAFF_ROLES) if self.is_active else set()

    def as_worker(self) -> "User":
        """Return this user as if they held only the roles that do the daily work."""
        worker = copy(self)
        worker.current_mandates = [mandate for mandate in self.current_mandates if mandate.role in WORK_ROLES]
        return worker

    def on_work(self, day) -> set[int] | None:
        """Return the territories where the user does the daily work on ``day``, asked anew; ``None`` means all."""
        held = self.mandates.on(day).filter(role__in=WORK_ROLES).values_list("territory", flat=True)
        return None if None in (ids := set(held)) else ids

    def verified_addresses(self) -> models.QuerySet:
        """The addresses that opened a mail from us: a subquery."""
        return self.emailaddress_set.filter(verified=True).values("email")


class MandateQuerySet(PeriodQuerySet):
    def lasting(self, day):
        """In force on ``day``, or to come."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=day))


@tracked
class Mandate(models.Model):
    """A user's role, for one territory or all of them, over a half-open period."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="compte", related_name="mandates")
    role = models.CharField("rôle", max_length=20, choices=Role)
    territory = models.ForeignKey(
        Territory,
        models.PROTECT,
        verbose_name="territoire",
        null=True,
        blank=True,
        help_text="Vide : tous les territoires.",
    )
    starts_on = models.DateField("depuis le", default=timezone.localdate)
    ends_on = models.DateField("jusqu’au (exclu)", null=True, blank=True)

    objects = MandateQuerySet.as_manager()

    class Meta:
        verbose_name = "mandat"
        constraints = [
            ends_after_start("accounts_mandate_period"),
            models.CheckConstraint(
                name="accounts_mandate_manager_everywhere",
                condition=~Q(role=Role.MANAGER) | Q(territory=None),
                violation_error_code="manager_everywhere",
                violation_error_message="La direction voit tous les territoires : laissez le territoire vide.",
            ),
            models.CheckConstraint(
                name="accounts_mandate_official_somewhere",
                condition=~Q(role=Role.OFFICIAL) | Q(territory__isnull=False),
                violation_error_code="official_somewhere",
                violation_error_message="Indiquez le territoire de l’élu·e ou de l’agent·e.",
            ),
            models.CheckConstraint(
                name="accounts_mandate_official_ends",
                condition=~Q(role=Role.OFFICIAL) | Q(ends_on__isnull=False),
                violation_error_code="official_ends",
                violation_error_message="L’accès d’un·e élu·e ou d’un·e agent·e a une fin : indiquez le dernier jour.",
            ),
        ]

    def __str__(self):
        return f"{self.get_role_display()}, {self.territory or 'tous les territoires'}"
