"""The times of a permanence."""

from datetime import datetime, timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import Count, Deferrable, ExpressionWrapper, F, Q, Value
from django.db.models.expressions import RawSQL
from django.utils import timezone

from coopconnexion.db import EQUAL, OVERLAPS, span
from permanences.models.planning import Permanence

UNBOOKED = """
NOT EXISTS (
    SELECT 1 FROM permanences_booking AS booking
    WHERE booking.slot_id = permanences_slot.id AND booking.cancelled_at IS NULL AND booking.released_at IS NULL
)
"""
NOT_KEPT = """
NOT EXISTS (
    SELECT 1 FROM permanences_slotoffer AS offer
    WHERE offer.slot_id = permanences_slot.id AND offer.accepted_at IS NULL AND offer.declined_at IS NULL
    AND offer.lapsed_at IS NULL AND offer.expires_at > %s
)
"""


FREE_OF_A_DAY = " ".join(
    (
        "SELECT * FROM permanences_slot WHERE permanence_id = %s AND closed_at IS NULL AND starts_at > %s AND",
        UNBOOKED,
        "AND",
        NOT_KEPT,
        "ORDER BY starts_at, desk, id",
    )
)
"""As ``free``, ready made: this query is the busiest of the site."""


class SlotQuerySet(models.QuerySet):
    def open(self):
        """Not closed by staff."""
        return self.filter(closed_at=None)

    def unbooked(self):
        """Open, without a standing booking, kept for somebody or not; as :meth:`free`, never in a subquery."""
        return self.open().filter(RawSQL(UNBOOKED, [], output_field=models.BooleanField()))  # noqa: S611  # no input

    def free(self, at):
        """Open, without a standing booking or an offer that still holds.

        Two anti-joins on partial unique indexes. Only at the top of a queryset of slots, where the table keeps its
        name; not in a subquery.
        """
        return self.unbooked().filter(RawSQL(NOT_KEPT, [at], output_field=models.BooleanField()))  # noqa: S611  # bound

    def bookable(self, at):
        """Free, and the notice of its permanence not begun: what the public may take."""
        notice = ExpressionWrapper(
            F("permanence__notice_minutes") * timedelta(minutes=1), output_field=models.DurationField()
        )
        return self.free(at).filter(starts_at__gt=Value(at) + notice)

    def in_order(self):
        return self.order_by("starts_at", "desk", "pk")

    def count_bookable(self, permanences, at) -> dict[int, int]:
        """How many different times each of these permanences still offers: one query."""
        rows = self.bookable(at).filter(permanence__in=permanences).values_list("permanence")
        return dict(rows.annotate(times=Count("starts_at", distinct=True)).order_by("permanence"))

    def free_times(self, permanence, at) -> list["Slot"]:
        """One free slot per time of the day, with ``free_count``, the advisors still free then: one query."""
        slots = self.raw(FREE_OF_A_DAY, [permanence.pk, at + permanence.notice, at])
        return _by_time(slots).get(permanence.pk, [])

    def free_times_by_permanence(self, permanences, at) -> dict[int, list["Slot"]]:
        """The same for several permanences, by their id: one query."""
        return _by_time(self.filter(permanence__in=permanences).bookable(at).in_order())


def _by_time(slots) -> dict[int, list["Slot"]]:
    """The first slot of each time, counting those beside it, by permanence."""
    times: dict[int, dict[datetime, Slot]] = {}
    for slot in slots:
        first = times.setdefault(slot.permanence_id, {}).setdefault(slot.starts_at, slot)
        first.free_count = getattr(first, "free_count", 0) + 1
    return {pk: list(slots.values()) for pk, slots in times.items()}


class Slot(models.Model):
    """A time with one advisor; closed rather than deleted once somebody booked it."""

    permanence = models.ForeignKey(Permanence, models.CASCADE, verbose_name="permanence", related_name="slots")
    desk = models.PositiveSmallIntegerField("accueil", default=1)
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin")
    closed_at = models.DateTimeField("fermé le", null=True, blank=True)

    objects = SlotQuerySet.as_manager()

    class Meta:
        verbose_name = "créneau"
        verbose_name_plural = "créneaux"
        constraints = [
            models.CheckConstraint(
                name="permanences_slot_period",
                condition=Q(ends_at__gt=F("starts_at")),
                violation_error_code="period_empty",
                violation_error_message="La fin doit venir après le début.",
            ),
            ExclusionConstraint(
                name="permanences_slot_no_overlap",
                expressions=[("permanence", EQUAL), ("desk", EQUAL), (span("starts_at", "ends_at"), OVERLAPS)],
                condition=Q(closed_at=None),
                deferrable=Deferrable.IMMEDIATE,  # a whole permanence is shifted in one statement
                violation_error_code="slot_overlap",
                violation_error_message="Deux créneaux d’un même accueil se chevauchent.",
            ),
            # the target of the composite foreign key of a booking
            models.UniqueConstraint(name="permanences_slot_in_permanence", fields=["id", "permanence"]),
        ]

    def __str__(self):
        return f"{timezone.localtime(self.starts_at):%d/%m/%Y %H:%M}"
