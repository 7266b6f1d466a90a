"""Monthly statements: typed for a member, brought in a file, added up and exported."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.generic import DetailView, FormView, TemplateView, View

from coopconnexion.accounts.permissions import may
from coopconnexion.accounts.services import ask_export
from coopconnexion.backoffice import EditPage, StaffPage
from coopconnexion.backoffice.exports import is_long, later
from coopconnexion.sheets import csv_response, xlsx_response
from coopconnexion.sheets.values import parse_month
from members import services
from members.figures import FIGURES, by_territory, by_theme, charts_by_month, charts_of, months_until, turnover_chart
from members.forms.statements import FiguresForm, ImportForm, StatementCorrectForm, StatementForm
from members.models import Member, Statement, StatementImport
from members.views.work import MemberWork

LIST_NAME = "members_staff:statement_list"
MODEL = "members.statement"
TEN = 10
SPANS = (12, 24)
EXAMPLE_HEADER = ["Référence", "E-mail", "Nom", "Prénom", "Mois", *FIGURES.values()]
EXPORT_HEADER = ["Référence", "Membre", "Territoire", "Mois", *(f"{label} (€)" for label in FIGURES.values())]


class StatementPage(StaffPage):
    """A page about statements, below their list."""

    def get_trail(self):
        return [("Membres", reverse("members_staff:member_list")), ("Relevés", reverse(LIST_NAME))]


class ImportPage(StatementPage):
    """For who may write statements somewhere; readers get a 403."""

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and request.user.is_staff and not may(request.user, "add", MODEL):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class StatementListView(StatementPage, TemplateView):
    """Sums by month, territory and theme; ``?format=csv`` exports the statements behind them."""

    template_name = "members/statements/statement_list.html"
    title = "Relevés mensuels"

    def get_trail(self):
        return super().get_trail()[:1]

    def get(self, request, *args, **kwargs):
        self.form = FiguresForm(request.GET or None, user=request.user)
        chosen = self.form.cleaned_data if self.form.is_valid() else {}
        self.months = months_until(timezone.localdate(), chosen.get("mois") or SPANS[0])
        self.statements = Statement.objects.visible_to(request.user)
        if self.form.is_bound and not self.form.is_valid():
            self.statements = self.statements.none()
        if chosen.get("territoire"):
            self.statements = self.statements.filter(member__territory=chosen["territoire"])
        if request.GET.get("format") in ("csv", "xlsx"):
            return self.exported(request.GET["format"])
        return super().get(request, *args, **kwargs)

    def exported(self, kind: str) -> HttpResponseBase:
        """The statements behind the sums, one a row; a worker writes a long file."""
        chosen = self.statements.filter(month__gte=self.months[0], month__lte=self.months[-1])
        if is_long(self.request, number := chosen.count()):
            return later(self.request, ask_export, title="Relevés", filename=f"releves.{kind}", rows=number)
        return file_of(chosen, kind)

    def get_context_data(self, **kwargs):
        territories = by_territory(self.statements, self.months)
        themes = by_theme(self.statements, self.months)
        query = self.request.GET.copy()
        query.pop("format", None)
        return super().get_context_data(
            form=self.form,
            query=query.urlencode(),
            labels=FIGURES.values(),
            monthly=charts_by_month(self.statements, self.months),
            tables=[
                ("Par territoire", territories, turnover_chart("Chiffre d’affaires par territoire", territories)),
                ("Par thème", themes, turnover_chart("Chiffre d’affaires par thème", themes)),
            ],
            imports=StatementImport.objects.visible_to(self.request.user)
            .select_related("uploaded_by")
            .order_by("-uploaded_at", "-pk")[:TEN],
            may_import=may(self.request.user, "add", MODEL),
            **kwargs,
        )


def file_of(statements, kind: str) -> HttpResponseBase:
    rows = statements.order_by("month", "member", "pk").select_related("member__person", "member__territory")
    found = rows.iterator(chunk_size=500)
    rows = (
        [each.member.reference, str(each.member), str(each.member.territory), each.month]
        + [getattr(each, name) for name in FIGURES]
        for each in found
    )
    if kind == "csv":
        return csv_response("releves.csv", EXPORT_HEADER, rows)
    return xlsx_response("releves.xlsx", EXPORT_HEADER, rows, "Relevés")


class StatementExampleView(ImportPage, View):
    """A file to fill in: the members whom the user works with, this month."""

    def get(self, request):
        members = services.members_worked_with(request.user).present().select_related("person").order_by("pk")
        month = timezone.localdate().replace(day=1)
        rows = (
            [each.reference, each.person.email, each.person.last_name, each.person.first_name, month, *[None] * 4]
            for each in members.iterator(chunk_size=500)
        )
        return xlsx_response("releves-a-remplir.xlsx", EXAMPLE_HEADER, rows, "Relevés")


class StatementImportView(ImportPage, FormView):
    form_class = ImportForm
    template_name = "members/statements/statement_import.html"
    title = "Apporter un fichier de relevés"

    def form_valid(self, form):
        file = form.cleaned_data["file"]
        try:
            kept = services.check_statements(file=file, filename=file.name, by=self.request.user, at=timezone.now())
        except ValidationError as refusal:
            form.add_error("file", refusal)
            return self.form_invalid(form)
        return redirect("members_staff:statement_import_check", pk=kept.pk)

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)


class StatementImportCheckView(ImportPage, DetailView):
    """What a file would change, row by row; a POST applies it."""

    template_name = "members/statements/statement_import_check.html"
    context_object_name = "statement_import"

    def get_title(self):
        return "Import de relevés"

    def get_queryset(self):
        return StatementImport.objects.visible_to(self.request.user).select_related("uploaded_by")

    @cached_property
    def changes(self) -> list[dict]:
        """The changes that the check kept, with the names of the members: one query."""
        kept = self.object.counts.get("changes", [])
        members = Member.objects.visible_to(self.request.user).select_related("person")
        names = members.in_bulk({each["member"] for each in kept})
        return [change_words(each, names) for each in kept if each["member"] in names]

    def get_context_data(self, **kwargs):
        same = StatementImport.objects.filter(sha256=self.object.sha256, applied_at__isnull=False)
        return super().get_context_data(
            counts=self.object.counts,
            changes=self.changes,
            errors=Paginator(self.object.errors, 50).get_page(self.request.GET.get("page")),
            errors_left=max(0, self.object.counts.get("wrong", 0) - len({each["row"] for each in self.object.errors})),
            applied_before=same.exclude(pk=self.object.pk).order_by("applied_at").first(),
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        self.object = self.get_object()
        try:
            services.apply_statements(statement_import=self.object, by=request.user, at=timezone.now())
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
            return redirect(request.path)
        messages.success(request, "Les relevés sont importés.")
        return redirect(request.path)


def change_words(change: dict, names: dict[int, Member]) -> dict:
    return {
        "row": change["row"],
        "member": names[change["member"]],
        "month": "/".join(reversed(change["month"].split("-")[:2])),
        "figures": [(FIGURES[name], *both) for name, both in change["figures"].items()],
    }


class StatementImportDiscardView(ImportPage, View):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        kept = get_object_or_404(StatementImport.objects.visible_to(request.user), pk=pk)
        try:
            services.discard_statements(statement_import=kept, at=timezone.now())
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
            return redirect("members_staff:statement_import_check", pk=pk)
        messages.success(request, "L’import est abandonné\u202f: rien n’a été écrit.")
        return redirect(LIST_NAME)


class StatementEnterView(EditPage, MemberWork):
    """The statements of a member, month by month; ``?mois=2026-12`` opens one to correct it."""

    template_name = "members/statements/statement_enter.html"
    done = "Le relevé est enregistré."

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        wanted = parse_month(request.GET.get("mois", ""))
        self.row = wanted and self.member.statements.filter(month=wanted).first()

    def post(self, request, *args, **kwargs):
        if self.row:
            return super().post(request, *args, **kwargs)
        if "remove" in request.POST:  # somebody else was faster
            return redirect(self.get_success_url())
        return FormView.post(self, request, *args, **kwargs)

    def get_title(self):
        return f"Relevés de {self.member}"

    @cached_property
    def span(self) -> int:
        return SPANS[1] if self.request.GET.get("periode") == str(SPANS[1]) else SPANS[0]

    def get_form_class(self):
        return StatementCorrectForm if self.row else StatementForm

    def get_form_kwargs(self):
        return super().get_form_kwargs() | ({"edited": self.row} if self.row else {})

    def get_initial(self):
        if self.row is None:
            return {"month": months_until(self.today, 2)[0]}
        return {name: getattr(self.row, name) for name in ("month", *FIGURES)}

    def get_success_url(self):
        return reverse("members_staff:statement_enter", args=[self.member.pk])

    def get_trail(self):
        member = reverse("members_staff:member", args=[self.member.pk])
        return [("Membres", reverse("members_staff:member_list")), (str(self.member), member)]

    def get_context_data(self, **kwargs):
        months = months_until(self.today, self.span)
        return super().get_context_data(
            charts=charts_of(self.member, months),
            statements=self.member.statements.select_related("entered_by").order_by("-month", "-pk")[: self.span],
            span=self.span,
            opened=self.row,
            labels=FIGURES.values(),
            **kwargs,
        )

    def work(self, form):
        if "remove" in self.request.POST:
            self.done = "Le relevé est supprimé\u202f; l’historique le garde."
            return services.remove_statement(statement=self.row)
        return services.enter_statement(
            member=self.member, corrects=self.row, by=self.request.user, at=self.at, **form.cleaned_data
        )
