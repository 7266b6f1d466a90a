from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from coopconnexion.accounts.enums import Source
from coopconnexion.accounts.models import Organisation, Person
from coopconnexion.db import NameKey, ends_after_start, tracked, tracked_links
from coopconnexion.territories.models import Commune, Territory, Theme


class MemberQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff: those of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(territory__in=ids)

    def of_account(self, user):
        """Those whom staff confirmed to be the person behind this account."""
        return self.filter(person__user_links__user=user)

    def present(self):
        """Who has not left, or came back since."""
        return self.exclude(pk__in=self._left())

    def departed(self):
        """Who has left and not come back."""
        return self.filter(pk__in=self._left())

    def _left(self):
        return self.model.departures.rel.related_model.objects.open().values("member")


@tracked
class Member(models.Model):
    """A person who is or was an entrepreneur of the coop; one row per person, whether or not they have an account."""

    person = models.OneToOneField(Person, models.PROTECT, verbose_name="personne", related_name="member")
    territory = models.ForeignKey(Territory, models.PROTECT, verbose_name="territoire", related_name="members")
    advisor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="référent·e",
        related_name="followed_members",
        null=True,
        blank=True,
    )
    source = models.CharField("provenance", max_length=20, choices=Source, default=Source.UNKNOWN)
    referrer = models.ForeignKey(
        Organisation, models.PROTECT, verbose_name="prescripteur", related_name="+", null=True, blank=True
    )
    associated_on = models.DateField("associé·e depuis le", null=True, blank=True)
    share_count = models.PositiveIntegerField("nombre de parts", null=True, blank=True)
    share_amount = models.DecimalField("montant des parts (€)", max_digits=10, decimal_places=2, null=True, blank=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = "membre"
        constraints = [
            models.CheckConstraint(
                name="members_member_shares_of_associate",
                condition=Q(share_count=None, share_amount=None) | Q(associated_on__isnull=False),
                violation_error_code="shares_without_association",
                violation_error_message="Les parts vont avec une date d’association : indiquez-la aussi.",
            )
        ]
        indexes = [models.Index(F("territory"), F("advisor"), name="members_member_followed")]

    def __str__(self):
        return str(self.person)

    @property
    def reference(self) -> str:
        """What staff say and files bear: « M45 »."""
        return f"M{self.pk}"


class BusinessQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff: those of a member of their territories, and those that have no member yet."""
        ids = user.staff_territory_ids()
        if ids is None:
            return self
        theirs = Business.members.through.objects.filter(business=OuterRef("pk"))
        return self.filter(Exists(theirs.filter(member__territory__in=ids)) | ~Exists(theirs))

    def on(self, day):
        """Open on ``day``; one whose opening nobody dated is open until it closes."""
        return self.filter(Q(closed_on=None) | Q(closed_on__gt=day), Q(opened_on=None) | Q(opened_on__lte=day))

    def with_card(self, day):
        """Fetch the public card and its town too; ``card_is_shown`` in the directory on ``day``, ``card_is_agreed``."""
        own = PublicCard.objects.filter(business=OuterRef("pk"))
        return self.select_related("public_card", "commune").annotate(
            card_is_shown=Exists(own.published(day)),
            card_is_agreed=Exists(own.filter(agreed_at__isnull=False, withdrawn_at=None)),
        )


@tracked
class Business(models.Model):
    """What a member, or several together, sell under the coop's roof."""

    name = models.CharField("nom", max_length=200)
    activity = models.CharField("activité", max_length=200)
    commune = models.ForeignKey(Commune, models.PROTECT, verbose_name="commune", null=True, blank=True)
    members = models.ManyToManyField(Member, verbose_name="membres", related_name="businesses")
    themes = models.ManyToManyField(Theme, verbose_name="thèmes", related_name="businesses", blank=True)
    opened_on = models.DateField("ouverte le", null=True, blank=True)
    closed_on = models.DateField("fermée le", null=True, blank=True)

    objects = BusinessQuerySet.as_manager()

    class Meta:
        verbose_name = "entreprise"
        constraints = [ends_after_start("members_business_period", start="opened_on", end="closed_on")]
        indexes = [
            GinIndex(OpClass(NameKey("name"), name="gin_trgm_ops"), fastupdate=False, name="members_business_name"),
            GinIndex(
                OpClass(NameKey("activity"), name="gin_trgm_ops"), fastupdate=False, name="members_business_activity"
            ),
        ]

    def __str__(self):
        return self.name


@tracked_links
class BusinessMember(Business.members.through):
    class Meta:
        proxy = True


@tracked_links
class BusinessTheme(Business.themes.through):
    class Meta:
        proxy = True


class PublicCardQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff: those of the businesses they see."""
        return self.filter(business__in=Business.objects.visible_to(user).values("pk"))

    def published(self, day):
        """Agreed to, not withdrawn, of a business open on ``day``."""
        return self.filter(agreed_at__isnull=False, withdrawn_at=None, business__in=Business.objects.on(day))


@tracked
class PublicCard(models.Model):
    """What the public directory shows of a business, once a member of it agrees."""

    business = models.OneToOneField(Business, models.CASCADE, verbose_name="entreprise", related_name="public_card")
    description = models.TextField("présentation", blank=True, max_length=600)
    website = models.URLField("site web", blank=True)
    picture = models.FileField("image", upload_to="cards/", blank=True, max_length=200)
    picture_description = models.CharField("description de l’image", max_length=200, blank=True)
    agreed_at = models.DateTimeField("accord donné le", null=True, blank=True)
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="accord noté par",
        related_name="+",
        null=True,
        blank=True,
    )
    withdrawn_at = models.DateTimeField("retirée le", null=True, blank=True)
    updated_at = models.DateTimeField("modifiée le", default=timezone.now, editable=False)

    objects = PublicCardQuerySet.as_manager()

    class Meta:
        verbose_name = "fiche publique"
        verbose_name_plural = "fiches publiques"
        constraints = [
            models.CheckConstraint(
                name="members_publiccard_agreement_whole",
                condition=Q(agreed_at=None, agreed_by=None) | Q(agreed_at__isnull=False, agreed_by__isnull=False),
                violation_error_code="agreement_incomplete",
                violation_error_message="Un accord de publication a une date et un auteur.",
            )
        ]

    def __str__(self):
        return f"Fiche publique de {self.business}"

    @property
    def is_agreed(self) -> bool:
        """Whether somebody agrees to it, be the business open or not."""
        return self.agreed_at is not None and self.withdrawn_at is None

    @property
    def picture_name(self) -> str:
        """The last part of the picture's address."""
        return self.picture.name.rpartition("/")[2]
