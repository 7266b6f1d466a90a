"""The permanences of the back office: the list of days, the agenda of one, and what is done there with one click."""

from functools import cached_property

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.generic import FormView, ListView, TemplateView, View

from coopconnexion import pdf
from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.permissions import can_work
from coopconnexion.backoffice import StaffPage
from coopconnexion.french import day_words
from coopconnexion.territories.models import Territory
from permanences import documents, services
from permanences.enums import CancelledBy
from permanences.forms.agenda import EndForm, NoteForm, PeriodForm, StaffMoveForm
from permanences.models import Booking, Permanence, Slot

LIST_NAME = "permanences_staff:permanence_list"
AGENDA_NAME = "permanences_staff:permanence"


class PermanenceListView(StaffPage, ListView):
    """The days, coming or past, with their figures: one query for all."""

    template_name = "permanences/agenda/permanence_list.html"
    context_object_name = "permanences"
    paginate_by = 30
    title = "Permanences"

    @cached_property
    def form(self) -> PeriodForm:
        territories = Territory.objects.order_by("name", "pk")
        ids = self.request.user.staff_territory_ids()
        scoped = territories if ids is None else territories.filter(pk__in=ids)
        form = PeriodForm(self.request.GET or None, territories=scoped)
        form.is_valid()
        return form

    @property
    def chosen(self) -> dict:
        return getattr(self.form, "cleaned_data", {})

    def get_queryset(self):
        today, at = timezone.localdate(), timezone.now()
        permanences = Permanence.objects.visible_to(self.request.user).select_related("territory", "venue")
        if territory := self.chosen.get("territoire"):
            permanences = permanences.filter(territory=territory)
        if self.chosen.get("periode") == "passees":
            days = permanences.filter(held_on__lt=today).order_by("-held_on", "opens_at", "pk")
        else:
            days = permanences.from_day(today).in_order()
        return documents.with_figures(days, at=at)

    def get_context_data(self, **kwargs):
        query = self.request.GET.copy()
        query.pop("page", None)
        return super().get_context_data(
            form=self.form,
            is_past=self.chosen.get("periode") == "passees",
            today=timezone.localdate(),
            can_add=self.request.user.territory_ids(Role.MANAGER, Role.ADVISOR) != set(),
            query=query.urlencode(),
            **kwargs,
        )


class PermanencePage(StaffPage):
    """A page about one permanence of the user's territories."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.at = timezone.now()
        self.permanence = get_object_or_404(
            Permanence.objects.visible_to(request.user).select_related("territory", "venue__commune"), pk=kwargs["pk"]
        )
        self.can_work = can_work(request.user, self.permanence.territory_id)

    def get_title(self) -> str:
        return f"{day_words(self.permanence.held_on).capitalize()}, {self.permanence.venue.name}"

    def get_trail(self):
        return [("Permanences", reverse(LIST_NAME))]

    def get_context_data(self, **kwargs):
        return super().get_context_data(permanence=self.permanence, can_work=self.can_work, **kwargs)

    def day(self) -> documents.Day:
        return documents.day_of(self.permanence, user=self.request.user, at=self.at)


class PermanenceView(PermanencePage, TemplateView):
    """The agenda of one day."""

    template_name = "permanences/agenda/permanence.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            day=self.day(),
            waiting=documents.waiting_for(self.permanence),
            pdf_missing="" if pdf.is_available() else pdf.MISSING,
            **kwargs,
        )


class SheetView(PermanencePage, View):
    """The sheet of the day, as a page to print."""

    def get(self, request, *args, **kwargs):
        return HttpResponse(documents.sheet_html(self.day(), waiting=documents.waiting_for(self.permanence)))


class SheetPdfView(PermanencePage, View):
    """The sheet of the day, as a PDF; without Pango the agenda says what to install."""

    def get(self, request, *args, **kwargs):
        try:
            content = documents.sheet_pdf(self.day(), waiting=documents.waiting_for(self.permanence))
        except pdf.PdfUnavailableError as missing:
            messages.error(request, str(missing))
            return redirect(AGENDA_NAME, self.permanence.pk)
        name = f"permanence-{self.permanence.held_on:%Y-%m-%d}.pdf"
        return HttpResponse(
            content, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'}
        )


class WorkPage(PermanencePage):
    """Only who does the daily work of the territory; readers get a 403."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        if not self.can_work:
            raise PermissionDenied

    def get_trail(self):
        agenda = (super().get_title(), reverse(AGENDA_NAME, args=[self.permanence.pk]))
        return [*super().get_trail(), agenda]


def agenda_url(booking: Booking) -> str:
    return f"{reverse(AGENDA_NAME, args=[booking.permanence_id])}#rdv-{booking.pk}"


class BookingWork(StaffPage, View):
    """Something done to one booking; answers with its row to htmx, else goes back to the agenda."""

    http_method_names = ["post"]
    focus = ""  # which button of the new row takes the focus that the old one had

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.at = timezone.now()
        bookings = Booking.objects.visible_to(request.user)
        self.booking = get_object_or_404(bookings.select_related(*services.BOOKING_RELATIONS), pk=kwargs["pk"])
        if not can_work(request.user, self.booking.permanence.territory_id):
            raise PermissionDenied

    def post(self, request, *args, **kwargs):
        error = ""
        try:
            self.work()
        except ValidationError as refusal:
            error = " ".join(refusal.messages)
        return self.row(error) if request.htmx else self.back(error)

    def work(self) -> None:
        raise NotImplementedError

    def back(self, error: str):
        if error:
            messages.error(self.request, error)
        return redirect(agenda_url(self.booking))

    def row(self, error: str):
        """The row as it now is; when the slot was freed, the whole agenda changes."""
        day = documents.day_of(self.booking.permanence, user=self.request.user, at=self.at)
        for row in day.rows:
            if row.appointment and row.appointment.booking.pk == self.booking.pk:
                context = {"row": row, "day": day, "can_work": True, "error": error, "focus": self.focus}
                return render(self.request, "permanences/agenda/includes/row.html", context)
        if error:
            messages.error(self.request, error)
        return HttpResponse(headers={"HX-Refresh": "true"})


class BookingOutcomeView(BookingWork):
    focus = "presence"

    def work(self):
        outcome = self.request.POST.get("outcome", "")
        services.record_outcome(booking=self.booking, outcome=outcome, at=self.at)


class BookingNoteView(BookingWork):
    focus = "note"

    def work(self):
        form = NoteForm(self.request.POST)
        if form.is_valid():
            services.write_note(booking=self.booking, note=form.cleaned_data["staff_note"])


class BookingCancelView(BookingWork):
    def work(self):
        form = EndForm(self.request.POST)
        if not form.is_valid():
            raise ValidationError([error for errors in form.errors.values() for error in errors])
        services.cancel_booking(booking=self.booking, at=self.at, **form.cleaned_data)


class BookingReleaseView(BookingWork):
    def work(self):
        services.release_booking(booking=self.booking, at=self.at)


class BookingMoveView(StaffPage, FormView):
    """Give somebody another time, of this permanence or of the next ones of the territory."""

    form_class = StaffMoveForm
    template_name = "permanences/agenda/booking_move.html"
    title = "Déplacer un rendez-vous"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.at = timezone.now()
        bookings = Booking.objects.visible_to(request.user).standing()
        self.booking = get_object_or_404(bookings.select_related(*services.BOOKING_RELATIONS), pk=kwargs["pk"])
        if not can_work(request.user, self.booking.permanence.territory_id):
            raise PermissionDenied

    def get_trail(self):
        agenda = (day_words(self.booking.permanence.held_on).capitalize(), agenda_url(self.booking))
        return [("Permanences", reverse(LIST_NAME)), agenda]

    def get_form_kwargs(self):
        slots = Slot.objects.filter(permanence__territory=self.booking.permanence.territory_id)
        return {**super().get_form_kwargs(), "slots": slots}

    def form_valid(self, form):
        slot = form.cleaned_data["slot"]
        try:
            booking = services.move_booking(booking=self.booking, slot=slot, by=CancelledBy.COOP, at=self.at)
        except ValidationError as refusal:
            form.add_error(None, refusal)
            return self.render_to_response(self.get_context_data(form=form), status=409)
        messages.success(self.request, moved_words(booking))
        return redirect(agenda_url(booking))

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs):
        coming = Permanence.objects.held().filter(territory=self.booking.permanence.territory_id)
        days = list(coming.from_day(timezone.localdate(self.at)).select_related("venue").in_order()[:6])
        times = documents.times_for_staff(days, at=self.at)
        choices = [(day, times[day.pk]) for day in days if day.pk in times]
        return super().get_context_data(booking=self.booking, days=choices, **kwargs)


def moved_words(booking: Booking) -> str:
    if booking.person.email:
        return f"Le rendez-vous de {booking.person} est déplacé : un message le lui dit."
    return f"Le rendez-vous de {booking.person} est déplacé. Sans courriel, dites-lui la nouvelle heure de vive voix."
