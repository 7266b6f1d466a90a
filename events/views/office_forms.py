"""Planning an event, correcting it, moving and cancelling it and its sessions, repeating it."""

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import FormView

from coopconnexion.accounts.enums import WORK_ROLES
from coopconnexion.backoffice import EditPage, StaffPage
from coopconnexion.french import count_words
from coopconnexion.refusals import add_refusal
from events import services
from events.forms import office as forms
from events.models import EventSession, Registration
from events.views.office import LIST_NAME, PAGE_NAME, TRAIL, EventForm

FIELD_OF = {"starts_at": "day", "ends_at": "ends", "venue": "session_venue", "first_day": "first_day"}


def told_words(people: list, notify: bool, done: str) -> str:
    """Say what was done, and to how many people it was told."""
    if not people:
        return f"{done} Personne n’était inscrit."
    reached = [each for each in people if each.person.email]
    words = f"{done} {count_words(len(reached), 'personne prévenue', 'personnes prévenues')}." if notify else done
    silent = len(people) - len(reached) if notify else 0
    if silent:
        words += f" {count_words(silent, 'personne', 'personnes')} sans courriel\u202f: à prévenir par téléphone."
    return words


class EventAddView(StaffPage, FormView):
    form_class = forms.EventAddForm
    template_name = "events/office/event_form.html"
    title = "Planifier un évènement"

    def dispatch(self, request, *args, **kwargs):
        user = request.user
        if user.is_authenticated and user.is_staff and user.territory_ids(*WORK_ROLES) == set():
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_trail(self):
        return [(TRAIL, reverse(LIST_NAME))]

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.request.user}

    def get_initial(self):
        return forms.starting(timezone.localdate() + timedelta(days=30))

    def form_valid(self, form):
        try:
            event = services.plan_event(by=self.request.user, at=timezone.now(), **form.told())
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.form_invalid(form)
        messages.success(self.request, "C’est un brouillon\u202f: relisez-le, ajoutez des séances, puis publiez-le.")
        return redirect(PAGE_NAME, pk=event.pk)

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs):
        return super().get_context_data(submit="Créer le brouillon", cancel=reverse(LIST_NAME), **kwargs)


class EventEditView(EditPage, EventForm):
    form_class = forms.EventEditForm
    title = "Corriger l’évènement"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.row = getattr(self, "event", None)

    def get_initial(self):
        names = [name for name in forms.EventEditForm.base_fields if name not in ("themes", "version")]
        return {name: getattr(self.row, name) for name in names} | {"themes": list(self.row.themes.all())}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"edited": self.row}

    def work(self, form):
        services.edit_event(event=self.event, **form.cleaned_data, **self.told())
        return "C’est enregistré."


class EventDuplicateView(EventForm):
    form_class = forms.DuplicateForm
    title = "Dupliquer l’évènement"
    submit = "Créer la copie"
    lead = "La copie est un brouillon\u202f: mêmes séances aux mêmes heures, sans personne d’inscrit."

    def work(self, form):
        self.copy = services.duplicate_event(event=self.event, **form.cleaned_data, **self.told())
        return "La copie est un brouillon\u202f: relisez-la, puis publiez-la."

    def where(self):
        return reverse(PAGE_NAME, args=[self.copy.pk])


class Announced(EventForm):
    """A change of what was announced; the page says first whom it concerns."""

    def get_lead(self):
        people = self.concerned()
        if not people:
            return "Personne n’est inscrit pour l’instant."
        waiting = sum(each.is_waiting for each in people)
        words = count_words(len(people), "personne concernée", "personnes concernées")
        return f"{words}, dont {waiting} en attente." if waiting else f"{words}."

    def concerned(self) -> list[Registration]:
        return services.concerned(self.event)

    def at_fields(self, refusal: ValidationError) -> ValidationError:
        """Return the refusal at the fields of the form."""
        if not hasattr(refusal, "error_dict"):
            return refusal
        return ValidationError({FIELD_OF.get(name, name): errors for name, errors in refusal.error_dict.items()})

    def work(self, form):
        try:
            return self.change(form)
        except ValidationError as refusal:
            raise self.at_fields(refusal) from None

    def change(self, form) -> str:
        raise NotImplementedError


class EventMoveView(Announced):
    form_class = forms.EventMoveForm
    title = "Déplacer l’évènement"
    submit = "Déplacer"

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"event": self.event}

    def change(self, form):
        notify = form.cleaned_data["notify"]
        people = services.move_event(
            event=self.event,
            starts_at=form.moment(),
            venue=form.cleaned_data["venue"],
            notify=notify,
            **self.told(),
        )
        return told_words(people, notify, "L’évènement est déplacé.")


class EventCancelView(Announced):
    form_class = forms.CancelForm
    title = "Annuler l’évènement"
    submit = "Annuler l’évènement"

    def change(self, form):
        people = services.cancel_event(event=self.event, **form.cleaned_data, **self.told())
        return told_words(people, form.cleaned_data["notify"], "L’évènement est annulé.")

    def get_context_data(self, **kwargs):
        return super().get_context_data(danger=True, **kwargs)


class SessionAddView(Announced):
    form_class = forms.SessionForm
    title = "Ajouter une séance"
    submit = "Ajouter"

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"territory": self.event.territory}

    def change(self, form):
        notify = form.cleaned_data["notify"]
        people = services.add_session(event=self.event, times=form.times(), notify=notify, **self.told())
        return told_words(people, notify, "La séance est ajoutée.")


class SessionPage(Announced):
    """A page about one session of the event; that of another event does not exist."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            sessions = EventSession.objects.select_related("event__venue", "event__territory", "venue")
            self.session = get_object_or_404(sessions, pk=kwargs["session_pk"], event=self.event.pk)


class SessionMoveView(SessionPage):
    form_class = forms.SessionForm
    title = "Changer la séance"
    submit = "Changer"

    def get_initial(self):
        return forms.TimesForm.initial_of(self.session) | {"notify": True}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"territory": self.event.territory}

    def change(self, form):
        notify = form.cleaned_data["notify"]
        people = services.move_session(session=self.session, times=form.times(), notify=notify, **self.told())
        return told_words(people, notify, "La séance est changée.") if people else "C’est enregistré."


class SessionCancelView(SessionPage):
    form_class = forms.CancelForm
    title = "Annuler la séance"
    submit = "Annuler la séance"

    def change(self, form):
        people = services.cancel_session(session=self.session, **form.cleaned_data, **self.told())
        return told_words(people, form.cleaned_data["notify"], "La séance est annulée.")

    def get_context_data(self, **kwargs):
        return super().get_context_data(danger=True, **kwargs)
