"""The public events to subscribe to: as a calendar, and as news."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.syndication.views import Feed
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.cache import cache_control

from coopconnexion.calendar_feeds import CalendarView, with_stamp
from coopconnexion.calendars import Entry
from coopconnexion.french import moment_words
from coopconnexion.recurrence import midnight
from coopconnexion.territories.models import Territory
from events.documents.agenda import entry_of
from events.models import Event, EventSession

NEWS = 30
A_QUARTER = 15 * 60


@method_decorator([login_not_required, cache_control(public=True, max_age=300)], name="dispatch")
class PublicFeedView(CalendarView):
    """The sessions from last month on, of one territory (« ?territoire=bethune ») or all."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        slug = request.GET.get("territoire")
        self.territory = get_object_or_404(Territory, slug=slug) if slug else None

    def get_name(self) -> str:
        return f"Évènements CoopConnexion{f' – {self.territory}' if self.territory else ''}"

    def get_entries(self) -> list[Entry]:
        events = Event.objects.listed()
        if self.territory:
            events = events.filter(territory=self.territory)
        sessions = EventSession.objects.filter(event__in=events, starts_at__gte=midnight(self.first_day()))
        sessions = sessions.select_related("event__venue__commune", "venue__commune").in_order()
        return [entry_of(session.event, session) for session in with_stamp(sessions)]


class EventNews(Feed):
    """The events to come as an Atom feed, the latest announced first."""

    feed_type = Atom1Feed
    title = "Les évènements de CoopConnexion"
    subtitle = "Conférences, ateliers, réunions d’information et rencontres du réseau."
    language = "fr"

    def link(self):
        return reverse("events:agenda")

    def items(self):
        coming = Event.objects.upcoming(timezone.now()).listed().select_related("venue__commune")
        return coming.order_by("-published_at", "-pk")[:NEWS]

    def item_title(self, item):
        return item.title

    def item_description(self, item):
        when = moment_words(item.starts_at)
        return f"{when.capitalize()}, {item.venue.name}, {item.venue.commune.name}.\n\n{item.description}".strip()

    def item_link(self, item):
        return reverse("events:event", args=[item.pk])

    def item_guid(self, item):
        return f"{settings.SITE_URL}{self.item_link(item)}"

    def item_pubdate(self, item):
        return item.published_at

    def item_updateddate(self, item):
        return item.published_at


news = login_not_required(cache_control(public=True, max_age=A_QUARTER)(EventNews()))
