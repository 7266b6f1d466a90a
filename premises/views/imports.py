"""Lists of units brought in files: received, their columns chosen, checked, read again, then written or given up."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.generic import DetailView, FormView, ListView, View

from coopconnexion.accounts.permissions import can_work
from coopconnexion.backoffice import StaffPage
from coopconnexion.refusals import add_refusal
from premises import services
from premises.documents import unit_imports
from premises.enums import ImportState
from premises.forms.imports import ColumnsForm, SheetForm, UnitFileForm, begun
from premises.models import UnitImport
from premises.services.imports import ENDED, READY, TASKS, labels_of
from premises.views.units import LIST_NAME, TRAIL, works_somewhere

IMPORTS, IMPORT, PREPARE = (f"premises_staff:{name}" for name in ("import_list", "import", "import_prepare"))
RECHECKED = "Ce fichier a été vérifié à nouveau entre-temps\u202f: relisez ce qui change, puis confirmez."


class ImportPage(StaffPage):
    def get_trail(self):
        return [(TRAIL, reverse(LIST_NAME)), ("Fichiers apportés", reverse(IMPORTS))]


class ImportListView(ImportPage, ListView):
    template_name = "premises/imports/import_list.html"
    context_object_name = "imports"
    paginate_by = 50
    title = "Fichiers apportés"

    def get_trail(self):
        return super().get_trail()[:-1]

    def get_queryset(self):
        rows = UnitImport.objects.visible_to(self.request.user).select_related("source__territory", "uploaded_by")
        return rows.defer("counts", "errors", "changes", "mapping").order_by("-uploaded_at", "-pk")

    def get_context_data(self, **kwargs):
        return super().get_context_data(can_add=works_somewhere(self.request.user), **kwargs)


class ImportAddView(ImportPage, FormView):
    """For who works somewhere; readers get a 403."""

    form_class = UnitFileForm
    template_name = "premises/imports/import_add.html"
    title = "Apporter un fichier de locaux"

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and request.user.is_staff and not works_somewhere(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.request.user}

    def form_valid(self, form):
        told = dict(form.cleaned_data)
        try:
            kept = services.bring_units(filename=told["file"].name, by=self.request.user, at=timezone.now(), **told)
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.form_invalid(form)
        return redirect(PREPARE, pk=kept.pk)

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)


class OneImport(ImportPage):
    """A page about one import of the territories of the user."""

    @cached_property
    def row(self) -> UnitImport:
        rows = UnitImport.objects.visible_to(self.request.user).select_related("source__territory", "uploaded_by")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    @cached_property
    def may_work(self) -> bool:
        return can_work(self.request.user, self.row.source.territory_id)


class ImportWork(OneImport):
    """What only those who work on the territory do; its readers get a 403."""

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and request.user.is_staff and not self.may_work:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class ImportView(OneImport, DetailView):
    """How far a file is, and what came of it; asked again every other second while a worker has it."""

    context_object_name = "unit_import"

    def get_object(self, queryset=None):
        return self.row

    def get_template_names(self):
        return ["premises/imports/includes/progress.html" if self.request.htmx else "premises/imports/import.html"]

    def get_title(self):
        return f"Import de {self.row}"

    def get_context_data(self, **kwargs):
        state = self.row.state
        return super().get_context_data(
            may_work=self.may_work,
            is_running=state in TASKS,
            is_over=state in ENDED,
            is_found=state in (ImportState.CHECKED, ImportState.APPLIED),
            checked=checked(self.row),
            left_out=unit_imports.told_rows(self.row),
            new=unit_imports.new_units(self.row),
            changed=unit_imports.changed_units(self.row),
            lost=unit_imports.lost_units(self.row),
            columns=unit_imports.columns_read(self.row, labels_of(self.row)),
            **kwargs,
        )


class ImportPrepareView(ImportWork, FormView):
    """The columns of a file and what each is; posted, a worker checks the file."""

    form_class = ColumnsForm
    template_name = "premises/imports/import_prepare.html"

    def get(self, request, *args, **kwargs):
        if self.row.state not in READY:
            return redirect(IMPORT, pk=self.row.pk)
        return super().get(request, *args, **kwargs)

    def get_title(self):
        return f"Colonnes de {self.row}"

    def get_form_kwargs(self):
        told = {"unit_import": self.row, "labels": labels_of(self.row)}
        return super().get_form_kwargs() | told

    def get_initial(self):
        return begun(self.row)

    def form_valid(self, form):
        try:
            services.check_asked(unit_import=self.row, **form.cleaned_data)
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.form_invalid(form)
        return redirect(IMPORT, pk=self.row.pk)

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(unit_import=self.row, rows=unit_imports.rows_shown(self.row), **kwargs)
        form, found = context["form"], unit_imports.samples(self.row, labels_of(self.row))
        sheets = [each["name"] for each in unit_imports.sheets(self.row)]
        return context | {"columns": [(each, form[f"column_{each.position}"]) for each in found], "sheets": sheets}


class ImportSheetView(ImportWork, View):
    """Read another sheet, or the names of the columns in another row."""

    def post(self, request, pk: int):
        form = SheetForm(request.POST, unit_import=self.row)
        try:
            if not form.is_valid():
                raise ValidationError("Choisissez une feuille et une ligne de ce fichier.", code="sheet_missing")
            services.choose_sheet(unit_import=self.row, **form.cleaned_data)
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        return redirect(PREPARE, pk=pk)


class ImportApplyView(ImportWork, View):
    """Write what was shown: a check made meanwhile is read again first."""

    def post(self, request, pk: int):
        if self.row.state == ImportState.CHECKED and request.POST.get("checked") != checked(self.row):
            messages.error(request, RECHECKED)
            return redirect(IMPORT, pk=pk)
        try:
            services.apply_asked(unit_import=self.row, by=request.user)
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        return redirect(IMPORT, pk=pk)


class ImportDiscardView(ImportWork, View):
    def post(self, request, pk: int):
        try:
            services.discard_units(unit_import=self.row, at=timezone.now())
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
            return redirect(IMPORT, pk=pk)
        messages.success(request, "Ce fichier est abandonné\u202f: rien n’en est écrit.")
        return redirect(IMPORTS)


def checked(unit_import: UnitImport) -> str:
    """Return what tells a check from the one before."""
    return str(unit_import.started_at and unit_import.started_at.timestamp())
