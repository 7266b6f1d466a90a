"""A town against its like, from the statistics: a gap to the reference, never a need."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView, View

from coopconnexion.accounts.enums import WORK_ROLES
from coopconnexion.accounts.services import ask_export
from coopconnexion.backoffice import StaffPage
from coopconnexion.backoffice.exports import is_long, later
from coopconnexion.charts import Series, across
from coopconnexion.sheets import csv_response, xlsx_response
from coopconnexion.territories.models import Commune, Territory
from premises import services
from premises.documents.comparison import Comparison, Line, compare, figures_of, proposed_group
from premises.documents.everywhere import HEADER as EVERYWHERE
from premises.documents.everywhere import cells, rows_everywhere
from premises.enums import GapSource
from premises.forms.comparison import ComparisonForm, GapFromComparisonForm
from premises.models import CountSet, MissingActivity
from premises.rules.shortages import shown

COMPARISON = "gaps_staff:comparison"
HEADER = [
    *("Rang", "Code", "Activité", "Comptés", "Pour 10 000 habitants", "Référence", "Médiane", "Attendus", "Écart"),
    *("Indice", "Communes qui en ont", "Niveau", "Fragile", "Groupe", "Statistiques", "Population de"),
]
MOST_BARS = 12


class Compared(StaffPage):
    """The comparison that the address asks for, or why there is none."""

    comparison: Comparison | None = None

    def load(self) -> None:
        self.form = ComparisonForm(self.asked())
        if self.form.is_valid():
            chosen = self.form.cleaned_data
            try:
                services.refuse_mixed(self.sets())
                self.comparison = self.compared(chosen["commune"], chosen["jeu"], chosen["groupe"])
            except ValidationError as refusal:
                self.form.add_error(None, refusal)

    def sets(self) -> list[CountSet]:
        """The sets that the address names: one, unless somebody wrote several into it."""
        named = [
            each for each in self.request.GET.getlist("jeu") if each.isascii() and each.isdigit() and len(each) < 10
        ]
        return list(CountSet.objects.filter(pk__in=named).order_by("pk")) if len(named) > 1 else []

    def asked(self) -> dict[str, str]:
        """The address, completed: the latest statistics, and a town where the user works."""
        asked = self.request.GET.dict()
        if not asked.get("jeu"):
            latest = CountSet.objects.filter(retired_at=None).order_by("-vintage", "kind", "pk").first()
            asked["jeu"] = str(latest.pk) if latest else ""
        if not asked.get("commune"):
            town = Commune.objects.filter(territories__in=Territory.objects.staffed_by(self.request.user))
            asked["commune"] = str(town.order_by("-population").first() or "")
        return asked

    @staticmethod
    def compared(commune, count_set, group) -> Comparison:
        others = list(group.communes.order_by("name")) if group else proposed_group(commune, count_set)
        return compare(commune=commune, group=others, count_set=count_set)


class ComparisonView(Compared, TemplateView):
    template_name = "premises/comparison/comparison.html"
    title = "Écarts à la référence"

    def get(self, request, *args, **kwargs):
        self.load()
        if self.comparison and request.GET.get("format") in ("csv", "xlsx"):
            return exported(self.comparison, request.GET["format"])
        return super().get(request, *args, **kwargs)

    def get_trail(self):
        return [("Activités manquantes", reverse("gaps_staff:gap_list"))]

    def get_context_data(self, **kwargs):
        query = self.request.GET.copy()
        query.pop("format", None)
        told = self.comparison
        return super().get_context_data(
            form=self.form,
            has_counts=CountSet.objects.filter(retired_at=None).exists(),
            query=query.urlencode(),
            comparison=told,
            lines=[words(line) for line in told.lines] if told else [],
            chart=chart_of(told) if told and told.gaps else None,
            territories=self.territories(),
            own_group=self.own_group(),
            statistics=reverse("gaps_staff:count_list"),
            **kwargs,
        )

    def own_group(self) -> str:
        """The towns that were proposed, as the address of a new group begins with them; empty for who may make none."""
        if (
            not self.comparison
            or self.form.cleaned_data["groupe"]
            or self.request.user.territory_ids(*WORK_ROLES) == set()
        ):
            return ""
        return urlencode([("communes", each.pk) for each in self.comparison.group])

    def territories(self) -> list[Territory]:
        """Where the user may bring a line of this town into the inventory."""
        if not self.comparison:
            return []
        offered = Territory.objects.offered_to(self.request.user).filter(communes=self.comparison.commune)
        return list(offered.order_by("name"))


def words(line: Line) -> dict:
    """A line as the page shows it: rounded at the last moment."""
    gap = line.gap
    return {
        "code": gap.code,
        "label": line.label,
        "number": "inconnu" if gap.number is None else str(gap.number),
        "density": shown(gap.density, 2),
        "reference": shown(gap.pooled and gap.pooled.density, 2),
        "median": shown(gap.median and gap.median.density, 2),
        "expected": shown(gap.expected, 1),
        "missing": shown(gap.missing, 1),
        "index": shown(gap.index, 0),
        "presence": f"{gap.pooled.present}/{gap.pooled.towns}" if gap.pooled else "",
        "level": gap.level,
        "is_gap": gap.is_gap,
        "is_fragile": gap.is_fragile,
    }


def chart_of(comparison: Comparison):
    lines = comparison.gaps[:MOST_BARS]
    counted = Series("comptés", [line.gap.number for line in lines])
    expected = Series("attendus", [round(line.gap.expected, 1) for line in lines])
    return across("Comptés et attendus", [short(line) for line in lines], [counted, expected])


def short(line: Line) -> str:
    """The name of our list rather than INSEE's, which is longer, where the code is of one activity."""
    return line.activities[0].label if len(line.activities) == 1 else line.label


def exported(comparison: Comparison, kind: str):
    """The whole result as a file, each line with its group, its vintage and its source."""
    group, source = ", ".join(str(each) for each in comparison.group), str(comparison.count_set)
    rows = (
        [rank, line.gap.code, line.label, *cells(line.gap), group, source, comparison.population_year]
        for rank, line in enumerate(comparison.lines, start=1)
    )
    name = f"ecarts-{comparison.commune.pk}-{comparison.count_set.vintage}"
    if kind == "csv":
        return csv_response(f"{name}.csv", HEADER, rows)
    return xlsx_response(f"{name}.xlsx", HEADER, rows, "Écarts")


class EverywhereView(StaffPage, View):
    """Every town of a set against those of its size, as a file; a worker writes a long one."""

    def get(self, request, pk: int):
        count_set = get_object_or_404(CountSet, pk=pk)
        name = f"ecarts-communes-{count_set.vintage}.csv"
        number = count_set.communes.count() * len(count_set.codes)
        if is_long(request, number):
            return later(request, ask_export, title=f"Écarts à la référence, {count_set}", filename=name, rows=number)
        return csv_response(name, EVERYWHERE, rows_everywhere(count_set))


class GapFromComparisonView(Compared, View):
    """Bring a line of the comparison into the inventory, with its figures as they stand."""

    def post(self, request):
        self.load()
        form = GapFromComparisonForm(request.POST, user=request.user)
        back = f"{reverse(COMPARISON)}?{request.GET.urlencode()}"
        if request.user.territory_ids(*WORK_ROLES) == set():
            raise PermissionDenied
        line = self.comparison and form.is_valid() and self.line(form.cleaned_data["code"])
        if not line:
            messages.error(request, "Cette ligne n’est plus dans la comparaison\u202f: choisissez-en une ci-dessous.")
            return redirect(back)
        try:
            gap = self.noted(line, form.cleaned_data["territory"])
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
            return redirect(back)
        messages.success(request, f"{gap.label}\u202f: à l’inventaire, pressentie. Complétez ce qui la confirmerait.")
        return redirect("gaps_staff:gap", pk=gap.pk)

    def line(self, code: str) -> Line | None:
        return next((line for line in self.comparison.lines if line.gap.code == code), None)

    def noted(self, line: Line, territory: Territory) -> MissingActivity:
        activity = line.activities[0] if len(line.activities) == 1 else None
        is_type = self.comparison.count_set.kind == "bpe"
        return services.note_gap(
            territory=territory,
            commune=self.comparison.commune,
            label=activity.label if activity else line.label,
            activity=activity,
            type_code=line.gap.code if is_type else "",
            source=GapSource.COMPUTED,
            source_detail=str(self.comparison.count_set),
            observed_on=timezone.localdate(),
            figures=figures_of(line, self.comparison),
            by=self.request.user,
            at=timezone.now(),
        )
