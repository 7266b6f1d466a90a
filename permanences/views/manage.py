"""One appointment, by the link of a message or from « mon espace »: see, confirm, cancel, move. Nothing acts on GET."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import FormView, TemplateView, View

from permanences import services
from permanences.enums import CancelledBy
from permanences.forms.booking import CancelForm, MoveForm
from permanences.models import Booking, BookingLink, Permanence, Slot


class BookingPage(View):
    """What the pages of one appointment share: the row, and the addresses of its other pages."""

    url_prefix: str
    lookup: str

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.at = timezone.now()
        self.booking = None

    def dispatch(self, request, *args, **kwargs):
        self.booking = self.find_booking()
        if self.booking is None:
            return self.missing()
        return super().dispatch(request, *args, **kwargs)

    def find_booking(self) -> Booking | None:
        raise NotImplementedError

    def missing(self):
        raise Http404

    def url(self, action: str = "") -> str:
        name = f"permanences:{self.url_prefix}{'_' + action if action else ''}"
        return reverse(name, kwargs={self.lookup: self.kwargs[self.lookup]})

    def get_context_data(self, **kwargs):
        kwargs |= {
            "booking": self.booking,
            "permanence": self.booking.permanence,
            "venue": self.booking.permanence.venue,
            "slot": self.booking.slot,
            "is_coming": self.booking.is_standing and self.booking.slot.starts_at > self.at,
            "urls": {action or "see": self.url(action) for action in ("", "confirm", "cancel", "move")},
        }
        return super().get_context_data(**kwargs)

    def refused(self, refusal: ValidationError):
        """Say why on the appointment's own page, which shows how things stand."""
        messages.error(self.request, " ".join(refusal.messages))
        return redirect(self.url())


@method_decorator([login_not_required, never_cache], name="dispatch")
class ByLink(BookingPage):
    """Opened by the token of a message, by whoever holds it; it opens nothing else."""

    url_prefix, lookup = "booking", "token"

    def find_booking(self):
        link = (
            BookingLink.objects.opened_by(self.kwargs["token"], self.at)
            .select_related(
                "booking__slot", "booking__person", "booking__project", "booking__permanence__venue__commune"
            )
            .first()
        )
        return link.booking if link else None

    def missing(self):
        return render(self.request, "permanences/link_dead.html", status=404)


@method_decorator(never_cache, name="dispatch")
class ByAccount(BookingPage):
    """Opened from « mon espace » by who has verified the person's address."""

    url_prefix, lookup = "my_booking", "pk"

    def find_booking(self):
        bookings = Booking.objects.of_addresses_of(self.request.user)
        return bookings.select_related(*services.BOOKING_RELATIONS).filter(pk=self.kwargs["pk"]).first()


class SeeBooking(TemplateView):
    template_name = "permanences/booking.html"


class ConfirmBooking(View):
    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        try:
            services.confirm_booking(booking=self.booking, at=self.at)
        except ValidationError as refusal:
            return self.refused(refusal)
        messages.success(request, "C’est noté\u202f: nous vous attendons.")
        return redirect(self.url())


class CancelBooking(FormView):
    form_class = CancelForm
    template_name = "permanences/booking_cancel.html"

    def form_valid(self, form):
        try:
            services.cancel_booking(booking=self.booking, by=CancelledBy.CANDIDATE, at=self.at, **form.cleaned_data)
        except ValidationError as refusal:
            return self.refused(refusal)
        messages.success(self.request, "Votre rendez-vous est annulé. Merci de nous avoir prévenus.")
        return redirect(self.url())


class MoveBooking(FormView):
    """Choose another free slot of this permanence or of the next ones of the same territory."""

    form_class = MoveForm
    template_name = "permanences/booking_move.html"

    def get_form_kwargs(self):
        slots = Slot.objects.filter(permanence__territory=self.booking.permanence.territory_id)
        return {**super().get_form_kwargs(), "slots": slots}

    def form_valid(self, form):
        slot = form.cleaned_data["slot"]
        try:
            services.move_booking(booking=self.booking, slot=slot, by=CancelledBy.CANDIDATE, at=self.at)
        except ValidationError as refusal:
            if refusal.code == "booking_over":
                return self.refused(refusal)
            form.add_error(None, refusal)
            return self.render_to_response(self.get_context_data(form=form), status=409)
        messages.success(self.request, "Votre rendez-vous est déplacé. Un message vous le confirme.")
        return redirect(self.url())

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs):
        return super().get_context_data(days=self.days(), **kwargs)

    def days(self) -> list[tuple[Permanence, list[Slot]]]:
        """The free times of the coming permanences, by day: two queries."""
        territory = self.booking.permanence.territory_id
        coming = Permanence.objects.held().filter(territory=territory).from_day(timezone.localdate(self.at))
        open_now = [
            each for each in coming.select_related("venue").in_order()[:12] if each.is_open_for_booking(self.at)
        ]
        times = Slot.objects.free_times_by_permanence(open_now, self.at)
        return [(permanence, times[permanence.pk]) for permanence in open_now if permanence.pk in times]


class LinkedBookingView(ByLink, SeeBooking):
    pass


class LinkedBookingConfirmView(ByLink, ConfirmBooking):
    pass


class LinkedBookingCancelView(ByLink, CancelBooking):
    pass


class LinkedBookingMoveView(ByLink, MoveBooking):
    pass


class MyBookingView(ByAccount, SeeBooking):
    pass


class MyBookingConfirmView(ByAccount, ConfirmBooking):
    pass


class MyBookingCancelView(ByAccount, CancelBooking):
    pass


class MyBookingMoveView(ByAccount, MoveBooking):
    pass
