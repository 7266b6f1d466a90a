"""Units and venues that cities lend to the coop: the list, and what staff note of a unit that is lent."""

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.generic import ListView

from coopconnexion.backoffice import StaffPage
from premises import services
from premises.forms.provisions import ProvisionChangeForm, ProvisionEndForm, ProvisionForm
from premises.models import Provision, Unit
from premises.views.unit_actions import UnitEdit, UnitForm
from premises.views.units import LIST_NAME, TRAIL

FIELDS = ("partnership", "starts_on", "ends_on")


class ProvisionListView(StaffPage, ListView):
    template_name = "premises/provisions/provision_list.html"
    context_object_name = "provisions"
    paginate_by = 50
    title = "Mises à disposition"

    def get_trail(self):
        return [(TRAIL, reverse(LIST_NAME))]

    def get_queryset(self):
        rows = Provision.objects.visible_to(self.request.user)
        return rows.select_related("unit__commune", "venue__commune", "partnership").order_by("-starts_on", "-pk")

    def get_context_data(self, **kwargs):
        ids = self.request.user.as_worker().staff_territory_ids()
        page = super().get_context_data(today=timezone.localdate(), **kwargs)
        lines = [(each, ids is None or each.partnership.territory_id in ids) for each in page["provisions"]]
        return page | {"lines": lines}


class ProvisionAddView(UnitForm):
    title = "Noter une mise à disposition par la ville"
    form_class = ProvisionForm
    done = "La mise à disposition est notée."

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"unit": self.unit}

    def get_initial(self):
        return {"starts_on": self.today}

    def work(self, form):
        services.lend_unit(unit=self.unit, **form.cleaned_data, **self.told())


class OfProvision(UnitEdit):
    """A form about one provision of a unit; one of another territory does not exist."""

    def load(self) -> Unit:
        rows = Provision.objects.visible_to(self.request.user).filter(venue=None)
        rows = rows.filter(unit__in=Unit.objects.visible_to(self.request.user))
        self.provision = get_object_or_404(
            rows.select_related("unit__territory", "unit__commune"), pk=self.kwargs["pk"]
        )
        return self.provision.unit

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.row = getattr(self, "provision", None)

    @transaction.atomic
    def post(self, request, *args, **kwargs):
        Unit.objects.select_for_update(of=("self",)).get(pk=self.unit.pk)  # before its provisions, as the service does
        return super().post(request, *args, **kwargs)


class ProvisionChangeView(OfProvision):
    title = "Corriger ou prolonger la mise à disposition"
    form_class = ProvisionChangeForm
    done = "La mise à disposition est corrigée."

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"unit": self.unit}

    def get_initial(self):
        return {name: getattr(self.row, name) for name in FIELDS}

    def work(self, form):
        services.change_provision(provision=self.row, **form.cleaned_data, **self.told())


class ProvisionEndView(OfProvision):
    title = "Terminer la mise à disposition"
    form_class = ProvisionEndForm
    submit = "Terminer"
    done = "La fin de la mise à disposition est notée."

    def get_initial(self):
        return {"ends_on": self.row.ends_on}

    def work(self, form):
        services.end_provision(provision=self.row, **form.cleaned_data)
