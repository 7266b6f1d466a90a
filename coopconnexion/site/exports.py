"""« Mes exports »: the long ones, written by a worker, each for who asked."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.generic import ListView, View

from coopconnexion.accounts import services
from coopconnexion.accounts.models import PreparedExport
from coopconnexion.backoffice import StaffPage
from coopconnexion.uploads import FORMATS, serve

LIST = "site:export_list"


class ExportListView(StaffPage, ListView):
    """One's own exports; asked again every other second while one is being written."""

    title = "Mes exports"
    context_object_name = "exports"

    def get_queryset(self):
        now = timezone.now()
        return PreparedExport.objects.visible_to(self.request.user).kept(now).order_by("-requested_at", "-pk")

    def get_template_names(self):
        return ["site/includes/exports.html" if self.request.htmx else "site/export_list.html"]

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        return context | {"is_waiting": any(each.ended_at is None for each in context["exports"])}


class ExportFileView(StaffPage, View):
    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        rows = PreparedExport.objects.visible_to(request.user).kept(timezone.now()).exclude(file="")
        export = get_object_or_404(rows, pk=pk)
        if not services.may_be_given(export, request.user):
            refused = "Vos droits ont changé depuis\u202f: demandez cet export à nouveau, sur la liste."
            messages.error(request, refused)
            return redirect(LIST)
        kind = FORMATS[".xlsx" if export.filename.endswith(".xlsx") else ".csv"]
        return serve(export.file, filename=export.filename, content_type=kind.content_type)


class ExportDeleteView(StaffPage, View):
    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        export = get_object_or_404(PreparedExport.objects.visible_to(request.user), pk=pk)
        services.delete_export(export=export)
        messages.success(request, "L’export est supprimé.")
        return redirect(LIST)
