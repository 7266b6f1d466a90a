"""Human beings, organisations, and the accounts that staff linked to people."""

from copy import copy
from functools import reduce
from operator import or_

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Concat, Greatest, Least, Lower, Upper
from django.utils import timezone
from phonenumber_field.modelfields import PhoneNumberField

from coopconnexion.accounts.enums import WORK_ROLES, OrganisationKind, Role
from coopconnexion.accounts.models.accounts import Mandate
from coopconnexion.db import NameKey, tracked
from coopconnexion.territories.models import Commune, Territory


def known_in(ids: models.QuerySet) -> models.QuerySet:
    """Narrow a subquery of one column to the person outside: cheaper than the whole of it when few are looked at."""
    (column,) = ids.query.values_select
    return ids.filter(**{column: OuterRef("pk")})


class PersonQuerySet(models.QuerySet):
    sources = []
    """Who may see whom: filled by the register in ``visibility.py``."""

    def visible_to(self, user):
        """Staff: the people whom an app knows in their territories; the direction: everybody; others: nobody."""
        ids = user.staff_territory_ids()
        if ids is None:
            return self
        if not ids:
            return self.none()
        return self.filter(reduce(or_, (Exists(known_in(source(user))) for source in self.sources)))

    def worked_by(self, user):
        """The people for whom ``user`` does the daily work, which a reader of a territory does not."""
        return self.visible_to(_with_mandates(user, [m for m in user.current_mandates if m.role in WORK_ROLES]))

    def known_elsewhere(self, user):
        """The people whom a territory that ``user`` does not work for knows too."""
        own = user.territory_ids(*WORK_ROLES)
        if own is None:
            return self.none()
        others = Territory.objects.exclude(pk__in=own).values_list("pk", flat=True)
        mandates = [Mandate(role=Role.READER, territory_id=pk, starts_on=timezone.localdate()) for pk in others]
        return self.visible_to(_with_mandates(user, mandates))

    def with_doubles(self):
        """Annotate ``has_double``: another row has the same name with the same e-mail or phone."""
        told_apart = NotDouble.objects.filter(
            first=Least(OuterRef("pk"), OuterRef(OuterRef("pk"))),
            second=Greatest(OuterRef("pk"), OuterRef(OuterRef("pk"))),
        )
        twin = Person.objects.alias(address=Lower("email")).filter(name_key=OuterRef("name_key"))
        same_email = Q(address=Lower(OuterRef("email"))) & ~Q(email="")
        same = same_email | (Q(phone=OuterRef("phone")) & ~Q(phone=""))
        return self.annotate(has_double=Exists(twin.exclude(pk=OuterRef("pk")).filter(same, ~Exists(told_apart))))


def _with_mandates(user, mandates):
    """Return ``user`` as if they held these mandates only."""
    other = copy(user)
    other.current_mandates = mandates
    return other


@tracked
class Person(models.Model):
    """A human being: candidate, member or participant; one human, one row.

    The e-mail may be missing, or shared by a couple: sameness is e-mail *and* name.
    """

    first_name = models.CharField("prénom", max_length=100)
    last_name = models.CharField("nom", max_length=100)
    email = models.EmailField("courriel", blank=True)
    phone = PhoneNumberField("téléphone", blank=True)
    commune = models.ForeignKey(Commune, models.PROTECT, verbose_name="commune", null=True, blank=True)
    name_key = models.GeneratedField(
        expression=NameKey(Concat("first_name", models.Value(" "), "last_name")),
        output_field=models.TextField(),
        db_persist=True,
    )
    created_at = models.DateTimeField("créée le", default=timezone.now, editable=False)

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = "personne"
        indexes = [
            models.Index(Lower("email"), F("name_key"), name="accounts_person_identity"),
            models.Index(F("phone"), name="accounts_person_phone"),
            models.Index(F("name_key"), F("id"), name="accounts_person_name"),
            GinIndex(OpClass(F("name_key"), name="gin_trgm_ops"), fastupdate=False, name="accounts_person_name_trgm"),
            GinIndex(OpClass(Upper("email"), name="gin_trgm_ops"), fastupdate=False, name="accounts_person_email_trgm"),
            GinIndex(OpClass(F("phone"), name="gin_trgm_ops"), fastupdate=False, name="accounts_person_phone_trgm"),
        ]

    def __str__(self):
        return f"{self.first_name} {self.last_name}"


class PersonMergeQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Those whose kept person the user may see."""
        return self.filter(kept__in=Person.objects.visible_to(user).values("pk"))


@tracked
class PersonMerge(models.Model):
    """Two rows were one human: what the row that is gone held, who said so, when."""

    kept = models.ForeignKey(Person, models.PROTECT, verbose_name="personne gardée", related_name="merges")
    gone_pk = models.BigIntegerField("numéro de la fiche réunie", unique=True, editable=False)
    former = models.JSONField("ce que disait la fiche réunie", default=dict, editable=False)
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="réunies par", related_name="+", null=True, blank=True
    )
    merged_at = models.DateTimeField("réunies le")

    objects = PersonMergeQuerySet.as_manager()

    class Meta:
        verbose_name = "réunion de fiches"
        verbose_name_plural = "réunions de fiches"

    def __str__(self):
        return f"Fiche n° {self.gone_pk}, réunie à {self.kept}"


@tracked
class NotDouble(models.Model):
    """Staff said that two rows that look alike are two people."""

    first = models.ForeignKey(Person, models.CASCADE, verbose_name="première personne", related_name="+")
    second = models.ForeignKey(Person, models.CASCADE, verbose_name="seconde personne", related_name="+")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="dit par", related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField("dit le")

    class Meta:
        verbose_name = "paire de personnes distinctes"
        verbose_name_plural = "paires de personnes distinctes"
        constraints = [
            models.UniqueConstraint(
                name="accounts_notdouble_once",
                fields=["first", "second"],
                violation_error_code="known_apart",
                violation_error_message="C’est déjà noté : ce sont deux personnes.",
            ),
            models.CheckConstraint(
                name="accounts_notdouble_in_order",
                condition=Q(first__lt=F("second")),
                violation_error_code="not_in_order",
                violation_error_message="Une paire se note une fois, la plus ancienne fiche d’abord.",
            ),
        ]

    def __str__(self):
        return f"{self.first} et {self.second}"


class OrganisationQuerySet(models.QuerySet):
    def referrers(self, chosen=None):
        """Who may send people to the coop, in the order of lists; ``chosen``, already noted, is kept even retired."""
        wanted = Q(kind=OrganisationKind.REFERRER, retired_at=None) | Q(pk=chosen)
        return self.filter(wanted).order_by("name", "pk")


@tracked
class Organisation(models.Model):
    """A legal body: city, referrer, company, association, lessor; retired from the forms, never deleted, once used."""

    name = models.CharField("nom", max_length=200)
    kind = models.CharField("nature", max_length=20, choices=OrganisationKind)
    commune = models.ForeignKey(Commune, models.PROTECT, verbose_name="commune", null=True, blank=True)
    email = models.EmailField("courriel", blank=True)
    phone = PhoneNumberField("téléphone", blank=True)
    website = models.URLField("site web", blank=True)
    retired_at = models.DateTimeField("retirée le", null=True, blank=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = "organisation"
        indexes = [
            GinIndex(OpClass(NameKey("name"), name="gin_trgm_ops"), fastupdate=False, name="accounts_organisation_name")
        ]

    def __str__(self):
        return self.name


@tracked
class Affiliation(models.Model):
    """The role of a person in an organisation."""

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, verbose_name="organisation", related_name="affiliations"
    )
    person = models.ForeignKey(Person, models.PROTECT, verbose_name="personne", related_name="affiliations")
    title = models.CharField("fonction", max_length=100, blank=True)

    class Meta:
        verbose_name = "fonction dans une organisation"
        verbose_name_plural = "fonctions dans les organisations"
        constraints = [
            models.UniqueConstraint(
                name="accounts_affiliation_once",
                fields=["organisation", "person"],
                violation_error_code="affiliation_exists",
                violation_error_message="Cette personne est déjà rattachée à cette organisation.",
            )
        ]

    def __str__(self):
        return f"{self.person} ({self.organisation})"


@tracked
class PersonLink(models.Model):
    """Staff confirmed that this account belongs to this person: opens contracts and statements."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="compte", related_name="person_links"
    )
    person = models.ForeignKey(Person, models.PROTECT, verbose_name="personne", related_name="user_links")
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="confirmé par", related_name="+"
    )
    confirmed_at = models.DateTimeField("confirmé le", default=timezone.now)

    class Meta:
        verbose_name = "lien entre compte et personne"
        verbose_name_plural = "liens entre comptes et personnes"
        constraints = [
            models.UniqueConstraint(
                name="accounts_personlink_once",
                fields=["user", "person"],
                violation_error_code="link_exists",
                violation_error_message="Ce compte est déjà relié à cette personne.",
            )
        ]

    def __str__(self):
        return f"{self.user} = {self.person}"
