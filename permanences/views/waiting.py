"""Waiting lists: joining one, and the page of one's place, by the link of a message. Nothing acts on GET."""

from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import FormView, TemplateView, View

from coopconnexion.throttle import is_busy_address
from permanences import services
from permanences.forms.waiting import WaitingForm
from permanences.models import Permanence, Slot, SlotOffer, WaitingLink, WaitingListEntry


@method_decorator(login_not_required, name="dispatch")
class WaitingJoinView(FormView):
    """Join the list of a full permanence; when a slot is free after all, offer it at once with what was typed."""

    form_class = WaitingForm
    template_name = "permanences/waiting/join.html"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.at = timezone.now()
        permanences = Permanence.objects.select_related("venue__commune", "territory")
        self.permanence = get_object_or_404(permanences, pk=kwargs["pk"])
        self.is_open = self.permanence.is_open_for_booking(self.at)

    def get_initial(self):
        return {"form_token": uuid4()}

    def form_valid(self, form):
        if form.is_robot:
            return self.render("neutral", form)
        if self.times():
            return self.render_to_response(self.get_context_data(form=form), status=409)
        try:
            answer = services.request_waiting(
                permanence=self.permanence,
                contact=form.contact(),
                form_token=form.cleaned_data["form_token"],
                suspicious=is_busy_address(self.request),
                at=self.at,
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
            return self.form_invalid(form)
        return self.render("done" if answer.entry else "neutral", form, position=answer.position)

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def times(self) -> list[Slot]:
        return Slot.objects.free_times(self.permanence, self.at) if self.is_open else []

    def render(self, page: str, form, **context):
        context = {"permanence": self.permanence, "email": form.cleaned_data["email"], **context}
        return render(self.request, f"permanences/waiting/{page}.html", context)

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            permanence=self.permanence,
            times=self.times(),
            is_open=self.is_open,
            is_past=self.permanence.held_on < timezone.localdate(self.at),
            **kwargs,
        )


@method_decorator([login_not_required, never_cache], name="dispatch")
class ByWaitingLink(View):
    """Opened by the token of a message, by whoever holds it; it opens nothing else."""

    def dispatch(self, request, *args, **kwargs):
        self.at = timezone.now()
        self.entry = self.find_entry()
        if self.entry is None:
            return render(request, "permanences/waiting/link_dead.html", status=404)
        return super().dispatch(request, *args, **kwargs)

    def find_entry(self) -> WaitingListEntry | None:
        relations = ("entry__permanence__venue__commune", "entry__person", "entry__project", "entry__booking__slot")
        links = WaitingLink.objects.opened_by(self.kwargs["token"], self.at).select_related(*relations)
        link = links.first()
        return link.entry if link else None


class WaitingManageView(ByWaitingLink, TemplateView):
    """The person's place, or the slot kept for them."""

    template_name = "permanences/waiting/manage.html"

    def get_context_data(self, **kwargs):
        permanence = self.entry.permanence
        offers = list(self.entry.offers.select_related("slot").order_by("offered_at", "pk"))
        return super().get_context_data(
            entry=self.entry,
            permanence=permanence,
            offer=self.shown(offers),
            no_more_offers=len(offers) >= services.OFFERS_AT_MOST,
            is_past=permanence.held_on < timezone.localdate(self.at),
            position=services.waiting_position(self.entry),
            **kwargs,
        )

    def shown(self, offers: list[SlotOffer]) -> SlotOffer | None:
        """The last offer, with whether it can still be accepted."""
        if not offers:
            return None
        offer = offers[-1]
        offer.stands = offer.is_open and offer.expires_at > self.at
        return offer


class WaitingAction(ByWaitingLink):
    """One button: one service, then back to the page, which shows how things stand."""

    http_method_names = ["post"]
    done: str

    def post(self, request, *args, **kwargs):
        try:
            self.act()
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, self.done)
        return redirect("permanences:waiting_manage", token=self.kwargs["token"])

    def act(self) -> None:
        raise NotImplementedError

    def offer(self) -> SlotOffer:
        offers = self.entry.offers.select_related("slot__permanence", "entry__permanence", "entry__person")
        return get_object_or_404(offers, pk=self.kwargs["pk"])


class WaitingConfirmView(WaitingAction):
    done = "C’est noté\u202f: votre place est confirmée."

    def act(self):
        services.confirm_waiting(entry=self.entry, at=self.at)


class WaitingLeaveView(WaitingAction):
    done = "C’est noté. Merci de nous avoir prévenus."

    def act(self):
        services.leave_waiting_list(entry=self.entry, at=self.at)


class OfferAcceptView(WaitingAction):
    done = "Merci\u202f! Un message vous confirme le rendez-vous."

    def act(self):
        services.accept_offer(offer=self.offer(), at=self.at)


class OfferDeclineView(WaitingAction):
    done = "C’est noté\u202f: ce créneau servira à quelqu’un d’autre. Vous restez sur la liste."

    def act(self):
        services.decline_offer(offer=self.offer(), at=self.at)
