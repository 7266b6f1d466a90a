"""The series of an event: its days shown then laid, prolonged, and what is left of it cancelled."""

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils import timezone

from coopconnexion.french import count_words
from coopconnexion.refusals import add_refusal
from events import services
from events.forms import office as forms
from events.views.office import EventForm, EventWork
from events.views.office_forms import Announced, told_words


class InSeries(EventWork):
    """A page about the series of an event; that of an event alone does not exist."""

    def load(self):
        event = super().load()
        if event.series_id is None:
            raise Http404
        return event


class Dated(EventForm):
    """The days that a rule gives are shown first, then laid."""

    template_name = "events/office/series_form.html"
    submit = "Créer ces dates"

    def form_valid(self, form):
        if "confirmed" in self.request.POST:
            return super().form_valid(form)
        if "edit" in self.request.POST:
            return self.render_to_response(self.get_context_data(form=form))
        try:
            days, given_up = self.preview(form)
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.form_invalid(form)
        return self.render_to_response(self.get_context_data(form=form, days=days, given_up=given_up))

    def get_context_data(self, **kwargs):
        return super().get_context_data(**{"days": [], "given_up": []} | kwargs)

    def preview(self, form) -> tuple[list, list]:
        """Return the days that the service would lay, and those given up."""
        raise NotImplementedError


class SeriesAddView(Dated):
    form_class = forms.SeriesForm
    title = "Répéter l’évènement"
    lead = "Chaque date devient un évènement à part, qui se déplace, s’annule et se remplit seul."

    def get_initial(self):
        return {"starts_on": timezone.localdate(self.event.starts_at), "frequency": "weekly"}

    def preview(self, form):
        return services.preview_series(event=self.event, at=self.at, **form.cleaned_data)

    def work(self, form):
        laid = services.plan_series(event=self.event, **form.cleaned_data, **self.told())
        return f"{count_words(len(laid), 'date créée', 'dates créées')}."


class SeriesExtendView(InSeries, Dated):
    form_class = forms.SeriesExtendForm
    title = "Prolonger la série"

    def preview(self, form):
        return services.preview_extension(series=self.event.series, at=self.at, **form.cleaned_data)

    def work(self, form):
        laid = services.extend_series(series=self.event.series, **form.cleaned_data, **self.told())
        return f"{count_words(len(laid), 'date créée', 'dates créées')}."


class SeriesCancelView(InSeries, Announced):
    form_class = forms.CancelForm
    title = "Annuler cette date et les suivantes"
    submit = "Annuler la suite de la série"

    def rest(self):
        return services.rest_of_series(self.event, at=self.at)

    def concerned(self):
        return [each for event in self.rest() for each in services.concerned(event)]

    def get_lead(self):
        return f"{count_words(self.rest().count(), 'date à annuler', 'dates à annuler')}. {super().get_lead()}"

    def change(self, form):
        people = self.concerned()
        cancelled = services.cancel_rest_of_series(event=self.event, **form.cleaned_data, **self.told())
        done = f"{count_words(len(cancelled), 'évènement annulé', 'évènements annulés')}."
        return told_words(people, form.cleaned_data["notify"], done)

    def get_context_data(self, **kwargs):
        return super().get_context_data(danger=True, **kwargs)
