"""What staff note of an actor of the network: who they are, agreements, exchanges, links."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import FormView, View

from coopconnexion.accounts.models import Organisation
from coopconnexion.accounts.permissions import can_work
from coopconnexion.backoffice import EditPage, StaffPage
from coopconnexion.refusals import add_refusal
from events import services
from events.forms import network as forms
from events.models import Event, NetworkActor, NetworkLink
from events.views.network import LIST_NAME, PAGE_NAME, TRAIL, ActorWork, works_anywhere
from projects.models import Project


class ActorForm(ActorWork, FormView):
    """A form about an actor: a service, a word, back to its page; a refusal keeps what was typed."""

    template_name = "events/office/event_form.html"
    submit = "Enregistrer"

    def form_valid(self, form):
        try:
            words = self.work(form)
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.form_invalid(form)
        messages.success(self.request, words)
        return redirect(self.address())

    def work(self, form) -> str:
        raise NotImplementedError

    def form_invalid(self, form):
        status = 409 if getattr(form, "meanwhile", None) else 422
        return self.render_to_response(self.get_context_data(form=form), status=status)

    def get_context_data(self, **kwargs):
        return super().get_context_data(**{"submit": self.submit, "cancel": self.address()} | kwargs)


class ActorAddView(StaffPage, FormView):
    form_class = forms.ActorAddForm
    template_name = "events/office/event_form.html"
    title = "Ajouter un acteur du réseau"

    def dispatch(self, request, *args, **kwargs):
        user = request.user
        if user.is_authenticated and user.is_staff and not works_anywhere(user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_trail(self):
        return [(TRAIL, reverse(LIST_NAME))]

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.request.user}

    @transaction.atomic
    def note(self, data: dict) -> NetworkActor:
        name, kind = data.pop("name"), data.pop("kind")
        if data["organisation"] is None:
            data["organisation"] = Organisation.objects.create(name=name, kind=kind, commune=data["commune"])
        return services.note_actor(by=self.request.user, at=timezone.now(), **data)

    def form_valid(self, form):
        try:
            actor = self.note(dict(form.cleaned_data))
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.form_invalid(form)
        messages.success(self.request, f"{actor} est dans le réseau.")
        return redirect(PAGE_NAME, pk=actor.pk)

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs):
        return super().get_context_data(submit="Ajouter", cancel=reverse(LIST_NAME), **kwargs)


class ActorEditView(EditPage, ActorForm):
    form_class = forms.ActorEditForm
    title = "Corriger l’acteur"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.row = getattr(self, "actor", None)

    def get_initial(self):
        known = {name: getattr(self.row, name) for name in ("role", "territory", "commune", "offer")}
        return known | {"themes": list(self.row.themes.all())}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"edited": self.row, "user": self.request.user}

    def work(self, form):
        services.edit_actor(actor=self.actor, **form.cleaned_data, **self.told())
        return "C’est enregistré."


class ConsentView(ActorForm):
    form_class = forms.ConsentForm
    title = "Accord pour l’annuaire"

    def get_initial(self):
        return {"on": timezone.localdate(self.at)}

    def work(self, form):
        services.agree_to_listing(actor=self.actor, **form.cleaned_data, **self.told())
        return "L’accord est noté\u202f: l’acteur figure dans l’annuaire public."


class ExchangeView(ActorForm):
    form_class = forms.ExchangeForm
    title = "Noter un échange"
    submit = "Noter"

    def get_initial(self):
        return {"happened_on": timezone.localdate(self.at)}

    def work(self, form):
        services.note_exchange(actor=self.actor, **form.cleaned_data, **self.told())
        return "L’échange est noté."


class LinkAddView(ActorForm):
    form_class = forms.LinkForm
    title = "Noter un lien"
    submit = "Noter"

    def get_initial(self):
        return {"happened_on": timezone.localdate(self.at)}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.request.user}

    def work(self, form):
        services.note_link(actor=self.actor, **form.cleaned_data, **self.told())
        return "Le lien est noté."


class ActorAct(ActorWork, View):
    """One click on an actor."""

    http_method_names = ["post"]
    service = staticmethod(services.end_listing)
    done = "L’acteur ne figure plus dans l’annuaire."

    def post(self, request, pk: int):
        self.service(actor=self.actor, **self.told())
        messages.success(request, self.done)
        return redirect(self.address())


class ActorArchiveView(ActorAct):
    service = staticmethod(services.archive_actor)
    done = "L’acteur est archivé."


class ActorRestoreView(ActorAct):
    service = staticmethod(services.restore_actor)
    done = "L’acteur est de nouveau dans le réseau."


class LinkRemoveView(StaffPage, View):
    """Take a link away that was noted by mistake."""

    http_method_names = ["post"]

    def post(self, request, pk: int):
        link = get_object_or_404(NetworkLink.objects.visible_to(request.user).select_related("actor"), pk=pk)
        territory = link.actor.territory_id
        if not (works_anywhere(request.user) if territory is None else can_work(request.user, territory)):
            raise PermissionDenied
        services.remove_link(link=link, by=request.user, at=timezone.now())
        messages.success(request, "Le lien est retiré.")
        return redirect(PAGE_NAME, pk=link.actor_id)


class ActorLinkView(StaffPage, FormView):
    """Who helped: from the page of a project or of an event that the user works on."""

    form_class = forms.ActorLinkForm
    template_name = "events/office/event_form.html"
    title = "Noter qui a aidé"
    models = {
        "projet": (Project, "project", "projects_staff:project"),
        "evenement": (Event, "event", "events_staff:event"),
    }

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            if kwargs["kind"] not in self.models:
                raise Http404
            model, self.name, self.page_name = self.models[kwargs["kind"]]
            self.row = get_object_or_404(model.objects.visible_to(request.user), pk=kwargs["pk"])
            if request.user.is_staff and not can_work(request.user, self.row.territory_id):
                raise PermissionDenied

    def address(self) -> str:
        return reverse(self.page_name, args=[self.row.pk])

    def get_trail(self):
        return [(str(self.row), self.address())]

    def get_initial(self):
        return {"happened_on": timezone.localdate(), "actor": self.request.GET.get("acteur", "")}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.request.user}

    def form_valid(self, form):
        try:
            services.note_link(by=self.request.user, at=timezone.now(), **{self.name: self.row}, **form.cleaned_data)
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.form_invalid(form)
        messages.success(self.request, "Le lien est noté.")
        return redirect(self.address())

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs):
        return super().get_context_data(submit="Noter", cancel=self.address(), **kwargs)
