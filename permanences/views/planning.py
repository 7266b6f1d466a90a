"""What staff do with a whole day: move, cancel, close part of it, suspend booking; always shown before it is done."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import FormView, TemplateView, View

from coopconnexion.accounts.permissions import can_work, may
from coopconnexion.backoffice import StaffPage
from coopconnexion.french import count_words, day_words
from permanences import services
from permanences.forms.planning import (
    PauseForm,
    PermanenceCancelForm,
    PermanenceForm,
    PermanenceMoveForm,
    SlotsCloseForm,
    SlotsForm,
)
from permanences.models import Booking, Slot
from permanences.views.agenda import AGENDA_NAME, LIST_NAME, WorkPage
from premises.models import Venue


def venues_of(user):
    """The places that this user may send people to."""
    ids = user.staff_territory_ids()
    venues = Venue.objects.select_related("commune").order_by("name", "pk")
    return venues if ids is None else venues.filter(territory__in=ids)


class TwoSteps(FormView):
    """A form, then what it would do, then done: nothing is written before the second step is confirmed.

    ``preview`` returns the context of the second step, ``work`` does it and returns the answer; both may refuse.
    """

    def form_valid(self, form):
        if "edit" in self.request.POST:
            return self.render_to_response(self.get_context_data(form=form))
        try:
            preview = self.preview(form)
            if "confirmed" in self.request.POST:
                return self.work(form)
        except ValidationError as refusal:
            form.add_error(None, ValidationError(refusal.messages, code=getattr(refusal, "code", None)))
            return self.render_to_response(self.get_context_data(form=form), status=409)
        return self.render_to_response(self.get_context_data(form=form, preview=preview))

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def preview(self, form) -> dict:
        raise NotImplementedError

    def work(self, form):
        raise NotImplementedError


class DayPage(WorkPage):
    """A page that changes one permanence."""

    title = ""

    def get_title(self) -> str:
        return self.title

    def bookings(self) -> list[Booking]:
        return list(services.standing_bookings(self.permanence))

    def waiting_count(self) -> int:
        return self.permanence.waiting_entries.waiting().count()


def told_words(bookings: list[Booking]) -> str:
    """How many people a message leaves to, and how many are to be phoned."""
    told = sum(bool(booking.person.email) for booking in bookings)
    if not bookings:
        return "Personne n’avait de rendez-vous."
    words = f"{count_words(told, 'personne prévenue', 'personnes prévenues')} par courriel."
    if to_phone := len(bookings) - told:
        words += f" {count_words(to_phone, 'personne')} sans courriel\u202f: à prévenir par téléphone."
    return words


class PermanenceMoveView(DayPage, TwoSteps):
    form_class = PermanenceMoveForm
    template_name = "permanences/planning/permanence_move.html"
    title = "Déplacer la permanence"

    def get_initial(self):
        names = ("held_on", "opens_at", "venue", "sequence")
        return {name: getattr(self.permanence, name) for name in names}

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "venues": venues_of(self.request.user)}

    def preview(self, form):
        names = ("held_on", "opens_at", "venue")
        target = services.Target(**{name: form.cleaned_data[name] for name in names})
        services.refuse_move(permanence=self.permanence, target=target, at=self.at)
        return {
            "target": target,
            "warnings": services.move_warnings(permanence=self.permanence, target=target),
            "bookings": self.bookings(),
            "waiting_count": self.waiting_count(),
        }

    def work(self, form):
        moved = services.move_permanence(permanence=self.permanence, at=self.at, **form.cleaned_data)
        messages.success(self.request, f"La permanence est déplacée. {told_words(moved)}")
        return redirect("permanences_staff:permanence_answers", self.permanence.pk)


class PermanenceCancelView(DayPage, TwoSteps):
    form_class = PermanenceCancelForm
    template_name = "permanences/planning/permanence_cancel.html"
    title = "Annuler la permanence"

    def get_initial(self):
        return {"sequence": self.permanence.sequence}

    def preview(self, form):
        services.refuse_over(self.permanence, at=self.at)
        bookings = [booking for booking in self.bookings() if booking.slot.starts_at > self.at]
        return {"bookings": bookings, "waiting_count": self.waiting_count()}

    def work(self, form):
        cancelled = services.cancel_permanence(permanence=self.permanence, at=self.at, **form.cleaned_data)
        messages.success(self.request, f"La permanence est annulée. {told_words(cancelled)}")
        return redirect("permanences_staff:permanence_answers", self.permanence.pk)


class SlotsCloseView(DayPage, TwoSteps):
    """Close part of a day."""

    form_class = SlotsCloseForm
    template_name = "permanences/planning/slots_close.html"
    title = "Fermer des créneaux"

    def slots(self):
        return self.permanence.slots.open().filter(starts_at__gt=self.at).in_order()

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "slots": self.slots()}

    def get_context_data(self, **kwargs):
        booked = {booking.slot_id: booking for booking in self.bookings()}
        chosen = set(self.request.POST.getlist("slots"))
        kwargs["rows"] = [(slot, booked.get(slot.pk), str(slot.pk) in chosen) for slot in self.slots()]
        kwargs["closed"] = self.permanence.slots.filter(closed_at__isnull=False, starts_at__gt=self.at).in_order()
        return super().get_context_data(**kwargs)

    def preview(self, form):
        services.refuse_over(self.permanence, at=self.at)
        chosen = set(form.cleaned_data["slots"].values_list("pk", flat=True))
        return {
            "slots": form.cleaned_data["slots"],
            "bookings": [booking for booking in self.bookings() if booking.slot_id in chosen],
        }

    def work(self, form):
        hit = services.close_slots(permanence=self.permanence, at=self.at, **form.cleaned_data)
        messages.success(self.request, f"Ces créneaux sont fermés. {told_words(hit)}")
        return redirect("permanences_staff:permanence_answers" if hit else AGENDA_NAME, self.permanence.pk)


class SlotsReopenView(DayPage, View):
    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        form = SlotsForm(request.POST, slots=Slot.objects.filter(permanence=self.permanence))
        try:
            if not form.is_valid():
                raise ValidationError(form.errors["slots"])
            services.reopen_slots(permanence=self.permanence, at=self.at, **form.cleaned_data)
            messages.success(request, "Ces créneaux sont ouverts de nouveau.")
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        return redirect("permanences_staff:slots_close", self.permanence.pk)


class BookingPauseView(DayPage, FormView):
    """Suspend online booking of the day, with a message; or open it again."""

    form_class = PauseForm
    template_name = "permanences/planning/booking_pause.html"
    title = "Suspendre la réservation en ligne"

    def get_initial(self):
        return {"message": self.permanence.booking_paused_message}

    def post(self, request, *args, **kwargs):
        if "resume" not in request.POST:
            return super().post(request, *args, **kwargs)
        services.resume_booking(permanence=self.permanence)
        messages.success(request, "La réservation en ligne est ouverte de nouveau.")
        return redirect(AGENDA_NAME, self.permanence.pk)

    def form_valid(self, form):
        services.pause_booking(permanence=self.permanence, **form.cleaned_data)
        messages.success(self.request, "La réservation en ligne est suspendue\u202f; les rendez-vous pris tiennent.")
        return redirect(AGENDA_NAME, self.permanence.pk)

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)


class PermanenceAnswersView(DayPage, TemplateView):
    """Who to phone after a move or a cancellation, and who has not answered."""

    template_name = "permanences/planning/permanence_answers.html"
    title = "Qui prévenir, qui a répondu"

    def get_context_data(self, **kwargs):
        cancelled = self.permanence.bookings.filter(cancelled_by="coop", cancelled_at__isnull=False)
        people = cancelled.select_related("person", "slot").order_by("slot__starts_at", "pk")
        moved = [booking for booking in self.bookings() if booking.moved_at]
        return super().get_context_data(
            unanswered=[booking for booking in moved if not booking.move_answered_at],
            answered=[booking for booking in moved if booking.move_answered_at],
            cancelled=[booking for booking in people if not booking.person.email],
            **kwargs,
        )


class MoveAnswerView(StaffPage, View):
    """The person was told by phone and keeps the moved appointment."""

    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        bookings = Booking.objects.visible_to(request.user).select_related("permanence", "person")
        booking = get_object_or_404(bookings, pk=kwargs["pk"])
        if not can_work(request.user, booking.permanence.territory_id):
            raise PermissionDenied
        try:
            services.record_move_answer(booking=booking, at=timezone.now())
            messages.success(request, f"C’est noté\u202f: {booking.person} garde son rendez-vous.")
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        return redirect("permanences_staff:permanence_answers", booking.permanence_id)


class PermanenceAddView(StaffPage, TwoSteps):
    """One more day, of no schedule, where the user works."""

    form_class = PermanenceForm
    template_name = "permanences/planning/permanence_add.html"
    title = "Ajouter une permanence"

    def dispatch(self, request, *args, **kwargs):
        self.at = timezone.now()
        if (
            request.user.is_authenticated
            and request.user.is_staff
            and not may(request.user, "add", "permanences.permanence")
        ):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_trail(self):
        return [("Permanences", reverse(LIST_NAME))]

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "venues": venues_of(self.request.user)}

    def preview(self, form):
        venue, day = form.cleaned_data["venue"], form.instance
        if not can_work(self.request.user, venue.territory_id):
            raise PermissionDenied
        target = services.Target(day.held_on, day.opens_at, venue)
        slots = services.refuse_new_day(permanence=day, at=self.at)
        return {
            "day": day,
            "slot_count": len(slots),
            "warnings": services.move_warnings(permanence=day, target=target),
        }

    def work(self, form):
        permanence = services.add_permanence(at=self.at, **form.values)
        messages.success(self.request, f"La permanence du {day_words(permanence.held_on)} est créée.")
        return redirect(AGENDA_NAME, permanence.pk)
