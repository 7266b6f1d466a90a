"""The events as the office lists them, and the page of each."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.generic import FormView, ListView, TemplateView, View

from coopconnexion.accounts.enums import WORK_ROLES
from coopconnexion.accounts.permissions import can_work
from coopconnexion.backoffice import StaffPage, history_page
from coopconnexion.backoffice.tables import InAddress
from coopconnexion.refusals import add_refusal
from coopconnexion.sheets import csv_response, xlsx_response
from events import services
from events.documents import office as documents
from events.documents.agenda import held_sessions, places_of, with_counts
from events.models import Event
from events.office_filters import EventOfficeFilter

LIST_NAME, PAGE_NAME = "events_staff:event_list", "events_staff:event"
TRAIL = "Évènements"


class Filtered(InAddress, StaffPage):
    folded = ("theme", "lieu", "territoire")

    @cached_property
    def filters(self) -> EventOfficeFilter:
        return EventOfficeFilter(self.request.GET, user=self.request.user)

    def found(self):
        return with_counts(self.filters.rows).select_related("venue", "territory")


class EventListView(Filtered, ListView):
    template_name = "events/office/event_list.html"
    context_object_name = "events"
    paginate_by = 50
    title = TRAIL
    keeps_filters = True

    def get_queryset(self):
        return self.found()

    def get_context_data(self, **kwargs):
        at = self.filters.at
        context = super().get_context_data(
            form=self.filters.form,
            is_narrow=self.is_narrow,
            query=self.query(),
            may_work=self.request.user.territory_ids(*WORK_ROLES) != set(),
            **kwargs,
        )
        rows = [(event, documents.state_of(event, at)) for event in context["events"]]
        return context | {"rows": rows, "total": context["paginator"].count}


class EventExportView(Filtered, View):
    def get(self, request, kind: str):
        at = self.filters.at
        name, rows = f"evenements-{timezone.localdate(at):%Y-%m-%d}", documents.table(self.found(), at)
        if kind == "csv":
            return csv_response(f"{name}.csv", documents.HEADER, rows)
        return xlsx_response(f"{name}.xlsx", documents.HEADER, rows, "Évènements")


class EventPage(StaffPage):
    """A page about one event of the user's territories."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.at = timezone.now()
        if request.user.is_authenticated:
            self.event = self.load()
            self.can_work = can_work(request.user, self.event.territory_id)

    def load(self) -> Event:
        rows = with_counts(Event.objects.visible_to(self.request.user))
        return get_object_or_404(rows.select_related("venue__commune", "territory", "series"), pk=self.kwargs["pk"])

    def get_title(self):
        return self.title or str(self.event)

    def get_trail(self):
        trail = [(TRAIL, reverse(LIST_NAME))]
        return [*trail, (str(self.event), self.address())] if self.title else trail

    def address(self) -> str:
        return reverse(PAGE_NAME, args=[self.event.pk])

    def get_context_data(self, **kwargs):
        return super().get_context_data(**{"event": self.event, "can_work": self.can_work} | kwargs)


class EventWork(EventPage):
    """Only who does the daily work of the territory; readers get a 403."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated and not self.can_work:
            raise PermissionDenied


class EventView(EventPage, TemplateView):
    """All that is known of an event; the same queries whatever the number of people."""

    template_name = "events/office/event.html"

    def get_context_data(self, **kwargs):
        people, sessions = documents.people_of(self.event), held_sessions(self.event)
        return super().get_context_data(
            **people,
            sessions=sessions,
            held_count=sum(each.cancelled_at is None for each in sessions),
            places=places_of(self.event, at=self.at),
            state=documents.state_of(self.event, self.at),
            is_over=self.event.ends_at <= self.at,
            themes=self.event.themes.order_by("position", "label", "pk"),
            siblings=self.siblings(),
            told=documents.messages_of(self.event),
            versions=history_page(self.event, self.request.GET.get("page")),
            at=self.at,
            **kwargs,
        )

    def siblings(self):
        """The other dates of its series."""
        if self.event.series_id is None:
            return []
        return self.event.series.events.exclude(pk=self.event.pk).in_order()


class EventAct(EventWork, View):
    """One click on an event: a service, a word, back to its page."""

    http_method_names = ["post"]
    done = ""

    def post(self, request, pk: int):
        try:
            self.act()
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, self.done)
        return redirect(self.where())

    def act(self) -> None:
        raise NotImplementedError

    def where(self) -> str:
        return self.address()

    def told(self) -> dict:
        return {"by": self.request.user, "at": self.at}


class EventPublishView(EventAct):
    done = "L’évènement est publié\u202f: il figure à l’agenda et l’on peut s’y inscrire."

    def act(self):
        services.publish_event(event=self.event, **self.told())


class EventUnpublishView(EventAct):
    done = "L’évènement est redevenu un brouillon\u202f: le public ne le voit plus."

    def act(self):
        services.unpublish_event(event=self.event, **self.told())


class EventRemoveView(EventAct):
    done = "Le brouillon est effacé."
    is_gone = False

    def act(self):
        services.remove_draft(event=self.event, **self.told())
        self.is_gone = True

    def where(self):
        return reverse(LIST_NAME) if self.is_gone else self.address()


class EventForm(EventWork, FormView):
    """A form about an event: a service, a word, back to its page; a refusal keeps what was typed."""

    template_name = "events/office/event_form.html"
    submit = "Enregistrer"
    lead = ""

    def form_valid(self, form):
        try:
            words = self.work(form)
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.form_invalid(form)
        messages.success(self.request, words)
        return redirect(self.where())

    def work(self, form) -> str:
        """Call the service and return what to say."""
        raise NotImplementedError

    def where(self) -> str:
        return self.address()

    def form_invalid(self, form):
        status = 409 if getattr(form, "meanwhile", None) else 422
        return self.render_to_response(self.get_context_data(form=form), status=status)

    def told(self) -> dict:
        return {"by": self.request.user, "at": self.at}

    def get_context_data(self, **kwargs):
        page = {"submit": self.submit, "cancel": self.address(), "lead": self.get_lead()}
        return super().get_context_data(**page | kwargs)

    def get_lead(self) -> str:
        return self.lead
