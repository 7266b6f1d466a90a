"""The network: its actors, what was said with them, and who helped whom."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from coopconnexion.accounts.models import Organisation, Person
from coopconnexion.db import tracked, tracked_links
from coopconnexion.territories.models import Commune, Territory, Theme
from events.enums import ActorRole, ExchangeKind, LinkRole
from events.models.events import Event
from projects.models import Project


class NetworkActorQuerySet(models.QuerySet):
    def active(self):
        return self.filter(archived_at=None)

    def listed(self):
        """Those who agreed to stand in the public directory, and still do."""
        return self.active().filter(consent_on__isnull=False, consent_ended_on=None)

    def visible_to(self, user):
        """Staff: those of their territories, and those of none in particular."""
        ids = user.staff_territory_ids()
        if ids is None:
            return self
        return self.filter(Q(territory=None) | Q(territory__in=ids)) if ids else self.none()


@tracked
class NetworkActor(models.Model):
    """An organisation or a person of the network: what they do there, where, on what themes."""

    organisation = models.OneToOneField(
        Organisation,
        models.PROTECT,
        verbose_name="organisation",
        related_name="network_actor",
        null=True,
        blank=True,
    )
    person = models.OneToOneField(
        Person, models.PROTECT, verbose_name="personne", related_name="network_actor", null=True, blank=True
    )
    role = models.CharField("rôle", max_length=20, choices=ActorRole)
    territory = models.ForeignKey(
        Territory,
        models.PROTECT,
        verbose_name="territoire",
        related_name="network_actors",
        null=True,
        blank=True,
        help_text="Vide : tous les territoires.",
    )
    commune = models.ForeignKey(Commune, models.PROTECT, verbose_name="commune", null=True, blank=True)
    themes = models.ManyToManyField(Theme, verbose_name="thèmes", related_name="network_actors", blank=True)
    offer = models.TextField("ce qu’il ou elle apporte", blank=True, help_text="En clair, pour l’annuaire.")
    consent_on = models.DateField("accord pour l’annuaire, le", null=True, blank=True)
    consent_note = models.CharField(
        "comment l’accord a été donné", max_length=200, blank=True, help_text="« Par courriel », …"
    )
    consent_ended_on = models.DateField("accord retiré le", null=True, blank=True)
    created_at = models.DateTimeField("entré le", default=timezone.now, editable=False)
    archived_at = models.DateTimeField("archivé le", null=True, blank=True)

    objects = NetworkActorQuerySet.as_manager()

    class Meta:
        verbose_name = "acteur du réseau"
        verbose_name_plural = "acteurs du réseau"
        constraints = [
            models.CheckConstraint(
                name="events_networkactor_one_subject",
                condition=Q(organisation=None, person__isnull=False) | Q(organisation__isnull=False, person=None),
                violation_error_code="one_subject",
                violation_error_message="Un acteur est une organisation ou une personne.",
            ),
            models.CheckConstraint(
                name="events_networkactor_consent_whole",
                condition=Q(consent_on=None, consent_note="", consent_ended_on=None)
                | (
                    Q(consent_on__isnull=False)
                    & ~Q(consent_note="")
                    & (Q(consent_ended_on=None) | Q(consent_ended_on__gte=F("consent_on")))
                ),
                violation_error_code="consent_whole",
                violation_error_message="Notez le jour de l’accord et comment il a été donné.",
            ),
        ]

    def __str__(self):
        return str(self.organisation or self.person)

    @property
    def is_listed(self) -> bool:
        return self.archived_at is None and self.consent_on is not None and self.consent_ended_on is None


@tracked_links
class ActorTheme(NetworkActor.themes.through):
    class Meta:
        proxy = True


class OfActorQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff: those of the actors they see."""
        return self.filter(actor__in=NetworkActor.objects.visible_to(user).values("pk"))


@tracked
class NetworkExchange(models.Model):
    """Something said with an actor: the latest is their last contact."""

    actor = models.ForeignKey(NetworkActor, models.CASCADE, verbose_name="acteur", related_name="exchanges")
    happened_on = models.DateField("le")
    kind = models.CharField("par", max_length=20, choices=ExchangeKind)
    note = models.TextField("ce qui s’est dit")
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="noté par", related_name="+")
    noted_at = models.DateTimeField("noté le", default=timezone.now, editable=False)

    objects = OfActorQuerySet.as_manager()

    class Meta:
        verbose_name = "échange"
        indexes = [models.Index(F("actor"), F("happened_on"), name="events_networkexchange_when")]

    def __str__(self):
        return f"{self.actor}, {self.happened_on:%d/%m/%Y}"


class NetworkLinkQuerySet(OfActorQuerySet):
    def of_events(self):
        return self.filter(event__isnull=False)

    def of_projects(self):
        return self.filter(project__isnull=False)


@tracked
class NetworkLink(models.Model):
    """Who helped whom: an actor and a project, an event, or both when it was at that event."""

    actor = models.ForeignKey(NetworkActor, models.PROTECT, verbose_name="acteur", related_name="links")
    project = models.ForeignKey(
        Project, models.PROTECT, verbose_name="projet", related_name="network_links", null=True, blank=True
    )
    event = models.ForeignKey(
        Event, models.PROTECT, verbose_name="évènement", related_name="network_links", null=True, blank=True
    )
    role = models.CharField("rôle", max_length=20, choices=LinkRole)
    happened_on = models.DateField("le")
    note = models.CharField("précision", max_length=300, blank=True)
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="noté par", related_name="+", null=True, blank=True
    )
    noted_at = models.DateTimeField("noté le", default=timezone.now, editable=False)

    objects = NetworkLinkQuerySet.as_manager()

    class Meta:
        verbose_name = "lien du réseau"
        verbose_name_plural = "liens du réseau"
        constraints = [
            models.CheckConstraint(
                name="events_networklink_to_something",
                condition=Q(project__isnull=False) | Q(event__isnull=False),
                violation_error_code="to_something",
                violation_error_message="Un lien va d’un acteur à un projet ou à un évènement.",
            ),
            models.UniqueConstraint(
                name="events_networklink_once",
                fields=["actor", "project", "event", "role"],
                nulls_distinct=False,
                violation_error_code="link_exists",
                violation_error_message="Ce lien est déjà noté.",
            ),
        ]
        indexes = [models.Index(F("happened_on"), name="events_networklink_when")]

    def __str__(self):
        return f"{self.actor}, {self.get_role_display()}"
