"""The people of an event as staff add them and take them off."""

from uuid import uuid4

from django.shortcuts import get_object_or_404
from django.utils import timezone

from events import services
from events.enums import Channel, WithdrawnBy
from events.forms.people import SomebodyForm, WithdrawSomebodyForm
from events.models import Registration
from events.services import Attendee
from events.views.office import EventForm


class RegistrationAddView(EventForm):
    form_class = SomebodyForm
    title = "Inscrire quelqu’un"
    submit = "Inscrire"

    def get_initial(self):
        return {"form_token": uuid4(), "came": self.event.starts_at <= self.at}

    def work(self, form):
        data = form.cleaned_data
        names = ("first_name", "last_name", "email", "organisation_name")
        registration = services.register_somebody(
            event=self.event,
            attendee=Attendee(phone=str(data["phone"] or ""), **{name: data[name] for name in names}),
            form_token=data["form_token"],
            channel=Channel.ON_SITE if data["came"] else Channel.STAFF,
            **self.told(),
        )
        if registration.is_waiting:
            return f"{registration.person} est sur la liste d’attente\u202f: l’évènement est complet."
        return f"{registration.person} a une place."


class RegistrationWithdrawView(EventForm):
    form_class = WithdrawSomebodyForm
    title = "Désinscrire quelqu’un"
    submit = "Désinscrire"

    def setup(self, request, *args, **kwargs):
        if request.user.is_authenticated:
            rows = Registration.objects.visible_to(request.user).select_related("event", "person")
            self.registration = get_object_or_404(rows, pk=kwargs["pk"])
            kwargs = kwargs | {"pk": self.registration.event_id}
        super().setup(request, *args, **kwargs)

    def get_title(self):
        return f"Désinscrire {self.registration.person}"

    def work(self, form):
        services.withdraw_registration(
            registration=self.registration, by=WithdrawnBy.COOP, at=timezone.now(), **form.cleaned_data
        )
        return f"{self.registration.person} n’est plus inscrit·e."
