"""The page of one project: its facts, its past, and what staff do with it."""

from uuid import uuid4

from django.utils import timezone
from django.views.generic import FormView, TemplateView

from coopconnexion.accounts.models import User
from projects import services
from projects.documents.cards import Card
from projects.documents.timeline import timeline
from projects.enums import Stage
from projects.forms.editing import PremisesNeedForm, ProjectForm
from projects.forms.records import NoteForm
from projects.forms.steps import NextStepForm
from projects.models import Integration, PremisesNeed
from projects.rules import next_stages
from projects.views.pages import CorrectionPage, ProjectPage, ProjectWorkPage

TOLD = ("title", "pitch", "intended_activity", "source", "source_detail", "referrer", "is_test")


class ProjectView(ProjectPage, TemplateView):
    template_name = "projects/project.html"
    related = ("holder__commune", "territory", "advisor", "referrer", "closing_reason", "member__person")

    def get_title(self):
        return self.project.title

    def get_context_data(self, **kwargs):
        project = self.project
        step = {"next_step": project.next_step, "next_step_on": project.next_step_on}
        return super().get_context_data(
            card=Card(project, self.at),
            themes=project.themes.order_by("position", "label", "pk"),
            observers=project.observers.order_by("name", "email", "pk"),
            need=PremisesNeed.objects.filter(project=project).first(),
            timeline=timeline(project),
            can_integrate=Stage.INTEGRATED in next_stages(project),
            can_undo=self.can_undo(),
            note_token=uuid4().hex,
            note_form=NoteForm(auto_id="note_%s"),
            step_form=NextStepForm(initial=step, auto_id="suite_%s"),
            **kwargs,
        )

    def can_undo(self) -> bool:
        """Undoing an integration is for who made it, the same day; its own page says what else stands in the way."""
        standing = Integration.objects.filter(project=self.project, undone_at=None, integrated_by=self.request.user)
        integration = self.project.member_id and self.can_work and standing.first()
        return bool(integration) and timezone.localdate(integration.integrated_at) == timezone.localdate(self.at)


class ProjectChangeView(CorrectionPage, ProjectWorkPage, FormView):
    title = "Modifier le projet"
    form_class = ProjectForm

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.row = self.project

    def get_initial(self):
        told = {name: getattr(self.row, name) for name in TOLD}
        lists = {name: list(getattr(self.row, name).order_by("pk")) for name in ("themes", "observers")}
        return told | lists

    def get_form_kwargs(self):
        advisors = User.objects.advisors_of(self.project.territory, timezone.localdate(self.at))
        colleagues = (advisors | User.objects.filter(pk__in=self.row.observers.values("pk"))).order_by("name", "pk")
        return super().get_form_kwargs() | {"edited": self.row, "project": self.row, "colleagues": colleagues}

    def work(self, form):
        services.edit_project(project=self.project, **form.cleaned_data)


class PremisesNeedView(CorrectionPage, ProjectWorkPage, FormView):
    title = "Besoin de local"
    form_class = PremisesNeedForm

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.row = self.project

    def get_initial(self):
        need = PremisesNeed.objects.filter(project=self.project).first() or PremisesNeed()
        return {name: getattr(need, name) for name in PremisesNeedForm.base_fields}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"edited": self.row}

    def work(self, form):
        services.note_premises_need(project=self.project, **form.cleaned_data)
