"""Inviting from an event or a project; and the answer of a guest, by the link of the message."""

from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import FormView, TemplateView, View

from coopconnexion.accounts.permissions import can_work
from coopconnexion.backoffice import StaffPage
from coopconnexion.french import count_words
from coopconnexion.refusals import add_refusal
from events import services
from events.documents.agenda import held_sessions
from events.forms.invitations import AcceptForm, DeclineForm, InviteForm
from events.models import Event, Invitation, InvitationLink
from projects.models import Project

SUBJECTS = {
    "projet": (Project, "project", "projects_staff:project"),
    "evenement": (Event, "event", "events_staff:event"),
}


class InviteView(StaffPage, FormView):
    """Write invitations to an event or to a project that the user works on."""

    form_class = InviteForm
    template_name = "events/office/event_form.html"
    title = "Inviter"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            if kwargs["kind"] not in SUBJECTS:
                raise Http404
            model, self.name, self.page_name = SUBJECTS[kwargs["kind"]]
            self.row = get_object_or_404(model.objects.visible_to(request.user), pk=kwargs["pk"])
            if request.user.is_staff and not can_work(request.user, self.row.territory_id):
                raise PermissionDenied

    def address(self) -> str:
        return reverse(self.page_name, args=[self.row.pk])

    def get_trail(self):
        return [(str(self.row), self.address())]

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.request.user}

    def form_valid(self, form):
        data = form.cleaned_data
        try:
            sent, known = services.invite_guests(
                guests=form.all_guests(),
                role=data["role"],
                message=data["message"],
                days=data["days"],
                by=self.request.user,
                at=timezone.now(),
                **{self.name: self.row},
            )
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.form_invalid(form)
        messages.success(self.request, f"{count_words(len(sent), 'invitation envoyée', 'invitations envoyées')}.")
        if known:
            messages.warning(self.request, f"Déjà invités, sans réponse\u202f: {', '.join(known)}.")
        return redirect(self.address())

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs):
        return super().get_context_data(submit="Envoyer les invitations", cancel=self.address(), **kwargs)


class InvitationRevokeView(StaffPage, View):
    http_method_names = ["post"]

    def post(self, request, pk: int):
        rows = Invitation.objects.visible_to(request.user).select_related("event", "project")
        invitation = get_object_or_404(rows, pk=pk)
        subject = invitation.event or invitation.project
        if not can_work(request.user, subject.territory_id):
            raise PermissionDenied
        try:
            services.revoke_invitation(invitation=invitation, by=request.user, at=timezone.now())
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        else:
            messages.success(request, "L’invitation est retirée.")
        page = "events_staff:event" if invitation.event_id else "projects_staff:project"
        return redirect(page, pk=subject.pk)


@method_decorator([login_not_required, never_cache], name="dispatch")
class InvitationPage(View):
    """Opened by the token of a message, by whoever holds it; it opens nothing else. Nothing acts on GET."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.at = timezone.now()

    def dispatch(self, request, *args, **kwargs):
        relations = ("invitation__event__venue__commune", "invitation__project", "invitation__invited_by")
        links = InvitationLink.objects.opened_by(kwargs["token"], self.at).select_related(*relations)
        link = links.first()
        if link is None:
            return render(request, "events/invitations/link_dead.html", status=404)
        self.invitation = link.invitation
        return super().dispatch(request, *args, **kwargs)

    def url(self, name: str = "invitation") -> str:
        return reverse(f"events:{name}", kwargs={"token": self.kwargs["token"]})

    def get_context_data(self, **kwargs):
        event = self.invitation.event
        known = {"invitation": self.invitation, "event": event, "project": self.invitation.project}
        known |= {"is_open": self.invitation.is_open(self.at) and not (event and event.cancelled_at)}
        if event:
            known |= {"sessions": held_sessions(event), "venue": event.venue}
        urls = {"accept": self.url("invitation_accept"), "decline": self.url("invitation_decline")}
        return super().get_context_data(**known, urls=urls, **kwargs)

    def told(self, refusal: ValidationError):
        messages.error(self.request, " ".join(refusal.messages))
        return redirect(self.url())


class InvitationView(InvitationPage, TemplateView):
    template_name = "events/invitations/invitation.html"


class InvitationAcceptView(InvitationPage, FormView):
    form_class = AcceptForm
    template_name = "events/invitations/accept.html"

    def get_initial(self):
        known = "" if self.invitation.actor_id else self.invitation.name
        first_name, _, last_name = known.partition(" ")
        return {"form_token": uuid4(), "first_name": first_name, "last_name": last_name}

    def form_valid(self, form):
        try:
            services.accept_invitation(invitation=self.invitation, at=self.at, **form.cleaned_data)
        except ValidationError as refusal:
            return self.told(refusal)
        messages.success(self.request, "Merci, c’est noté\u202f: vous acceptez.")
        return redirect(self.url())

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)


class InvitationDeclineView(InvitationPage, FormView):
    form_class = DeclineForm
    template_name = "events/invitations/decline.html"

    def form_valid(self, form):
        try:
            services.decline_invitation(invitation=self.invitation, at=self.at, **form.cleaned_data)
        except ValidationError as refusal:
            return self.told(refusal)
        messages.success(self.request, "C’est noté, merci de nous l’avoir dit.")
        return redirect(self.url())

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)
