"""A project becomes a business of the coop; the same day, that may be undone."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.generic import FormView, TemplateView

from coopconnexion.periods import months_later
from members.models import Business, Contract, ContractKind, Member
from projects import services
from projects.forms.integration import IntegrationForm
from projects.models import Integration
from projects.views.pages import FormPage, ProjectWorkPage

FIRST_KIND = "cape"


class IntegrateView(ProjectWorkPage, FormPage, FormView):
    title = "Intégrer le projet"
    form_class = IntegrationForm
    template_name = "projects/integration/integrate.html"

    @cached_property
    def member(self) -> Member | None:
        return Member.objects.filter(person=self.project.holder).first()

    @cached_property
    def current(self) -> Contract | None:
        """The contract in force today, which makes a first one needless."""
        if self.member is None:
            return None
        contracts = self.member.contracts.on(timezone.localdate()).select_related("kind")
        return contracts.order_by("-starts_on", "pk").first()

    def get_form_kwargs(self):
        businesses = Business.objects.visible_to(self.request.user)
        return super().get_form_kwargs() | {
            "businesses": businesses,
            "member": self.member,
            "current": self.current,
        }

    def get_initial(self):
        today = timezone.localdate()
        first = ContractKind.objects.active().filter(key=FIRST_KIND).first()
        return {
            "integrated_on": today,
            "business_name": self.project.title,
            "activity": self.project.intended_activity,
            "commune": self.project.holder.commune_id,
            "kind": None if self.current else first,
            "starts_on": today,
            "ends_on": months_later(today, first.max_months) if first and first.max_months else None,
        }

    def work(self, form):
        services.integrate_project(project=self.project, by=self.request.user, at=timezone.now(), **form.wishes)
        messages.success(self.request, "Le projet est intégré. Vous pouvez l’annuler aujourd’hui depuis cette page.")

    def get_context_data(self, **kwargs):
        return super().get_context_data(member=self.member, current=self.current, **kwargs)


class IntegrationUndoView(ProjectWorkPage, TemplateView):
    """What undoing would take away, or why it may not be done; one button."""

    title = "Annuler l’intégration"
    template_name = "projects/integration/undo.html"

    def integration(self) -> Integration:
        rows = Integration.objects.filter(project=self.project, undone_at=None)
        return get_object_or_404(rows.select_related("member__person", "business", "contract__kind", "integrated_by"))

    def get_context_data(self, **kwargs):
        integration = self.integration()
        reasons = services.why_not_undone(integration, by=self.request.user, at=timezone.now())
        return super().get_context_data(**({"integration": integration, "reasons": reasons} | kwargs))

    def post(self, request, *args, **kwargs):
        try:
            services.undo_integration(integration=self.integration(), by=request.user, at=timezone.now())
        except ValidationError as refusal:
            return self.render_to_response(self.get_context_data(reasons=refusal.messages), status=409)
        messages.success(request, "L’intégration est annulée : le projet est revenu à son étape d’avant.")
        return redirect(self.get_success_url())
