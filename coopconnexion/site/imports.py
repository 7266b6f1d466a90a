"""Lists brought in a spreadsheet: brought, checked, confirmed or given up; the same pages for every list."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.generic import DetailView, FormView, View

from coopconnexion.accounts import services
from coopconnexion.accounts.models import RowImport
from coopconnexion.backoffice import StaffPage
from coopconnexion.backoffice.imports import RowList, lists
from coopconnexion.refusals import add_refusal
from coopconnexion.sheets import xlsx_response
from coopconnexion.site.forms import RowImportForm

LATEST = 10
ERRORS_ON_A_PAGE = 50


class ImportPage(StaffPage):
    """A page about a list, for who may bring it; the rest of the team gets a 403."""

    row_list: RowList

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and request.user.is_staff:
            if kwargs["key"] not in lists:
                raise Http404
            self.row_list = lists[kwargs["key"]]
            if not self.row_list.may(request.user):
                raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @property
    def own(self):
        return RowImport.objects.visible_to(self.request.user).filter(key=self.row_list.key)

    def get_title(self):
        return f"Apporter une liste\u202f: {self.row_list.title.lower()}"

    def get_trail(self):
        return [(self.row_list.title, reverse(self.row_list.back))]

    def get_context_data(self, **kwargs):
        return super().get_context_data(row_list=self.row_list, **kwargs)


class RowImportView(ImportPage, FormView):
    form_class = RowImportForm
    template_name = "site/row_import.html"

    def form_valid(self, form):
        file = form.cleaned_data["file"]
        try:
            kept = services.check_rows(
                key=self.row_list.key, file=file, filename=file.name, by=self.request.user, at=timezone.now()
            )
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.form_invalid(form)
        return redirect("site:row_import_check", key=self.row_list.key, pk=kept.pk)

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs):
        latest = self.own.order_by("-uploaded_at", "-pk")[:LATEST]
        return super().get_context_data(imports=latest, **kwargs)


class RowImportExampleView(ImportPage, View):
    """A file to fill in: the header, and nothing below."""

    def get(self, request: HttpRequest, key: str) -> HttpResponseBase:
        header = [column.label for column in self.row_list.columns]
        return xlsx_response(f"{slugify(self.row_list.title)}-a-remplir.xlsx", header, [], self.row_list.title)


class RowImportCheckView(ImportPage, DetailView):
    """What the check found; confirmed by a POST."""

    template_name = "site/row_import_check.html"
    context_object_name = "row_import"

    def get_queryset(self):
        return self.own

    def get_title(self):
        return f"Import de {self.object}"

    def get_trail(self):
        address = reverse("site:row_import", args=[self.row_list.key])
        return [*super().get_trail(), ("Apporter une liste", address)]

    def get_context_data(self, **kwargs):
        found = self.object.errors
        return super().get_context_data(
            counts=self.object.counts,
            errors=Paginator(found, ERRORS_ON_A_PAGE).get_page(self.request.GET.get("page")),
            errors_left=max(0, self.object.counts["wrong"] - len({each["row"] for each in found})),
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        try:
            services.apply_rows(row_import=self.get_object(), by=request.user, at=timezone.now())
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        else:
            messages.success(request, "La liste est importée.")
        return redirect(request.path)


class RowImportDiscardView(ImportPage, View):
    def post(self, request: HttpRequest, key: str, pk: int) -> HttpResponseBase:
        try:
            services.discard_rows(row_import=get_object_or_404(self.own, pk=pk), at=timezone.now())
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
            return redirect("site:row_import_check", key=key, pk=pk)
        messages.success(request, "L’import est abandonné\u202f: rien n’a été écrit.")
        return redirect("site:row_import", key=key)
