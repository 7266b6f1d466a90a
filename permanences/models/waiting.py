"""The waiting list of a full permanence, its offers, and the demand left unmet."""

from django.db import models
from django.db.models import Q

from coopconnexion.accounts.models import Person
from coopconnexion.db import tracked
from coopconnexion.notices.models import (
    AbstractLink,
    AbstractOffer,
    AbstractWaitingEntry,
    OfferQuerySet,
    WaitingQuerySet,
)
from permanences.models.bookings import Booking
from permanences.models.planning import Permanence
from permanences.models.slots import Slot
from projects.models import Project


class WaitingListQuerySet(WaitingQuerySet):
    def in_line(self):
        """Waiting, and not held until confirmed: those a free slot may be offered to."""
        return self.waiting().filter(Q(held_at=None) | Q(confirmed_at__isnull=False))

    def in_order(self):
        """First come, first served."""
        return self.order_by("joined_at", "pk")

    def visible_to(self, user):
        """Staff: those of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(permanence__territory__in=ids)


@tracked
class WaitingListEntry(AbstractWaitingEntry):
    """Somebody who waits for a slot of a full permanence."""

    permanence = models.ForeignKey(
        Permanence, models.PROTECT, verbose_name="permanence", related_name="waiting_entries"
    )
    person = models.ForeignKey(Person, models.PROTECT, verbose_name="personne", related_name="waiting_entries")
    project = models.ForeignKey(Project, models.PROTECT, verbose_name="projet", related_name="waiting_entries")
    form_token = models.UUIDField("jeton du formulaire", unique=True, editable=False)
    message = models.TextField("ce que la personne a écrit", blank=True)
    held_at = models.DateTimeField("sans proposition tant que non confirmée, depuis le", null=True, blank=True)
    confirmed_at = models.DateTimeField("adresse confirmée le", null=True, blank=True)
    booking = models.OneToOneField(
        Booking, models.PROTECT, verbose_name="rendez-vous obtenu", related_name="waiting_entry", null=True, blank=True
    )

    objects = WaitingListQuerySet.as_manager()

    class Meta:
        verbose_name = "inscription en liste d’attente"
        verbose_name_plural = "inscriptions en liste d’attente"
        constraints = [
            models.UniqueConstraint(
                name="permanences_waitinglistentry_once",
                fields=["permanence", "person"],
                condition=Q(left_at=None, served_at=None),
                violation_error_code="already_waiting",
                violation_error_message="Cette personne est déjà sur la liste d’attente.",
            ),
            models.CheckConstraint(
                name="permanences_waitinglistentry_served_whole",
                condition=Q(served_at=None, booking=None) | Q(served_at__isnull=False, booking__isnull=False),
                violation_error_code="served_whole",
                violation_error_message="Une attente servie a son rendez-vous.",
            ),
        ]

    def __str__(self):
        return f"{self.person}, {self.permanence}"

    @property
    def is_waiting(self) -> bool:
        return self.left_at is None and self.served_at is None

    @property
    def is_held(self) -> bool:
        """Too many requests came with these details: nothing is offered before the address is confirmed."""
        return self.held_at is not None and self.confirmed_at is None


class WaitingLink(AbstractLink):
    """A link of a message that opens one place on a waiting list, with its offer if any."""

    entry = models.ForeignKey(WaitingListEntry, models.CASCADE, verbose_name="inscription", related_name="links")

    class Meta:
        verbose_name = "lien de liste d’attente"
        verbose_name_plural = "liens de liste d’attente"

    def __str__(self):
        return f"Lien vers {self.entry}"


class SlotOfferQuerySet(OfferQuerySet):
    def to_phone(self, at):
        """Still to be answered, by people whom no message can reach: staff call them."""
        return self.open().filter(expires_at__gt=at, entry__person__email="")

    def visible_to(self, user):
        """Staff: those of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(entry__permanence__territory__in=ids)


class SlotOffer(AbstractOffer):
    """A freed slot kept for one waiting person."""

    entry = models.ForeignKey(WaitingListEntry, models.CASCADE, verbose_name="inscription", related_name="offers")
    slot = models.ForeignKey(Slot, models.PROTECT, verbose_name="créneau", related_name="offers")

    objects = SlotOfferQuerySet.as_manager()

    class Meta:
        verbose_name = "proposition de créneau"
        verbose_name_plural = "propositions de créneau"
        constraints = [
            models.UniqueConstraint(
                name="permanences_slotoffer_one_open_per_slot",
                fields=["slot"],
                condition=Q(accepted_at=None, declined_at=None, lapsed_at=None),
                violation_error_code="slot_offered",
                violation_error_message="Ce créneau est déjà proposé à quelqu’un.",
            ),
            models.UniqueConstraint(
                name="permanences_slotoffer_one_open_per_entry",
                fields=["entry"],
                condition=Q(accepted_at=None, declined_at=None, lapsed_at=None),
                violation_error_code="entry_offered",
                violation_error_message="Cette personne a déjà une proposition en cours.",
            ),
            models.CheckConstraint(
                name="permanences_slotoffer_one_end",
                condition=Q(accepted_at=None, declined_at=None)
                | Q(accepted_at=None, lapsed_at=None)
                | Q(declined_at=None, lapsed_at=None),
                violation_error_code="one_end",
                violation_error_message="Une proposition est acceptée, déclinée ou échue : une seule fois.",
            ),
        ]

    def __str__(self):
        return f"{self.slot} pour {self.entry.person_id}"

    @property
    def is_open(self) -> bool:
        """Not answered, and not yet seen past its time."""
        return self.accepted_at is None and self.declined_at is None and self.lapsed_at is None


class MissedRequest(models.Model):
    """Somebody tried for a slot that was gone; served if the same form then got another. No personal data."""

    permanence = models.ForeignKey(
        Permanence, models.CASCADE, verbose_name="permanence", related_name="missed_requests"
    )
    form_token = models.UUIDField(unique=True, editable=False)
    missed_at = models.DateTimeField("le")
    served_at = models.DateTimeField("servi ensuite le", null=True, blank=True)

    class Meta:
        verbose_name = "demande sans créneau"
        verbose_name_plural = "demandes sans créneau"

    def __str__(self):
        return f"{self.missed_at:%d/%m/%Y %H:%M}"
