"""Who came: the list of a session on the host's phone, the code of a person, sheets, certificates, the table."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import ListView, TemplateView, View

from coopconnexion import pdf
from coopconnexion.accounts.permissions import can_see_contacts, can_work
from coopconnexion.backoffice import StaffPage
from coopconnexion.french import count_words
from coopconnexion.sheets import csv_response, xlsx_response
from events import services
from events.documents import participants, sheets
from events.documents.presence import by_name, lines_of, sessions_to_note
from events.enums import Outcome
from events.models import Event, EventSession, Registration
from events.services.presence import session_of_the_moment
from events.views.office import LIST_NAME, PAGE_NAME, TRAIL, EventPage, EventWork


class SessionPage(StaffPage):
    """A page about one session of the user's territories."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.at = timezone.now()
        if request.user.is_authenticated:
            rows = EventSession.objects.visible_to(request.user).select_related("event__venue", "venue")
            self.session = get_object_or_404(rows, pk=kwargs["pk"])
            self.can_work = can_work(request.user, self.session.event.territory_id)

    def get_trail(self):
        event = self.session.event
        return [(TRAIL, reverse(LIST_NAME)), (str(event), reverse(PAGE_NAME, args=[event.pk]))]

    def address(self) -> str:
        return reverse("events_staff:presence", args=[self.session.pk])


class PresenceView(SessionPage, TemplateView):
    """The list of a session: one tap a person; the same queries whatever their number."""

    template_name = "events/presence/presence.html"
    title = "Présences"

    def get_context_data(self, **kwargs):
        seated, waiting = lines_of(self.session)
        came = sum(line.outcome == Outcome.ATTENDED for line in seated)
        return super().get_context_data(
            session=self.session,
            event=self.session.event,
            seated=seated,
            waiting=waiting,
            came=came,
            to_note=sum(not line.outcome for line in seated),
            can_note=self.can_work and self.session.starts_at <= self.at + services.EARLIEST_ARRIVAL,
            has_begun=self.session.starts_at <= self.at,
            can_work=self.can_work,
            outcomes=Outcome,
            **kwargs,
        )


class SessionWork(SessionPage, View):
    """A change of the list, for who works there; readers get a 403."""

    http_method_names = ["post"]

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated and not self.can_work:
            raise PermissionDenied


class PresenceNoteView(SessionWork):
    """One person, one tap; the page comes back where one was."""

    def post(self, request, pk: int, registration_pk: int):
        rows = Registration.objects.filter(event=self.session.event_id).select_related("event", "person")
        registration = get_object_or_404(rows, pk=registration_pk)
        try:
            services.note_attendance(
                registration=registration,
                session=self.session,
                outcome=request.POST.get("outcome", ""),
                by=request.user,
                at=self.at,
            )
        except ValidationError as refusal:
            messages.error(request, f"{registration.person}\u202f: {refusal.messages[0]}")
        return redirect(f"{self.address()}#inscription-{registration.pk}")


class PresenceAllView(SessionWork):
    def post(self, request, pk: int):
        try:
            noted = services.note_all_present(session=self.session, by=request.user, at=self.at)
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        else:
            words = count_words(noted, "présence notée", "présences notées")
            messages.success(request, f"{words}. Corrigez celles et ceux qui ne sont pas venus.")
        return redirect(self.address())


class ByCodeView(StaffPage, TemplateView):
    """Opened by the code that a person shows: who they are, and one tap; nothing is noted on GET."""

    template_name = "events/presence/by_code.html"
    title = "Arrivée"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.at = timezone.now()
        if request.user.is_authenticated:
            rows = Registration.objects.visible_to(request.user).select_related("event__venue", "person")
            self.registration = get_object_or_404(rows, code=kwargs["code"])
            self.session = session_of_the_moment(self.registration, self.at)
            self.can_work = can_work(request.user, self.registration.event.territory_id)

    def post(self, request, *args, **kwargs):
        if not self.can_work:
            raise PermissionDenied
        if self.session is None:
            messages.error(request, "Aucune séance de cet évènement n’a lieu en ce moment.")
            return redirect(request.path)
        try:
            services.note_attendance(
                registration=self.registration,
                session=self.session,
                outcome=Outcome.ATTENDED,
                by=request.user,
                at=self.at,
            )
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        else:
            messages.success(request, f"{self.registration.person} est présent·e.")
        return redirect(request.path)

    def get_context_data(self, **kwargs):
        noted = self.session and self.registration.attendances.filter(session=self.session).first()
        return super().get_context_data(
            registration=self.registration,
            event=self.registration.event,
            session=self.session,
            noted=noted,
            can_work=self.can_work,
            sessions=self.registration.event.sessions.filter(cancelled_at=None).in_order(),
            **kwargs,
        )


class PresenceListView(StaffPage, ListView):
    """The sessions that are over and whose list is not complete, the latest first."""

    template_name = "events/presence/to_note.html"
    context_object_name = "sessions"
    paginate_by = 50
    title = "Présences à noter"

    def get_trail(self):
        return [(TRAIL, reverse(LIST_NAME))]

    def get_queryset(self):
        mine = EventSession.objects.visible_to(self.request.user).filter(pk__in=sessions_to_note(timezone.now()))
        return mine.select_related("event__territory").order_by("-starts_at", "-pk")


class PdfPage(EventPage, View):
    """A document of an event; without Pango its page says what to install."""

    def get(self, request, *args, **kwargs):
        try:
            content = self.content()
        except pdf.PdfUnavailableError as missing:
            messages.error(request, str(missing))
            return redirect(self.address())
        disposition = f'inline; filename="{self.filename()}"'
        return HttpResponse(content, content_type="application/pdf", headers={"Content-Disposition": disposition})

    def content(self) -> bytes:
        raise NotImplementedError

    def filename(self) -> str:
        raise NotImplementedError


class SignInView(PdfPage):
    """The sheets to sign: of all the sessions, or of one."""

    def content(self):
        sessions = self.event.sessions.select_related("venue").filter(cancelled_at=None).in_order()
        if pk := self.kwargs.get("session_pk"):
            sessions = sessions.filter(pk=pk)
        sessions = list(sessions)
        if not sessions:
            raise Http404
        return sheets.sign_in_pdf(self.event, sessions)

    def filename(self):
        return f"emargement-{timezone.localdate(self.event.starts_at):%Y-%m-%d}.pdf"


class CertificatesView(EventWork, PdfPage):
    """The certificates of all who came, or of one person."""

    def content(self):
        people = by_name(self.event.registrations.filter(attendances__outcome=Outcome.ATTENDED).distinct())
        if pk := self.kwargs.get("registration_pk"):
            people = people.filter(pk=pk)
        people = list(people)
        if not people:
            raise Http404("Personne n’est noté présent.")
        return sheets.certificates_pdf(self.event, people)

    def filename(self):
        return f"attestations-{timezone.localdate(self.event.starts_at):%Y-%m-%d}.pdf"


class ParticipantsView(EventPage, View):
    """The people of an event, one row per person and session."""

    def get(self, request, pk: int, kind: str):
        event: Event = self.event
        name = f"participants-{timezone.localdate(event.starts_at):%Y-%m-%d}"
        rows = participants.table(event, with_contacts=can_see_contacts(request.user, event.territory_id))
        if kind == "csv":
            return csv_response(f"{name}.csv", participants.HEADER, rows)
        return xlsx_response(f"{name}.xlsx", participants.HEADER, rows, "Participants")
