"""What the home of the back office does about all permanences at once, and the private calendars of staff."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView, View

from coopconnexion.accounts.enums import Role
from coopconnexion.backoffice import StaffPage
from coopconnexion.french import count_words
from coopconnexion.notices.services import absolute_url
from permanences import services
from permanences.models import AgendaFeed, Booking, Permanence

LONGEST_NUMBER = 18  # digits


def number(text: str) -> int:
    """Read an id that a form sent.

    :raises Http404: when it is none
    """
    if not text.isdecimal() or len(text) > LONGEST_NUMBER:
        raise Http404
    return int(text)


class ReleaseUnconfirmedView(StaffPage, View):
    """« Libérer les non confirmés »: of one permanence, or of all those the user works for."""

    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        if request.user.territory_ids(Role.MANAGER, Role.ADVISOR) == set():
            raise PermissionDenied
        released = services.release_unconfirmed(bookings=self.bookings(), user=request.user, at=timezone.now())
        if released:
            places = count_words(len(released), "créneau libéré", "créneaux libérés")
            messages.success(request, f"{places} : un message le dit à chaque personne.")
        else:
            messages.info(request, "Aucun rendez-vous à libérer : tous sont confirmés ou passés.")
        return redirect(self.next_page())

    def bookings(self) -> QuerySet[Booking]:
        bookings = Booking.objects.visible_to(self.request.user).unconfirmed()
        if pk := self.request.POST.get("permanence"):
            visible = Permanence.objects.visible_to(self.request.user)
            bookings = bookings.filter(permanence=get_object_or_404(visible, pk=number(pk)))
        return bookings

    def next_page(self) -> str:
        if pk := self.request.POST.get("permanence"):
            return reverse("permanences_staff:permanence", args=[number(pk)])
        return reverse("admin:index")


@method_decorator(never_cache, name="dispatch")
class FeedListView(StaffPage, TemplateView):
    """« Mon agenda »: the addresses to subscribe to; a new one is shown once, right after it was made."""

    template_name = "permanences/agenda/feed_list.html"
    title = "Mon agenda"

    def post(self, request, *args, **kwargs):
        token = services.create_feed(user=request.user, at=timezone.now())
        address = absolute_url(reverse("permanences:private_feed", args=[token]))
        return self.render_to_response(self.get_context_data(address=address))

    def get_context_data(self, **kwargs):
        feeds = self.request.user.agenda_feeds.live(timezone.now()).order_by("-created_at", "-pk")
        return super().get_context_data(**({"address": "", "feeds": feeds} | kwargs))


class FeedRevokeView(StaffPage, View):
    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        feed = get_object_or_404(AgendaFeed, pk=kwargs["pk"], user=request.user)
        services.revoke_feed(feed=feed, at=timezone.now())
        messages.success(request, "Cette adresse ne répond plus.")
        return redirect("permanences_staff:feed_list")
