"""The file that supports a missing activity: brought, replaced, read, taken away."""

from pathlib import PurePath

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.utils import timezone
from django.views.generic import FormView, View

from coopconnexion.uploads import FORMATS, serve
from premises import services
from premises.forms.gaps import GapEvidenceForm
from premises.views.gaps import GapPage, GapWork


class GapEvidenceView(GapPage, View):
    """The file, for the staff of the territory, readers included."""

    def get(self, request, pk: int):
        if not self.gap.evidence_file:
            raise Http404
        known = FORMATS.get(PurePath(self.gap.evidence_filename).suffix.lower())
        content_type = known.content_type if known else "application/octet-stream"
        return serve(self.gap.evidence_file, filename=self.gap.evidence_filename, content_type=content_type)


class GapEvidenceAttachView(GapWork, FormView):
    form_class = GapEvidenceForm
    template_name = "premises/gaps/gap_form.html"
    title = "Joindre une pièce à l’appui"

    def get_trail(self):
        return [*super().get_trail(), (str(self.gap), self.address())]

    def form_valid(self, form):
        services.attach_evidence(
            gap=self.gap, upload=form.cleaned_data["upload"], by=self.request.user, at=timezone.now()
        )
        messages.success(self.request, "La pièce est jointe.")
        return redirect(self.address())

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs):
        return super().get_context_data(submit="Joindre", cancel=self.address(), has_file=True, **kwargs)


class GapEvidenceRemoveView(GapWork, View):
    http_method_names = ["post"]

    def post(self, request, pk: int):
        services.remove_evidence(gap=self.gap, by=request.user, at=timezone.now())
        messages.success(request, "La pièce est retirée.")
        return redirect(self.address())
