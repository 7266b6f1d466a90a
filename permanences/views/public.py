"""The public flow: the list of permanences, a day and its free slots, the form, the confirmation."""

from uuid import uuid4

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe
from django.views.generic import FormView, TemplateView

from coopconnexion.throttle import is_busy_address
from permanences import services
from permanences.forms.booking import BookingForm, LinkRequestForm
from permanences.models import Permanence, Slot

LISTED = 60  # coming permanences on the list: a year of five monthly ones
NO_SLOT_LEFT = {"slot_taken", "slot_closed", "slot_past", "slot_too_late", "permanence_cancelled", "booking_paused"}


@method_decorator(login_not_required, name="dispatch")
class PermanenceListView(TemplateView):
    """The coming permanences, of every territory or one, each with its number of free slots."""

    template_name = "permanences/permanence_list.html"

    def get_context_data(self, **kwargs):
        at, chosen = timezone.now(), self.request.GET.get("territoire", "")
        coming = Permanence.objects.from_day(timezone.localdate(at)).select_related("territory", "venue__commune")
        coming = list(coming.in_order()[:LISTED])
        permanences = [each for each in coming if chosen in ("", each.territory.slug)]
        for permanence in permanences:
            permanence.is_open = permanence.is_open_for_booking(at)
        later = [each for each in permanences if each.opens_for_booking_on > timezone.localdate(at)]
        soon = [each for each in permanences if each not in later]
        free = Slot.objects.count_bookable(soon, at)
        for permanence in soon:
            permanence.free_count = free.get(permanence.pk, 0)
        territories = sorted({each.territory for each in coming}, key=lambda territory: territory.name)
        return super().get_context_data(permanences=soon, later=later, territories=territories, chosen=chosen, **kwargs)


@login_not_required
@require_safe
def permanence(request: HttpRequest, pk: int) -> HttpResponse:
    """A day and its free slots; answers the slots alone to htmx, which asks for fresher ones. Two queries."""
    day = get_object_or_404(Permanence.objects.select_related("venue__commune"), pk=pk)
    template = "includes/slots" if request.htmx else "permanence"
    context = {"permanence": day, **slot_context(day, timezone.now())}
    return render(request, f"permanences/{template}.html", context)


def slot_context(permanence: Permanence, at) -> dict:
    """What a page needs to offer the slots of a day: the free times, and why there may be none."""
    is_open = permanence.is_open_for_booking(at)
    return {
        "is_open": is_open,
        "is_past": permanence.held_on < timezone.localdate(at),
        "times": Slot.objects.free_times(permanence, at) if is_open else [],
    }


@method_decorator(login_not_required, name="dispatch")
class SlotBookView(FormView):
    """Book a slot: one form, one answer; a slot taken meanwhile keeps what was typed and shows those still free."""

    form_class = BookingForm
    template_name = "permanences/slot_book.html"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.at = timezone.now()
        chosen = request.POST.get("slot", "") if request.method == "POST" else request.GET.get("creneau", "")
        self.slot = self.find_slot(chosen)
        permanences = Permanence.objects.select_related("venue__commune", "territory")
        self.permanence = self.slot.permanence if self.slot else get_object_or_404(permanences, pk=kwargs["pk"])

    def find_slot(self, value: str) -> Slot | None:
        """The slot of this permanence that was asked for; to be shown, it must be free."""
        if not (value.isascii() and value.isdecimal() and len(value) < 19):
            return None
        slots = Slot.objects.select_related("permanence__venue__commune", "permanence__territory")
        slots = slots.filter(permanence=self.kwargs["pk"], pk=value)
        return (slots.free(self.at) if self.request.method == "GET" else slots).first()

    def get_initial(self):
        return {"form_token": uuid4()}

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "asked_slot": self.slot}

    def get(self, request, *args, **kwargs):
        slot = self.slot if self.slot and self.is_in_time(self.slot) else None
        return self.render_to_response(self.get_context_data(slot=slot, times=[] if slot else self.times()))

    def is_in_time(self, slot: Slot) -> bool:
        return slot.starts_at > self.at + self.permanence.notice and self.permanence.is_open_for_booking(self.at)

    def times(self):
        return slot_context(self.permanence, self.at)["times"]

    def form_valid(self, form):
        if form.is_robot:
            return self.render("booking_neutral", form)
        try:
            answer = services.request_booking(
                slot=form.cleaned_data["slot"],
                contact=form.contact(),
                form_token=form.cleaned_data["form_token"],
                suspicious=is_busy_address(self.request),
                at=self.at,
            )
        except ValidationError as refusal:
            return self.refuse(form, refusal)
        if form.cleaned_data["missed"]:
            services.serve_missed_request(form_token=form.cleaned_data["form_token"], at=self.at)
        return self.render("booking_neutral" if answer.neutral else "booking_done", form, booking=answer.booking)

    def form_invalid(self, form):
        chosen = None if "slot" in form.errors else form.cleaned_data.get("slot")
        context = self.get_context_data(form=form, slot=chosen, times=[] if chosen else self.times())
        return self.render_to_response(context, status=422)

    def refuse(self, form, refusal: ValidationError):
        """Say what happened; when the slot is gone, answer 409 with the slots still free."""
        form.add_error(None, refusal)
        if refusal.code not in NO_SLOT_LEFT:
            context = self.get_context_data(form=form, slot=form.cleaned_data["slot"])
            return self.render_to_response(context, status=422)
        form.data = {**form.data.dict(), "themes": form.data.getlist("themes"), "missed": "on"}
        services.miss_request(permanence=self.permanence, form_token=form.cleaned_data["form_token"], at=self.at)
        return self.render_to_response(self.get_context_data(form=form, times=self.times()), status=409)

    def render(self, page: str, form, **context):
        context = {"permanence": self.permanence, "email": form.cleaned_data["email"], **context}
        return render(self.request, f"permanences/{page}.html", context)

    def get_context_data(self, **kwargs):
        return super().get_context_data(permanence=self.permanence, **kwargs)


@method_decorator(login_not_required, name="dispatch")
class LinkRequestView(FormView):
    """« Renvoyer mon lien »: says the same whether or not the address is known."""

    form_class = LinkRequestForm
    template_name = "permanences/link_request.html"

    def form_valid(self, form):
        email = form.cleaned_data["email"]
        if not is_busy_address(self.request):
            services.send_links(email=email, at=timezone.now())
        return render(self.request, "permanences/link_requested.html", {"email": email})
