"""The page of an event, and the file that puts it in one's calendar."""

import json

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.views.generic import TemplateView, View

from coopconnexion.calendars import feed
from events.documents.agenda import entry_of, held_sessions, places_of, speakers_of, structured_data, with_places
from events.models import Event

IN_A_SCRIPT = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


def find_event(pk: int) -> Event:
    """Return a listed event with its counts: drafts and events by invitation are not there for the public."""
    events = with_places(Event.objects.listed()).select_related("venue__commune", "territory")
    return get_object_or_404(events, pk=pk)


@method_decorator(login_not_required, name="dispatch")
class EventView(TemplateView):
    """What, when, where, with whom, and how many places are left; four queries."""

    template_name = "events/event/event.html"

    def get_context_data(self, **kwargs):
        event, at = find_event(self.kwargs["pk"]), timezone.now()
        sessions, places = held_sessions(event), places_of(event, at=at)
        data = structured_data(event, sessions, places)
        return super().get_context_data(
            event=event,
            sessions=sessions,
            venue=event.venue,
            places=places,
            themes=event.themes.order_by("position", "label", "pk"),
            speakers=speakers_of(event),
            data=script_of(data),
            canonical=data["url"],
            **kwargs,
        )


def script_of(data: dict) -> SafeString:
    """Return ``data`` as JSON-LD that no text of it can leave; it is data, which no policy of scripts refuses."""
    words = json.dumps(data, ensure_ascii=False).translate(IN_A_SCRIPT)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(words))  # escaped above


@method_decorator(login_not_required, name="dispatch")
class EventCalendarView(View):
    """« Ajouter à mon agenda »: the sessions of one event."""

    def get(self, request, *args, **kwargs):
        return calendar_of(find_event(kwargs["pk"]))


def calendar_of(event: Event) -> HttpResponse:
    content = feed(name=event.title, entries=[entry_of(event, session) for session in held_sessions(event)])
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="evenement-{event.pk}.ics"'
    return response
