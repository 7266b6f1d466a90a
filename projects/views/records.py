"""What is written about a project: interviews, notes, documents; served only to who may see them."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.generic import FormView, View

from coopconnexion.backoffice import StaffPage
from coopconnexion.uploads import serve
from projects import services
from projects.forms.records import DocumentForm, InterviewCorrectionForm, InterviewForm, NoteCorrectionForm, NoteForm
from projects.models import Interview, Note, Project, ProjectDocument
from projects.views.pages import CorrectionPage, OncePage, ProjectWorkPage


class InterviewAddView(ProjectWorkPage, OncePage, FormView):
    title = "Noter un entretien"
    form_class = InterviewForm

    def get_initial(self):
        return {"held_at": timezone.localtime(self.at).replace(second=0, microsecond=0)}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"asks_next_step": self.project.is_open}

    def work(self, form):
        steps = {"next_step": "", "next_step_on": None}
        services.record_interview(
            project=self.project, by=self.request.user, at=timezone.now(), **(steps | form.cleaned_data)
        )
        messages.success(self.request, "L’entretien est noté.")


class NoteAddView(ProjectWorkPage, OncePage, FormView):
    title = "Écrire une note"
    form_class = NoteForm

    def work(self, form):
        services.write_note(project=self.project, by=self.request.user, at=timezone.now(), **form.cleaned_data)
        messages.success(self.request, "La note est écrite.")


class DocumentAddView(ProjectWorkPage, OncePage, FormView):
    title = "Ajouter un document"
    form_class = DocumentForm
    submit = "Ajouter"

    def work(self, form):
        services.add_document(project=self.project, by=self.request.user, at=timezone.now(), **form.cleaned_data)
        messages.success(self.request, "Le document est ajouté.")


# --- what is already there -------------------------------------------------------------------------------------------


class RecordPage(ProjectWorkPage):
    """A page about one record of a project; a record of another territory does not exist."""

    model: type

    def load(self) -> Project:
        visible = self.model.objects.visible_to(self.request.user)
        self.row = get_object_or_404(
            visible.select_related("project__holder", "project__territory"), pk=self.kwargs["pk"]
        )
        return self.row.project


class InterviewChangeView(CorrectionPage, RecordPage, FormView):
    model = Interview
    title = "Corriger un entretien"
    form_class = InterviewCorrectionForm

    def get_initial(self):
        names = ("held_at", "mode", "minutes", "summary", "is_shared")
        return {name: getattr(self.row, name) for name in names}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"asks_next_step": False, "edited": self.row}

    def work(self, form):
        services.correct_interview(interview=self.row, by=self.request.user, at=timezone.now(), **form.cleaned_data)
        messages.success(self.request, "L’entretien est corrigé.")


class NoteChangeView(CorrectionPage, RecordPage, FormView):
    model = Note
    title = "Modifier une note"
    form_class = NoteCorrectionForm

    def get_initial(self):
        return {"text": self.row.text, "is_shared": self.row.is_shared}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"edited": self.row}

    def work(self, form):
        services.edit_note(note=self.row, by=self.request.user, at=timezone.now(), **form.cleaned_data)
        messages.success(self.request, "La note est modifiée.")


class ProjectDocumentView(StaffPage, View):
    """The file, for the staff of the territory, readers included."""

    def get(self, request, *args, **kwargs):
        document = get_object_or_404(ProjectDocument.objects.visible_to(request.user), pk=kwargs["pk"])
        return serve(document.file, filename=document.filename, content_type=document.content_type)


class DocumentRemoveView(RecordPage, View):
    model = ProjectDocument
    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        services.remove_document(document=self.row, by=request.user, at=self.at)
        messages.success(request, "Le document est retiré.")
        return redirect(self.get_success_url())


class DocumentShareView(RecordPage, View):
    """Shared with the holder, or private to the team again."""

    model = ProjectDocument
    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        is_shared = request.POST.get("is_shared") == "1"
        services.share(record=self.row, is_shared=is_shared, by=request.user, at=self.at)
        words = "Le document est partagé avec la personne." if is_shared else "Le document est privé à l’équipe."
        messages.success(request, words)
        return redirect(self.get_success_url())
