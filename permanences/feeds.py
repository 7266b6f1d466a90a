"""Calendars to subscribe to: the permanences for everybody, the appointments for each member of staff."""

from datetime import UTC, datetime

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control

from coopconnexion.calendar_feeds import CalendarView, with_stamp
from coopconnexion.calendars import Entry
from coopconnexion.notices.services import absolute_url
from coopconnexion.territories.models import Territory
from permanences.models import AgendaFeed, Booking, Permanence

NEVER_CHANGED = datetime(2019, 12, 16, tzinfo=UTC)  # the stamp of a row whose history was erased


@method_decorator([login_not_required, cache_control(public=True, max_age=300)], name="dispatch")
class PublicFeedView(CalendarView):
    """The permanences from last month on, of one territory (« ?territoire=bethune ») or all."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        slug = request.GET.get("territoire")
        self.territory = get_object_or_404(Territory, slug=slug) if slug else None

    def get_name(self) -> str:
        return f"Permanences CoopConnexion{f' – {self.territory}' if self.territory else ''}"

    def get_entries(self) -> list[Entry]:
        permanences = Permanence.objects.from_day(self.first_day()).select_related("venue__commune").in_order()
        if self.territory:
            permanences = permanences.filter(territory=self.territory)
        return [permanence_entry(each) for each in with_stamp(permanences)]


def permanence_entry(permanence: Permanence) -> Entry:
    venue = permanence.venue
    return Entry(
        uid=f"permanence-{permanence.pk}@{settings.MAIL_DOMAIN}",
        sequence=permanence.sequence,
        stamp=permanence.stamp or NEVER_CHANGED,
        starts_at=timezone.make_aware(datetime.combine(permanence.held_on, permanence.opens_at)),
        ends_at=timezone.make_aware(datetime.combine(permanence.held_on, permanence.closes_at)),
        summary=f"Permanence CoopConnexion, {venue.name}",
        location=f"{venue.name}, {venue.postal_address}",
        description=permanence.cancel_reason if permanence.cancelled_at else venue.access,
        url=absolute_url(reverse("permanences:permanence", args=[permanence.pk])),
        cancelled=permanence.cancelled_at is not None,
    )


@method_decorator([login_not_required, cache_control(private=True, no_cache=True)], name="dispatch")
class PrivateFeedView(CalendarView):
    """The appointments of the territories of whoever created this address; dead once revoked or out of office."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        links = AgendaFeed.objects.opened_by(kwargs["token"], timezone.now())
        link = links.select_related("user").first()
        if link is None or not link.user.is_staff:
            raise Http404
        self.user = link.user

    def get_name(self) -> str:
        return "Mes rendez-vous CoopConnexion"

    def get_entries(self) -> list[Entry]:
        bookings = (
            Booking.objects.visible_to(self.user)
            .filter(permanence__held_on__gte=self.first_day())
            .select_related("slot", "person", "project", "permanence__venue__commune")
            .order_by("slot__starts_at", "pk")
        )
        return [booking_entry(each) for each in with_stamp(bookings)]


def booking_entry(booking: Booking) -> Entry:
    """No full name, no address, no phone: calendars are synchronised through other people's servers."""
    person, venue = booking.person, booking.permanence.venue
    return Entry(
        uid=f"{booking.uid}@{settings.MAIL_DOMAIN}",
        sequence=booking.sequence,
        stamp=booking.stamp or booking.booked_at,
        starts_at=booking.slot.starts_at,
        ends_at=booking.slot.ends_at,
        summary=f"{person.first_name} {person.last_name[:1]}. – {booking.project.title}",
        location=f"{venue.name}, {venue.postal_address}",
        url=absolute_url(reverse("permanences_staff:permanence", args=[booking.permanence_id])),
        cancelled=not booking.is_standing,
    )
