"""Who moves in, how long they stay, what comes to an end; and the projects that want a unit, as the team notes them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView, View

from coopconnexion.accounts.permissions import can_work
from coopconnexion.backoffice import StaffPage
from coopconnexion.sheets import csv_response
from premises import services
from premises.documents.due import AHEAD, dues
from premises.due_filters import DueFilter
from premises.enums import InterestOrigin
from premises.forms.occupancies import (
    InterestForm,
    OccupancyAddForm,
    OccupancyChangeForm,
    OccupancyEndForm,
    OccupancyRemoveForm,
)
from premises.models import Occupancy, Unit, UnitInterest
from premises.services.occupancies import TOLD
from premises.views.unit_actions import UnitEdit, UnitForm
from premises.views.units import LIST_NAME, TRAIL

HEADER = ["Dernier jour", "Commune", "Local", "Quoi", "À faire"]


class OccupancyAddView(UnitForm):
    title = "Noter qui s’installe"
    form_class = OccupancyAddForm
    submit = "Enregistrer l’occupation"
    done = "L’occupation est enregistrée."

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"unit": self.unit, "user": self.request.user}

    def get_initial(self):
        return {"starts_on": self.today}

    def work(self, form):
        services.move_in(unit=self.unit, **form.cleaned_data, **self.told())


class OfOccupancy(UnitEdit):
    """A form about one occupancy of a unit that the user may see."""

    def load(self) -> Unit:
        rows = Occupancy.objects.visible_to(self.request.user).select_related("unit__territory", "unit__commune")
        self.occupancy = get_object_or_404(rows.select_related("member__person", "project"), pk=self.kwargs["pk"])
        return self.occupancy.unit

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.row = getattr(self, "occupancy", None)

    @transaction.atomic
    def post(self, request, *args, **kwargs):
        Unit.objects.select_for_update(of=("self",)).get(pk=self.unit.pk)  # before its occupancies, as alerts do
        return super().post(request, *args, **kwargs)

    def get_title(self):
        return f"{self.title}\u202f: {self.occupancy.shown_name(self.request.user)}"


class OccupancyChangeView(OfOccupancy):
    title = "Corriger ou prolonger l’occupation"
    form_class = OccupancyChangeForm
    done = "L’occupation est corrigée."

    def get_initial(self):
        return {name: getattr(self.row, name) for name in TOLD}

    def work(self, form):
        services.correct_occupancy(occupancy=self.row, **form.cleaned_data, **self.told())


class OccupancyEndView(OfOccupancy):
    title = "Terminer l’occupation"
    form_class = OccupancyEndForm
    submit = "Terminer l’occupation"
    done = "La fin de l’occupation est notée."

    def get_initial(self):
        return {"ends_on": self.row.ends_on, "is_empty": True}

    def work(self, form):
        services.end_occupancy(occupancy=self.row, **form.cleaned_data, **self.told())


class OccupancyRemoveView(OfOccupancy):
    """For one that never was; one that is over is ended, and stays."""

    title = "Supprimer l’occupation notée par erreur"
    form_class = OccupancyRemoveForm
    submit = "Supprimer cette occupation"
    done = "L’occupation est supprimée\u202f; l’historique garde sa trace."

    def work(self, form):
        services.remove_occupancy(occupancy=self.row, **form.cleaned_data, **self.told())


class InterestAddView(UnitForm):
    title = "Noter qu’un projet s’y intéresse"
    form_class = InterestForm
    submit = "Noter cet intérêt"
    done = "L’intérêt est noté."

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"unit": self.unit, "user": self.request.user}

    def work(self, form):
        services.say_interest(unit=self.unit, origin=InterestOrigin.STAFF, **form.cleaned_data, **self.told())


class InterestWithdrawView(StaffPage, View):
    """An interest that is over; it stays in the history."""

    def post(self, request, pk: int) -> HttpResponseBase:
        rows = UnitInterest.objects.visible_to(request.user).select_related("unit", "project")
        interest = get_object_or_404(rows, pk=pk)
        if not can_work(request.user, interest.unit.territory_id):
            raise PermissionDenied
        services.withdraw_interest(interest=interest, at=timezone.now())
        messages.success(request, f"{interest.project} ne s’y intéresse plus.")
        return redirect("premises_staff:unit", pk=interest.unit_id)


class DueListView(StaffPage, TemplateView):
    """What comes to an end, and what is to be decided before; ``?format=csv`` takes it away."""

    template_name = "premises/occupancies/due_list.html"
    title = "Échéances des locaux"

    def get_trail(self):
        return [(TRAIL, reverse(LIST_NAME))]

    def get(self, request, *args, **kwargs):
        self.today = timezone.localdate()
        self.filters = DueFilter(request.GET, user=request.user)
        self.dues = dues(request.user, self.today, self.filters.territory_id)
        if request.GET.get("format") == "csv":
            lines = ([due.last_day, *place(due.unit), due.what, due.to_do] for due in self.dues)
            return csv_response(f"echeances-locaux-{self.today:%Y-%m-%d}.csv", HEADER, lines)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            dues=self.dues,
            today=self.today,
            ahead=AHEAD,
            form=self.filters.form,
            territory_id=self.filters.territory_id,
            **kwargs,
        )


def place(unit: Unit | None) -> tuple[str, str]:
    return (str(unit.commune), str(unit)) if unit else ("", "")
