"""The pictures and documents of a unit, brought and served to those who may see them."""

from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.views.generic import View

from coopconnexion.backoffice import StaffPage
from coopconnexion.uploads import picture, serve
from premises.models import UnitDocument, UnitPhoto

SIDE = 800  # pixels


class UnitPhotoView(StaffPage, View):
    """A picture, public or not, small enough for a page; for the staff of the territory, readers included."""

    def get(self, request, pk: int):
        photo = get_object_or_404(UnitPhoto.objects.visible_to(request.user), pk=pk)
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
