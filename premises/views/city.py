"""What officials read of the units of their territory: where, in what state, since when; never who owns them."""

from django.db.models import Value
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import ListView, TemplateView, View

from coopconnexion.accounts.enums import Role
from coopconnexion.db import NameKey
from premises.documents.unit_facts import city_facts, vacancy_of
from premises.forms.city import CityUnitsForm
from premises.models import Unit, UnitPhoto
from premises.views.unit_files import small_picture


class CityPage:
    """Mixin of the pages of officials; anybody else gets a 404."""

    @method_decorator(never_cache)
    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and Role.OFFICIAL not in request.user.roles:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    @property
    def rows(self):
        return Unit.objects.shown_to_city(self.request.user)


class CityUnitListView(CityPage, ListView):
    template_name = "premises/units/city/list.html"
    context_object_name = "units"
    paginate_by = 50

    def get_queryset(self):
        self.today = timezone.localdate()
        self.form = CityUnitsForm(self.request.GET)
        asked = self.form.cleaned_data if self.form.is_valid() else {}
        rows = self.rows.standing().select_related("commune")
        if asked.get("friche"):
            rows = rows.derelict(self.today)
        if asked.get("etat"):
            rows = rows.filter(state=asked["etat"])
        if asked.get("voie"):
            rows = rows.alias(street_key=NameKey("street")).filter(street_key__contains=NameKey(Value(asked["voie"])))
        return rows.order_by("commune__name", "street", "number", "repetition", "pk")

    def get_context_data(self, **kwargs):
        context = super().get_context_data(form=self.form, query=self.query(), **kwargs)
        lines = [(unit, vacancy_of(unit, self.today)) for unit in context["units"]]
        return context | {"lines": lines, "total": context["paginator"].count}

    def query(self) -> str:
        """The filters of the address, the page set aside."""
        query = self.request.GET.copy()
        query.pop("page", None)
        return query.urlencode()


class CityUnitView(CityPage, TemplateView):
    template_name = "premises/units/city/unit.html"

    def get_context_data(self, **kwargs):
        today = timezone.localdate()
        unit = get_object_or_404(self.rows.select_related("commune", "activity", "naf"), pk=self.kwargs["pk"])
        return super().get_context_data(
            unit=unit,
            vacancy=vacancy_of(unit, today),
            groups=city_facts(unit, today),
            photos=list(unit.photos.filter(is_public=True).order_by("position", "pk")),
            **kwargs,
        )


class CityPhotoView(CityPage, View):
    """A picture that the team lets others see."""

    def get(self, request, pk: int):
        return small_picture(get_object_or_404(UnitPhoto, is_public=True, unit__in=self.rows, pk=pk))
