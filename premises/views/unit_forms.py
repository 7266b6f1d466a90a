"""A unit registered, or what is known of it corrected."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import FormView

from coopconnexion.backoffice import StaffPage
from coopconnexion.refusals import add_refusal
from coopconnexion.territories.models import Commune, Territory
from premises import services
from premises.forms.units import UnitAddForm, UnitChangeForm, told_of
from premises.views.unit_actions import UnitEdit
from premises.views.units import LIST_NAME, PAGE_NAME, TRAIL, works_somewhere


class UnitAddView(StaffPage, FormView):
    """For who works somewhere; readers get a 403."""

    form_class = UnitAddForm
    template_name = "premises/units/unit_form.html"
    title = "Enregistrer un local"

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and request.user.is_staff and not works_somewhere(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_trail(self):
        return [(TRAIL, reverse(LIST_NAME))]

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.request.user}

    def get_initial(self):
        """A street walked a moment ago is that of the next unit; else the first town of the user's first territory."""
        territory = Territory.objects.offered_to(self.request.user).order_by("name", "pk").first()
        commune = Commune.objects.filter(territories=territory).order_by("-population", "pk").first()
        begun = {"state": "unknown", "availability": "unknown", "condition": "unknown", "street": ""}
        return begun | {"territory": territory, "commune": commune, "street": self.request.GET.get("voie", "")[:150]}

    def form_valid(self, form):
        try:
            unit = services.register_unit(by=self.request.user, at=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.form_invalid(form)
        messages.success(self.request, f"{unit}\u202f: enregistrée.")
        return redirect(PAGE_NAME, pk=unit.pk)

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(submit="Enregistrer le local", cancel=reverse(LIST_NAME), **kwargs)
        return context | {"fieldsets": context["form"].fieldsets()}


class UnitChangeView(UnitEdit):
    form_class = UnitChangeForm
    template_name = "premises/units/unit_form.html"
    title = "Corriger la fiche"
    submit = "Enregistrer la fiche"
    done = "La fiche est enregistrée."

    def get_initial(self):
        return told_of(self.row)

    def work(self, form):
        services.change_unit(unit=self.row, **form.cleaned_data, **self.told())

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        return context | {"fieldsets": context["form"].fieldsets()}
