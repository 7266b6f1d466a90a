"""What the pages about one member share: the row, who may work on it, and how a refusal finds its field."""

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import FormView

from coopconnexion.accounts.permissions import can_work
from coopconnexion.backoffice import StaffPage
from coopconnexion.refusals import add_refusal
from members.models import Contract, Member


class MemberWork(StaffPage, FormView):
    """A form about one member, for who does the daily work of their territory; readers get a 403.

    ``work`` calls the service; ``done`` is what is said then.
    """

    done = ""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.at = timezone.now()
        self.today = timezone.localdate(self.at)
        self.load(request.user)
        if not can_work(request.user, self.member.territory_id):
            raise PermissionDenied

    def load(self, user) -> None:
        members = Member.objects.visible_to(user).select_related("person", "territory", "advisor")
        self.member = get_object_or_404(members, pk=self.kwargs["pk"])

    def get_trail(self):
        return [("Membres", reverse("members_staff:member_list")), (str(self.member), self.get_success_url())]

    def get_success_url(self):
        return reverse("members_staff:member", args=[self.member.pk])

    def get_context_data(self, **kwargs):
        return super().get_context_data(member=self.member, **kwargs)

    def work(self, form):
        raise NotImplementedError

    def form_valid(self, form):
        try:
            self.work(form)
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.form_invalid(form)
        except ObjectDoesNotExist:
            raise Http404("Ce dossier n’est plus là : il vient d’être supprimé, ou son intégration annulée.") from None
        messages.success(self.request, self.done)
        return redirect(self.get_success_url())

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)


class ContractWork(MemberWork):
    """A form about one contract."""

    def load(self, user) -> None:
        contracts = Contract.objects.visible_to(user).select_related(
            "kind", "member__person", "member__territory", "member__advisor"
        )
        self.contract = get_object_or_404(contracts, pk=self.kwargs["pk"])
        self.member = self.contract.member

    def get_context_data(self, **kwargs):
        return super().get_context_data(contract=self.contract, **kwargs)


class PreviewedWork(MemberWork):
    """A form, then what it would do, then done: nothing is written before the second step is confirmed."""

    def preview(self, form) -> dict:
        raise NotImplementedError

    def form_valid(self, form):
        if "edit" in self.request.POST:
            return self.render_to_response(self.get_context_data(form=form))
        if "confirmed" in self.request.POST:
            return super().form_valid(form)
        try:
            preview = self.preview(form)
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.form_invalid(form)
        return self.render_to_response(self.get_context_data(form=form, preview=preview))
