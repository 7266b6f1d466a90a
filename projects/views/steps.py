"""A project moves: through the pipeline, to its next step, to another advisor."""

from functools import cached_property

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect
from django.utils import timezone
from django.views.generic import FormView

from coopconnexion.accounts.models import User
from coopconnexion.french import relative_day
from projects import services
from projects.enums import Stage
from projects.forms.steps import HandOverForm, NextStepForm, StepForm
from projects.models import Project
from projects.rules import next_stages
from projects.views.pages import BackTo, FormPage, ProjectWorkPage


class ProjectStepView(BackTo, ProjectWorkPage, FormPage, FormView):
    """To another stage: at once from the menu of the board when nothing is missing, else by a form that asks for it."""

    form_class = StepForm
    template_name = "projects/step.html"
    submit = "Passer à cette étape"

    @cached_property
    def to(self) -> Stage:
        wanted = self.request.POST.get("to") or self.request.GET.get("to")
        if wanted not in Stage.values:
            raise Http404
        return Stage(wanted)

    @property
    def is_menu(self) -> bool:
        """Sent by the menu of a card, which asks for nothing more than the stage."""
        return "menu" in self.request.POST

    def get_title(self):
        return f"Passer à « {self.to.label} »"

    def get_success_url(self):
        return self.back_url(super().get_success_url())

    def get(self, request, *args, **kwargs):
        if not request.GET.get("to"):
            return redirect(super().get_success_url())
        return self.leave_for_integration() or super().get(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        if not request.POST.get("to"):
            messages.info(request, "Choisissez d’abord l’étape, puis « Déplacer ».")
            return redirect(self.get_success_url())
        if away := self.leave_for_integration():
            return away
        with transaction.atomic():
            self.project = Project.objects.select_for_update(of=("self",)).get(pk=self.project.pk)
            return super().post(request, *args, **kwargs)

    def leave_for_integration(self):
        """An integration has a page of its own."""
        if self.to == Stage.INTEGRATED and Stage.INTEGRATED in next_stages(self.project):
            return redirect("projects_staff:integrate", self.project.pk)
        return None

    def get_initial(self):
        is_waking = self.project.stage == Stage.POOL  # its next step was to wake
        names = () if is_waking else ("next_step", "next_step_on")
        return {"to": self.to.value, "seen": self.project.stage} | {name: getattr(self.project, name) for name in names}

    def get_form_kwargs(self):
        kwargs = super().get_form_kwargs() | {"project": self.project, "to": self.to}
        if self.is_menu:
            kwargs["data"] = self.menu_data(kwargs["data"])
        return kwargs

    def menu_data(self, data):
        """Add what the project already says to what the menu sent."""
        data = data.copy()
        for name in ("next_step", "next_step_on"):
            data.setdefault(name, str(self.get_initial().get(name) or ""))
        return data

    def form_valid(self, form):
        if self.has_moved(form):
            form.add_error(None, ValidationError(self.moved_words, code="stage_changed"))
            return self.refused(form)
        return super().form_valid(form)

    def form_invalid(self, form):
        if self.has_moved(form):
            form.add_error(None, ValidationError(self.moved_words, code="stage_changed"))
            return self.refused(form)
        if self.is_menu:  # nothing is wrong yet: the form asks for what the menu cannot
            return self.render_to_response(self.get_context_data(form=self.asking()))
        return super().form_invalid(form)

    def asking(self) -> StepForm:
        return StepForm(initial=self.get_initial(), project=self.project, to=self.to)

    def has_moved(self, form) -> bool:
        seen = form.data.get("seen")
        return bool(seen) and seen != self.project.stage

    @property
    def moved_words(self) -> str:
        stage = self.project.get_stage_display()
        return (
            f"Ce projet est passé entre-temps à l’étape « {stage} ». Rien n’est enregistré : relisez, puis confirmez."
        )

    def refused(self, form):
        """Show again what was typed, ready to be confirmed from the stage where the project now stands."""
        form.data = form.data.copy()
        form.data["seen"] = self.project.stage
        return super().refused(form)

    def work(self, form):
        services.change_stage(project=self.project, to=self.to, by=self.request.user, at=timezone.now(), **form.wishes)
        messages.success(self.request, f"« {self.project.title} » est à l’étape « {self.to.label} ».")

    def get_context_data(self, **kwargs):
        is_legal = self.to in next_stages(self.project)
        return super().get_context_data(to=self.to, is_legal=is_legal, back=self.get_success_url(), **kwargs)


class ProjectNextStepView(BackTo, ProjectWorkPage, FormPage, FormView):
    title = "Prochaine étape"
    form_class = NextStepForm

    def get_initial(self):
        return {"next_step": self.project.next_step, "next_step_on": self.project.next_step_on}

    def get_success_url(self):
        return self.back_url(super().get_success_url())

    def work(self, form):
        what, on = form.cleaned_data["next_step"], form.cleaned_data["next_step_on"]
        services.plan_next_step(project=self.project, what=what, on=on, by=self.request.user, at=self.at)
        when = relative_day(on, today=timezone.localdate(self.at))
        messages.success(self.request, f"C’est noté : « {what} », {when}.")


class ProjectHandOverView(ProjectWorkPage, FormPage, FormView):
    """To another advisor of the territory."""

    title = "Confier à quelqu’un d’autre"
    form_class = HandOverForm
    submit = "Confier"

    def get_form_kwargs(self):
        advisors = User.objects.advisors_of(self.project.territory, timezone.localdate(self.at))
        others = advisors.exclude(pk=self.project.advisor_id).order_by("name", "email", "pk")
        return super().get_form_kwargs() | {"advisors": others}

    def work(self, form):
        wishes = form.cleaned_data
        services.hand_over(projects=[self.project], by=self.request.user, at=self.at, **wishes)
        messages.success(self.request, f"Le projet est confié à {wishes['to']}.")
