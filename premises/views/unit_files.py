"""The pictures and documents of a unit: brought, changed, taken away, served to those who may see them."""

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.generic import View

from coopconnexion.backoffice import StaffPage
from coopconnexion.uploads import picture, serve
from premises import services
from premises.forms.unit_actions import PhotoAddForm, PhotoChangeForm, UnitDocumentForm
from premises.models import Unit, UnitDocument, UnitPhoto
from premises.views.unit import UnitWork
from premises.views.unit_actions import UnitEdit, UnitForm

SIDE = 800  # pixels
A_WHILE = 10 * 60  # seconds


@require_safe
@cache_control(private=True, max_age=A_WHILE)
def unit_photo(request, pk: int) -> FileResponse:
    """A picture, public or not, small enough for a page; for the staff of the territory, readers included."""
    if not request.user.is_staff:
        raise Http404
    return small_picture(get_object_or_404(UnitPhoto.objects.visible_to(request.user), pk=pk))


def small_picture(photo: UnitPhoto) -> FileResponse:
    """:raises Http404: when the storage has lost it"""
    try:
        with photo.file.open("rb") as file:
            small = picture(file, max_side=SIDE)
    except FileNotFoundError:
        raise Http404("Cette photo n’est plus là.") from None
    return FileResponse(small, content_type="image/webp")


class UnitDocumentView(StaffPage, View):
    """The file, for the staff of the territory, readers included."""

    def get(self, request, pk: int):
        document = get_object_or_404(UnitDocument.objects.visible_to(request.user), pk=pk)
        return serve(document.file, filename=document.filename, content_type=document.content_type)


class UnitPhotoAddView(UnitForm):
    title = "Ajouter une photo"
    form_class = PhotoAddForm
    submit = "Ajouter"
    done = "La photo est ajoutée."

    def work(self, form):
        services.add_unit_photo(unit=self.unit, **form.cleaned_data, **self.told())


class UnitDocumentAddView(UnitForm):
    title = "Ajouter un document"
    form_class = UnitDocumentForm
    submit = "Ajouter"
    done = "Le document est ajouté."

    def work(self, form):
        services.add_unit_document(unit=self.unit, **form.cleaned_data, **self.told())


# --- what is already there -------------------------------------------------------------------------------------------


class FileOfUnit(UnitWork):
    """A page about one picture or document of a unit; one of another territory does not exist."""

    model: type

    def load(self) -> Unit:
        rows = self.model.objects.visible_to(self.request.user).select_related("unit__territory", "unit__commune")
        self.file = get_object_or_404(rows, pk=self.kwargs["pk"])
        return self.file.unit


class UnitPhotoChangeView(FileOfUnit, UnitEdit):
    model = UnitPhoto
    title = "Modifier une photo"
    form_class = PhotoChangeForm
    done = "La photo est modifiée."

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.row = getattr(self, "file", None)

    @transaction.atomic
    def post(self, request, *args, **kwargs):
        Unit.objects.select_for_update(of=("self",)).get(pk=self.unit.pk)  # before its photos, as the service does
        return super().post(request, *args, **kwargs)

    def get_initial(self):
        return {"description": self.row.description, "is_public": self.row.is_public}

    def work(self, form):
        services.change_unit_photo(photo=self.row, **form.cleaned_data)


class UnitPhotoRemoveView(FileOfUnit, View):
    model = UnitPhoto

    def post(self, request, pk: int):
        services.remove_unit_photo(photo=self.file)
        messages.success(request, "La photo est retirée.")
        return redirect(self.address())


class UnitDocumentRemoveView(FileOfUnit, View):
    model = UnitDocument

    def post(self, request, pk: int):
        services.remove_unit_document(document=self.file)
        messages.success(request, "Le document est retiré.")
        return redirect(self.address())
