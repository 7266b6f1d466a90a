"""The public agenda: the coming events as a list or by month, those that are over."""

from calendar import Calendar
from datetime import date, timedelta

from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.generic import ListView, TemplateView

from coopconnexion.periods import months_later
from coopconnexion.recurrence import midnight
from events.documents.agenda import places_of, with_places
from events.filters import EventFilter
from events.models import Event, EventSession

FIRST_YEAR = 2019
YEARS_AHEAD = 5


class Filtered:
    """The filters of the agenda, kept from page to page."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.at = timezone.now()
        self.filters = EventFilter(request.GET, self.events())

    def events(self):
        return Event.objects.listed()

    def get_context_data(self, **kwargs):
        query = self.request.GET.copy()
        query.pop("page", None)
        kwargs |= {"form": self.filters.form, "is_narrowed": self.filters.is_narrowed, "query": query.urlencode()}
        return super().get_context_data(**kwargs)


@method_decorator(login_not_required, name="dispatch")
class AgendaView(Filtered, ListView):
    """The events to come, the soonest first, each with the places left; five queries."""

    template_name = "events/agenda/list.html"
    context_object_name = "events"
    paginate_by = 25
    is_past = False

    def events(self):
        return Event.objects.listed().filter(ends_at__gt=self.at).order_by("starts_at", "pk")

    def get_queryset(self):
        return with_places(self.filters.rows).select_related("venue__commune")

    def get_context_data(self, **kwargs):
        context = super().get_context_data(is_past=self.is_past, today=timezone.localdate(self.at), **kwargs)
        context["rows"] = [(event, places_of(event, at=self.at)) for event in context["events"]]
        return context


class PastAgendaView(AgendaView):
    """The events that are over, the latest first."""

    is_past = True

    def events(self):
        return Event.objects.listed().filter(ends_at__lte=self.at).order_by("-starts_at", "-pk")


@method_decorator(login_not_required, name="dispatch")
class MonthView(Filtered, TemplateView):
    """A month of sessions, week by week; the cancelled ones are struck out. Four queries."""

    template_name = "events/agenda/month.html"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        today = timezone.localdate(self.at)
        year, month = kwargs.get("year", today.year), kwargs.get("month", today.month)
        if not (FIRST_YEAR <= year <= today.year + YEARS_AHEAD and 1 <= month <= 12):
            raise Http404
        self.first = date(year, month, 1)

    def get_context_data(self, **kwargs):
        today, after = timezone.localdate(self.at), months_later(self.first, 1)
        weeks = [
            [(day, day.month == self.first.month, self.sessions.get(day, [])) for day in week]
            for week in Calendar().monthdatescalendar(self.first.year, self.first.month)
        ]
        return super().get_context_data(
            first=self.first,
            weeks=weeks,
            today=today,
            previous=self.reachable(months_later(self.first, -1)),
            next=self.reachable(after),
            is_empty=not self.sessions,
            **kwargs,
        )

    def reachable(self, month: date) -> date | None:
        return month if FIRST_YEAR <= month.year <= timezone.localdate(self.at).year + YEARS_AHEAD else None

    @property
    def sessions(self) -> dict[date, list[EventSession]]:
        if not hasattr(self, "_sessions"):
            self._sessions = self.by_day()
        return self._sessions

    def by_day(self) -> dict[date, list[EventSession]]:
        start = midnight(self.first - timedelta(days=7))
        end = midnight(months_later(self.first, 1) + timedelta(days=7))
        rows = EventSession.objects.filter(starts_at__gte=start, starts_at__lt=end, event__in=self.filters.rows)
        found: dict[date, list[EventSession]] = {}
        for session in rows.select_related("event").in_order():
            found.setdefault(timezone.localdate(session.starts_at), []).append(session)
        return found
