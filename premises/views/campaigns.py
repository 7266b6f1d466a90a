"""The surveys of a territory, as the office opens them, follows them, settles them and ends them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import FormView, ListView, TemplateView, View

from coopconnexion.accounts.enums import WORK_ROLES
from coopconnexion.accounts.permissions import can_work
from coopconnexion.backoffice import EditPage, StaffPage
from coopconnexion.refusals import add_refusal
from coopconnexion.sheets import csv_response, xlsx_response
from premises import services
from premises.documents import campaigns as documents
from premises.documents.vacancy import compare, rates_of
from premises.enums import Change
from premises.forms.campaigns import CampaignAddForm, CampaignChangeForm, SettleForm
from premises.models import Observation, SurveyCampaign
from premises.rules.walks import street_key

LIST_NAME, PAGE_NAME = "premises_staff:campaign_list", "premises_staff:campaign"
TRAIL = ("Locaux", "premises_staff:unit_list"), ("Tours de terrain", LIST_NAME)
TOLD = (
    *(Change.NEWLY_VACANT, Change.LET_AGAIN, Change.WAS_NOT_VACANT, Change.WORKS, Change.OPENED),
    *(Change.NEW, Change.GONE, Change.UNKNOWN),
)
"""Changes whose units are named; what did not change is only counted, what was not seen has a table of its own."""


def trail(depth: int) -> list[tuple[str, str]]:
    return [(label, reverse(name)) for label, name in TRAIL[:depth]]


class CampaignListView(StaffPage, ListView):
    template_name = "premises/campaigns/campaign_list.html"
    paginate_by = 20
    title = "Tours de terrain"

    def get_trail(self):
        return trail(1)

    def get_queryset(self):
        rows = SurveyCampaign.objects.visible_to(self.request.user).select_related("commune", "territory")
        return rows.order_by("-starts_on", "-pk")

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        can_add = self.request.user.territory_ids(*WORK_ROLES) != set()
        return context | {"surveys": rates_of(context["object_list"]), "can_add": can_add}


class CampaignAddView(StaffPage, FormView):
    form_class = CampaignAddForm
    template_name = "premises/campaigns/campaign_form.html"
    title = "Ouvrir un tour de terrain"

    def dispatch(self, request, *args, **kwargs):
        user = request.user
        if user.is_authenticated and user.is_staff and user.territory_ids(*WORK_ROLES) == set():
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_trail(self):
        return trail(2)

    def get_initial(self):
        return {"starts_on": timezone.localdate()}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.request.user}

    def form_valid(self, form):
        try:
            campaign = services.open_campaign(by=self.request.user, at=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.form_invalid(form)
        messages.success(self.request, "Le tour est ouvert\u202f: il s’affiche sur les téléphones de l’équipe.")
        return redirect(PAGE_NAME, pk=campaign.pk)

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs):
        return super().get_context_data(submit="Ouvrir le tour", cancel=reverse(LIST_NAME), **kwargs)


class CampaignPage(StaffPage):
    """A page about one survey of the user's territories."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.campaign = self.load()
            self.can_work = can_work(request.user, self.campaign.territory_id)

    def load(self) -> SurveyCampaign:
        rows = SurveyCampaign.objects.visible_to(self.request.user).select_related("commune", "territory", "opened_by")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def get_title(self):
        return self.campaign.title

    def get_trail(self):
        return trail(2)

    def get_context_data(self, **kwargs):
        return super().get_context_data(**{"campaign": self.campaign, "can_work": self.can_work} | kwargs)


class CampaignWork(CampaignPage):
    """Only who does the daily work of the territory; readers get a 403."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated and not self.can_work:
            raise PermissionDenied


class CampaignView(CampaignPage, TemplateView):
    template_name = "premises/campaigns/campaign.html"

    def get_context_data(self, **kwargs):
        [rates], comparison = rates_of([self.campaign]), compare(self.campaign)
        known = {street_key(line.name) for line in rates.streets}
        return super().get_context_data(
            rates=rates,
            comparison=comparison,
            changed=[(change.label, rows) for change in self.told(comparison) if (rows := comparison.of(change))],
            unseen=comparison.of(Change.UNSEEN),
            conflicts=documents.conflicts_of(self.campaign),
            unknown_streets=[name for name in self.campaign.streets if street_key(name) not in known],
            **kwargs,
        )

    @staticmethod
    def told(comparison) -> tuple[Change, ...]:
        """What is new is said only where something came before."""
        return TOLD if comparison.previous else ()


class CampaignExportView(CampaignPage, View):
    def get(self, request, kind: str, **kwargs):
        name, rows = f"tour-{self.campaign.starts_on:%Y-%m-%d}", documents.table(compare(self.campaign))
        if kind == "csv":
            return csv_response(f"{name}.csv", documents.HEADER, rows)
        return xlsx_response(f"{name}.xlsx", documents.HEADER, rows, "Tour de terrain")


class CampaignChangeView(EditPage, CampaignWork, FormView):
    form_class = CampaignChangeForm
    template_name = "premises/campaigns/campaign_form.html"
    title = "Corriger ce tour"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.row = getattr(self, "campaign", None)

    def get_title(self):
        return self.title

    def get_trail(self):
        return [*trail(2), (str(self.campaign), self.address())]

    def address(self) -> str:
        return reverse(PAGE_NAME, args=[self.campaign.pk])

    def get_initial(self):
        return {name: getattr(self.row, name) for name in ("title", "starts_on", "streets", "is_exhaustive")}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"edited": self.row}

    def form_valid(self, form):
        try:
            services.change_campaign(campaign=self.row, by=self.request.user, at=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.form_invalid(form)
        messages.success(self.request, "C’est corrigé.")
        return redirect(self.address())

    def form_invalid(self, form):
        status = 409 if getattr(form, "meanwhile", None) else 422
        return self.render_to_response(self.get_context_data(form=form), status=status)

    def get_context_data(self, **kwargs):
        return super().get_context_data(submit="Enregistrer", cancel=self.address(), **kwargs)


class CampaignStep(CampaignWork, View):
    """One click on a survey; what is refused is said on its page."""

    http_method_names = ["post"]
    done = ""

    def work(self) -> None:
        raise NotImplementedError

    def told(self) -> dict:
        return {"by": self.request.user, "at": timezone.now()}

    def post(self, request, **kwargs):
        try:
            self.work()
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, self.done)
        return redirect(PAGE_NAME, pk=self.campaign.pk)


class CampaignCloseView(CampaignStep):
    done = "Le tour est terminé\u202f: les téléphones n’envoient plus rien."

    def work(self):
        services.close_campaign(campaign=self.campaign, **self.told())


class CampaignReopenView(CampaignStep):
    done = "Le tour est rouvert\u202f: les téléphones enverront ce qu’ils ont gardé."

    def work(self):
        services.reopen_campaign(campaign=self.campaign, **self.told())


class ObservationSettleView(CampaignStep):
    done = "C’est réglé."

    def load(self) -> SurveyCampaign:
        rows = Observation.objects.visible_to(self.request.user).select_related("unit", "campaign")
        self.observation = get_object_or_404(rows, pk=self.kwargs["pk"])
        return self.observation.campaign

    def work(self):
        form = SettleForm(self.request.POST)
        if not form.is_valid():
            raise ValidationError("Choisissez le registre ou ce qui a été vu.", code="no_choice")
        services.settle_observation(observation=self.observation, **form.cleaned_data, **self.told())
