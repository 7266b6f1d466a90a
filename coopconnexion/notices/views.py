"""Inviting a colleague or an official: for the direction."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import FormView

from coopconnexion.accounts.enums import Role
from coopconnexion.backoffice import StaffPage
from coopconnexion.notices import services
from coopconnexion.notices.forms import InvitationForm


class InviteView(StaffPage, FormView):
    """An address, a role, a territory, a last day; the message with the link leaves at once."""

    form_class = InvitationForm
    template_name = "notices/invite.html"
    title = "Inviter quelqu’un"

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_staff and Role.MANAGER not in request.user.roles:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_trail(self):
        return [("Qui a accès", reverse("accounts_staff:access_list"))]

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "today": timezone.localdate()}

    def form_valid(self, form):
        now = timezone.now()
        try:
            mandate = services.invite(
                **form.cleaned_data, invited_by=self.request.user, at=now, today=timezone.localdate(now)
            )
        except ValidationError as refusal:
            form.add_error(None, ValidationError(refusal.messages))
            return self.form_invalid(form)
        messages.success(self.request, f"C’est fait : un message avec un lien part à {mandate.user.email}.")
        return redirect("accounts_staff:account", mandate.user_id)

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)
