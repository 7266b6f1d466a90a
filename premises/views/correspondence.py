"""Which codes of the statistics each activity stands for; the direction alone corrects it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import DetailView, FormView, ListView, View

from coopconnexion.accounts.permissions import may
from coopconnexion.backoffice import EditPage, StaffPage, history_page
from coopconnexion.refusals import add_refusal
from coopconnexion.territories.models import Activity, FacilityType, NafCode
from premises import services
from premises.forms.correspondence import ActivityChangeForm, ActivityFilterForm, ActivityForm

LIST, PAGE = "gaps_staff:activity_list", "gaps_staff:activity"
CODES = (
    Prefetch("naf_codes", NafCode.objects.order_by("pk")),
    Prefetch("facility_types", FacilityType.objects.order_by("vintage", "code")),
)


def may_change(user) -> bool:
    return may(user, "change", "territories.activity")


class CorrespondencePage(StaffPage):
    def get_trail(self):
        above = [
            ("Activités manquantes", reverse("gaps_staff:gap_list")),
            ("Écarts à la référence", reverse("gaps_staff:comparison")),
        ]
        return [*above, ("Activités et codes", reverse(LIST))]

    def get_context_data(self, **kwargs):
        return super().get_context_data(may_change=may_change(self.request.user), **kwargs)


class DirectionPage(CorrespondencePage):
    """For the direction; the rest of the team gets a 403."""

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and request.user.is_staff and not may_change(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class ActivityListView(CorrespondencePage, ListView):
    template_name = "premises/correspondence/activity_list.html"
    context_object_name = "activities"
    title = "Activités et codes"

    def get_trail(self):
        return super().get_trail()[:-1]

    def get_queryset(self):
        self.form = ActivityFilterForm(self.request.GET)
        return self.form.kept(Activity.objects.prefetch_related(*CODES)).order_by("label", "pk")

    def get_context_data(self, **kwargs):
        context = super().get_context_data(form=self.form, **kwargs)
        lines = [(each, naf_words(each), type_words(each)) for each in context["activities"]]
        return context | {"lines": lines}


def naf_words(activity: Activity) -> str:
    return ", ".join(each.pk for each in activity.naf_codes.all())


def type_words(activity: Activity) -> str:
    """« B203 (2020), B207 (2024) », and « B204 (2020 et 2024) » where the code did not change."""
    years: dict[str, list[str]] = {}
    for each in activity.facility_types.all():
        years.setdefault(each.code, []).append(str(each.vintage))
    return ", ".join(f"{code} ({' et '.join(each)})" for code, each in years.items())


class ActivityView(CorrespondencePage, DetailView):
    template_name = "premises/correspondence/activity.html"
    context_object_name = "activity"
    queryset = Activity.objects.prefetch_related(*CODES)

    def get_title(self):
        return str(self.object)

    def get_context_data(self, **kwargs):
        versions = history_page(self.object, self.request.GET.get("page"))
        return super().get_context_data(versions=versions, **kwargs)


class ActivityFormPage(DirectionPage, FormView):
    template_name = "premises/correspondence/activity_form.html"

    def form_valid(self, form):
        try:
            kept = self.work(form)
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.form_invalid(form)
        messages.success(self.request, "L’activité est enregistrée.")
        return redirect(PAGE, pk=kept.pk)

    def form_invalid(self, form):
        status = 409 if getattr(form, "meanwhile", None) else 422
        return self.render_to_response(self.get_context_data(form=form), status=status)


class ActivityAddView(ActivityFormPage):
    form_class = ActivityForm
    title = "Ajouter une activité"

    def work(self, form):
        return services.add_activity(**form.cleaned_data)


class ActivityChangeView(EditPage, ActivityFormPage):
    form_class = ActivityChangeForm
    title = "Corriger une activité"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.row = get_object_or_404(Activity.objects.prefetch_related(*CODES), pk=kwargs["pk"])

    def get_initial(self):
        codes, types = list(self.row.naf_codes.all()), list(self.row.facility_types.all())
        return {"label": self.row.label, "naf_codes": codes, "facility_types": types}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"edited": self.row}

    def get_context_data(self, **kwargs):
        return super().get_context_data(activity=self.row, **kwargs)

    def work(self, form):
        return services.change_activity(activity=self.row, **form.cleaned_data)


class ActivityRetireView(DirectionPage, View):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        services.retire_activity(activity=get_object_or_404(Activity, pk=pk), at=timezone.now())
        messages.success(request, "Cette activité n’est plus proposée. Ce qui la nomme déjà garde son nom.")
        return redirect(PAGE, pk=pk)


class ActivityRestoreView(DirectionPage, View):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        services.restore_activity(activity=get_object_or_404(Activity, pk=pk))
        messages.success(request, "Cette activité est de nouveau proposée.")
        return redirect(PAGE, pk=pk)
