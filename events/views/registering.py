"""Registering for an event: one form, one answer; what was typed is kept whatever happens."""

from uuid import uuid4

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.shortcuts import render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.generic import FormView

from coopconnexion.refusals import add_refusal
from coopconnexion.throttle import is_busy_address
from events import services
from events.documents.agenda import held_sessions, places_of
from events.forms.registering import LinkRequestForm, RegistrationForm
from events.views.event import find_event

OVER = {"event_cancelled", "event_past", "registration_closed", "registration_not_open"}


@method_decorator(login_not_required, name="dispatch")
class RegisterView(FormView):
    """Take a place, or one on the waiting list, without an account."""

    form_class = RegistrationForm
    template_name = "events/registering/register.html"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.at = timezone.now()
        self.event = find_event(kwargs["pk"])

    def get_initial(self):
        return {"form_token": uuid4()}

    def form_valid(self, form):
        if form.is_robot:
            return self.answer("neutral", form)
        try:
            answer = services.request_registration(
                event=self.event,
                attendee=form.attendee(),
                form_token=form.cleaned_data["form_token"],
                suspicious=is_busy_address(self.request),
                at=self.at,
            )
        except ValidationError as refusal:
            return self.refuse(form, refusal)
        if answer.neutral:
            return self.answer("neutral", form)
        registration = answer.registration
        position = services.waiting_position(registration)
        return self.answer("done", form, registration=registration, position=position)

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def refuse(self, form, refusal: ValidationError):
        add_refusal(form, refusal)
        status = 409 if refusal.code in OVER else 422
        return self.render_to_response(self.get_context_data(form=form), status=status)

    def answer(self, page: str, form, **context):
        context |= {"event": self.event, "email": form.cleaned_data["email"], "venue": self.event.venue}
        if page == "done":
            context["sessions"] = held_sessions(self.event)
        return render(self.request, f"events/registering/{page}.html", context)

    def get_context_data(self, **kwargs):
        places = places_of(self.event, at=self.at)
        return super().get_context_data(event=self.event, venue=self.event.venue, places=places, **kwargs)


@method_decorator(login_not_required, name="dispatch")
class LinkRequestView(FormView):
    """« Recevoir mon lien »: says the same whether or not the address is known."""

    form_class = LinkRequestForm
    template_name = "events/registering/link_request.html"

    def form_valid(self, form):
        email = form.cleaned_data["email"]
        if not is_busy_address(self.request):
            services.send_links(email=email, at=timezone.now())
        return render(self.request, "events/registering/link_requested.html", {"email": email})

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)
