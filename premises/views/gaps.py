"""The inventory of missing activities, as staff keep it."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.generic import FormView, ListView, TemplateView, View

from coopconnexion.accounts.enums import WORK_ROLES
from coopconnexion.accounts.permissions import can_work
from coopconnexion.accounts.services import ask_export
from coopconnexion.backoffice import EditPage, StaffPage, history_page
from coopconnexion.backoffice.exports import is_long, later
from coopconnexion.backoffice.tables import InAddress, addresses, laid_out
from coopconnexion.refusals import add_refusal
from coopconnexion.sheets import csv_response, xlsx_response
from premises import services
from premises.documents import gaps as documents
from premises.forms.gaps import GapAddForm, GapChangeForm, GapMoveForm
from premises.gap_filters import GapFilter
from premises.models import MissingActivity
from premises.models.gaps import LIVE

LIST_NAME, PAGE_NAME = "gaps_staff:gap_list", "gaps_staff:gap"
TRAIL = "Activités manquantes"
TOLD = ("label", "activity", "sector", "reason", "source", "source_detail", "observed_on", "review_on", "evidence")


class Filtered(InAddress, StaffPage):
    columns = (
        ("activite", "Activité"),
        ("", "Commune"),
        ("etat", "État"),
        ("", "Source"),
        ("constat", "Constatée le"),
        ("revoir", "À revoir le"),
    )
    folded = ("territoire", "a_revoir")

    @cached_property
    def filters(self) -> GapFilter:
        return GapFilter(self.request.GET, user=self.request.user)


class GapListView(Filtered, ListView):
    template_name = "premises/gaps/gap_list.html"
    context_object_name = "gaps"
    paginate_by = 50
    title = TRAIL
    keeps_filters = True

    def get_queryset(self):
        return self.filters.rows.select_related("commune", "project")

    def get_context_data(self, **kwargs):
        context = super().get_context_data(
            form=self.filters.form,
            is_narrow=self.is_narrow,
            query=self.query(),
            headings=self.headings(),
            may_work=self.request.user.territory_ids(*WORK_ROLES) != set(),
            today=self.filters.today,
            **kwargs,
        )
        today = self.filters.today
        rows = laid_out("premises/gaps.html", gaps=context["gaps"], address=addresses(PAGE_NAME), today=today)
        return context | {"rows": rows, "total": context["paginator"].count}


class GapExportView(Filtered, View):
    """What the list shows; or, with ``?jour=2026-12-31``, the whole inventory as it stood that day.

    A worker writes a long one.
    """

    def get(self, request, kind: str):
        day, kept = self.day(), self.rows()
        name = f"activites-manquantes-{day or self.filters.today:%Y-%m-%d}.{kind}"
        if is_long(request, number := (documents.standing(kept, day) if day else kept).count()):
            return later(request, ask_export, title=TRAIL, filename=name, rows=number)
        table = documents.table(documents.as_it_stood(kept, day) if day else kept)
        if kind == "csv":
            return csv_response(name, documents.HEADER, table)
        return xlsx_response(name, documents.HEADER, table, "Inventaire")

    def rows(self):
        """What the filters keep; of a past day, all that the user may see."""
        if self.day():
            return MissingActivity.objects.visible_to(self.request.user)
        return self.filters.rows.select_related("commune", "territory")

    def day(self) -> date | None:
        """The past day that the address asks for; what is no day, or is to come, is today."""
        try:
            day = date.fromisoformat(self.request.GET.get("jour", ""))
        except ValueError:
            return None
        return day if day < self.filters.today else None


class GapAddView(StaffPage, FormView):
    form_class = GapAddForm
    template_name = "premises/gaps/gap_form.html"
    title = "Noter une activité manquante"

    def dispatch(self, request, *args, **kwargs):
        user = request.user
        if user.is_authenticated and user.is_staff and user.territory_ids(*WORK_ROLES) == set():
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_trail(self):
        return [(TRAIL, reverse(LIST_NAME))]

    def get_initial(self):
        return {"observed_on": timezone.localdate()}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.request.user}

    def form_valid(self, form):
        try:
            gap = services.note_gap(by=self.request.user, at=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.form_invalid(form)
        messages.success(self.request, "C’est à l’inventaire, comme pressentie.")
        return redirect(PAGE_NAME, pk=gap.pk)

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs):
        return super().get_context_data(submit="Noter", cancel=reverse(LIST_NAME), **kwargs)


class GapPage(StaffPage):
    """A page about one gap of the user's territories."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            rows = MissingActivity.objects.visible_to(request.user)
            related = rows.select_related("territory", "commune", "activity", "project", "unit", "created_by")
            self.gap = get_object_or_404(related, pk=kwargs["pk"])

    def get_trail(self):
        return [(TRAIL, reverse(LIST_NAME))]

    def address(self) -> str:
        return reverse(PAGE_NAME, args=[self.gap.pk])


class GapView(GapPage, TemplateView):
    template_name = "premises/gaps/gap.html"

    def get_title(self):
        return str(self.gap)

    def get_context_data(self, **kwargs):
        today = timezone.localdate()
        return super().get_context_data(
            gap=self.gap,
            figures=(self.gap.figures or {}).items(),
            is_stale=self.gap.status in LIVE and self.gap.review_on <= today,
            is_published=self.gap.status == "confirmed" and self.gap.review_on > today,
            can_work=can_work(self.request.user, self.gap.territory_id),
            versions=history_page(self.gap, self.request.GET.get("page")),
            **kwargs,
        )


class GapWork(GapPage):
    """A change of a gap: for who works there; readers get a 403."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated and not can_work(request.user, self.gap.territory_id):
            raise PermissionDenied


class GapChangeView(GapWork, EditPage, FormView):
    form_class = GapChangeForm
    template_name = "premises/gaps/gap_form.html"
    title = "Corriger une activité manquante"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.row = getattr(self, "gap", None)

    def get_trail(self):
        return [*super().get_trail(), (str(self.gap), self.address())]

    def get_initial(self):
        return {name: getattr(self.row, name) for name in (*TOLD, "idea")}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"edited": self.row}

    def form_valid(self, form):
        try:
            services.change_gap(gap=self.row, by=self.request.user, at=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.form_invalid(form)
        messages.success(self.request, "C’est enregistré.")
        return redirect(self.address())

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=409 if form.meanwhile else 422)

    def get_context_data(self, **kwargs):
        return super().get_context_data(submit="Enregistrer", cancel=self.address(), **kwargs)


class GapMoveView(GapWork, FormView):
    form_class = GapMoveForm
    template_name = "premises/gaps/gap_form.html"
    title = "Changer l’état"

    def get_trail(self):
        return [*super().get_trail(), (str(self.gap), self.address())]

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"gap": self.gap, "user": self.request.user}

    def form_valid(self, form):
        try:
            services.move_gap(gap=self.gap, by=self.request.user, at=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.form_invalid(form)
        messages.success(self.request, "L’état est changé.")
        return redirect(self.address())

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs):
        return super().get_context_data(submit="Changer l’état", cancel=self.address(), **kwargs)


class GapReviewView(GapWork, View):
    """One click: looked at today, and it still stands."""

    def post(self, request, pk: int):
        try:
            gap = services.review_gap(gap=self.gap, by=request.user, at=timezone.now())
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        else:
            messages.success(request, f"Revue aujourd’hui\u202f: la prochaine fois le {gap.review_on:%d/%m/%Y}.")
        return redirect(self.address())
