"""The phones that may send what they saw: given by the page of the walk, taken back from the office."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.generic import ListView, View

from coopconnexion.accounts.permissions import can_work
from coopconnexion.backoffice import StaffPage
from premises import services
from premises.models import CampaignPass, SurveyCampaign
from premises.services.passes import LIFETIME
from premises.views.field import FieldPage


class PassIssueView(FieldPage, View):
    """Give a pass to the browser of who is signed in; its script keeps it, no page shows it."""

    http_method_names = ["post"]

    def post(self, request, **kwargs):
        at = timezone.now()
        try:
            token = services.issue_pass(campaign=self.campaign, user=request.user, at=at)
        except ValidationError as refusal:
            return JsonResponse({"code": refusal.code, "message": refusal.messages[0]}, status=409)
        return JsonResponse({"token": token, "expires_at": (at + LIFETIME).isoformat()})


class PassListView(FieldPage, ListView):
    template_name = "premises/field/pass_list.html"
    context_object_name = "passes"
    title = "Téléphones de ce tour"

    def get_title(self):
        return self.title

    def get_queryset(self):
        return self.campaign.passes.select_related("user").order_by("-issued_at", "-pk")

    def get_context_data(self, **kwargs):
        return super().get_context_data(now=timezone.now(), **kwargs)


class PassRevokeView(StaffPage, View):
    http_method_names = ["post"]

    def post(self, request, pk: int):
        seen = SurveyCampaign.objects.visible_to(request.user)
        found = get_object_or_404(CampaignPass.objects.filter(campaign__in=seen).select_related("campaign"), pk=pk)
        if not can_work(request.user, found.campaign.territory_id):
            raise PermissionDenied
        services.revoke_pass(campaign_pass=found, at=timezone.now())
        messages.success(request, "L’accès de ce téléphone est retiré\u202f: il n’enverra plus rien.")
        return redirect("premises_field:pass_list", pk=found.campaign_id)
