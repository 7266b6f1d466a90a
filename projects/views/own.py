"""A holder's own projects, in « mon espace »: what the team shared, and their own words to change."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import DetailView, FormView, View

from coopconnexion import uploads
from projects import services
from projects.documents.own import shared_with_holder, stage_words
from projects.forms.own import PitchForm
from projects.models import Project, ProjectDocument


class MyProjects:
    """Mixin: the projects of the addresses that the user has verified; another's does not exist."""

    def get_queryset(self):
        projects = Project.objects.of_addresses_of(self.request.user)
        return projects.select_related("holder", "territory").prefetch_related("themes")


@method_decorator(never_cache, name="dispatch")
class MyProjectView(MyProjects, DetailView):
    template_name = "projects/own/my_project.html"
    context_object_name = "project"

    def get_context_data(self, **kwargs):
        shared = shared_with_holder(self.object)
        return super().get_context_data(words=stage_words(self.object), **shared, **kwargs)


@method_decorator(never_cache, name="dispatch")
class MyPitchView(MyProjects, FormView):
    """« Modifier ma présentation »: what the team changed meanwhile is shown before anything is overwritten."""

    form_class = PitchForm
    template_name = "projects/own/my_pitch.html"

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated:
            self.project = get_object_or_404(self.get_queryset(), pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, *args, **kwargs):
        return super().get(request, *args, **kwargs) if self.project.is_open else redirect(self.get_success_url())

    def post(self, request, *args, **kwargs):
        with transaction.atomic():  # the team waits until this one has saved
            self.project = Project.objects.select_for_update(of=("self",)).get(pk=self.project.pk)
            return super().post(request, *args, **kwargs)

    def get_initial(self):
        return {"pitch": self.project.pitch, "intended_activity": self.project.intended_activity}

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "edited": self.project}

    def form_valid(self, form):
        try:
            services.edit_own_pitch(project=self.project, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
            return self.render_to_response(self.get_context_data(form=form), status=409)
        messages.success(self.request, "C’est enregistré\u202f: l’équipe voit votre présentation à jour.")
        return redirect(self.get_success_url())

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=409 if form.meanwhile else 422)

    def get_success_url(self):
        return reverse("projects:my_project", args=[self.project.pk])

    def get_context_data(self, **kwargs):
        return super().get_context_data(project=self.project, **kwargs)


class MyDocumentView(View):
    """Download a document that the team shared; a private one does not exist."""

    def get(self, request, *args, **kwargs):
        own = Project.objects.of_addresses_of(request.user).values("pk")
        document = get_object_or_404(ProjectDocument.objects.shared().filter(project__in=own), pk=kwargs["pk"])
        return uploads.serve(document.file, filename=document.filename, content_type=document.content_type)
