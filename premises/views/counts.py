"""Statistics of establishments: the sets we have, a file to count, what came of it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import DetailView, FormView, ListView, View

from coopconnexion.accounts.permissions import may
from coopconnexion.backoffice import StaffPage
from coopconnexion.refusals import add_refusal
from coopconnexion.territories.models import FacilityType, NafCode
from premises import services
from premises.enums import CountKind
from premises.forms.counts import CountFileForm
from premises.models import CountImport, CountSet

COUNTS = "gaps_staff:count_list"
LATEST = 10


def may_import(user) -> bool:
    return may(user, "add", "premises.countset")


class CountPage(StaffPage):
    """A page about statistics, below their list."""

    def get_trail(self):
        above = [
            ("Activités manquantes", reverse("gaps_staff:gap_list")),
            ("Écarts à la référence", reverse("gaps_staff:comparison")),
        ]
        return [*above, ("Statistiques", reverse(COUNTS))]


class DirectionPage(CountPage):
    """For the direction; the rest of the team gets a 403."""

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and request.user.is_staff and not may_import(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class CountListView(CountPage, ListView):
    """The sets of statistics; under them the files brought last, refused or waiting."""

    template_name = "premises/counts/count_list.html"
    title = "Statistiques des établissements"
    context_object_name = "sets"

    def get_trail(self):
        return super().get_trail()[:-1]

    def get_queryset(self):
        sets = CountSet.objects.select_related("imported_by").annotate(towns=Count("communes"))
        return sets.order_by("-vintage", "kind", "label", "pk")

    def get_context_data(self, **kwargs):
        brought = CountImport.objects.select_related("uploaded_by", "count_set").order_by("-uploaded_at", "-pk")
        return super().get_context_data(may_import=may_import(self.request.user), imports=brought[:LATEST], **kwargs)


class CountView(CountPage, DetailView):
    """One set: where it comes from, what was set aside, how many establishments of each code."""

    template_name = "premises/counts/count_set.html"
    context_object_name = "count_set"
    queryset = CountSet.objects.select_related("imported_by").annotate(towns=Count("communes"))

    def get_title(self):
        return str(self.object)

    def get_context_data(self, **kwargs):
        labels = code_labels(self.object)
        found = self.object.counts.values_list("code").annotate(Sum("number"), Count("number")).order_by("code")
        totals = {code: (number or 0, towns) for code, number, towns in found}
        return super().get_context_data(
            may_import=may_import(self.request.user),
            codes=[(code, labels.get(code, ""), *totals.get(code, (0, 0))) for code in self.object.codes],
            **kwargs,
        )


def code_labels(count_set: CountSet) -> dict[str, str]:
    """Return what the codes of a set mean: BPE types of its vintage, or NAF rév. 2."""
    if count_set.kind == CountKind.BPE:
        types = FacilityType.objects.filter(vintage=count_set.vintage, code__in=count_set.codes)
        return dict(types.values_list("code", "label"))
    return dict(NafCode.objects.filter(pk__in=count_set.codes).values_list("pk", "label"))


class CountFileView(DirectionPage, FormView):
    form_class = CountFileForm
    template_name = "premises/counts/count_add.html"
    title = "Apporter des statistiques"

    def form_valid(self, form):
        told = dict(form.cleaned_data)
        try:
            kept = services.receive_counts(filename=told["file"].name, by=self.request.user, at=timezone.now(), **told)
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.form_invalid(form)
        return redirect("gaps_staff:count_import", pk=kept.pk)

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)


class CountImportView(CountPage, DetailView):
    """How far a file is, and what came of it; asked again every other second while a worker reads it."""

    context_object_name = "count_import"
    queryset = CountImport.objects.select_related("uploaded_by", "count_set")

    def get_template_names(self):
        return ["premises/counts/includes/progress.html" if self.request.htmx else "premises/counts/count_import.html"]

    def get_title(self):
        return f"Import de {self.object}"

    def get_context_data(self, **kwargs):
        return super().get_context_data(may_import=may_import(self.request.user), **kwargs)


class CountRetireView(DirectionPage, View):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        services.retire_counts(count_set=get_object_or_404(CountSet, pk=pk), at=timezone.now())
        messages.success(request, "Ce jeu n’est plus proposé. Les résultats qui en viennent gardent ce qu’ils disent.")
        return redirect("gaps_staff:count_set", pk=pk)


class CountRestoreView(DirectionPage, View):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        services.restore_counts(count_set=get_object_or_404(CountSet, pk=pk))
        messages.success(request, "Ce jeu est de nouveau proposé.")
        return redirect("gaps_staff:count_set", pk=pk)
