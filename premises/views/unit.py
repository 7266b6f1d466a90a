"""The page of a unit: what is known of it, its past, and what staff do with it."""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView

from coopconnexion.accounts.permissions import can_see_contacts, can_work
from coopconnexion.backoffice import StaffPage
from premises.documents import unit_facts
from premises.documents.timeline import KINDS, timeline_of
from premises.forms.unit_actions import UnitNoteForm
from premises.models import Unit

LIST_NAME, PAGE_NAME = "premises_staff:unit_list", "premises_staff:unit"
ENTRIES = 50


class UnitPage(StaffPage):
    """A page about one unit of the user's territories."""

    related = ("territory", "commune")

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.at = timezone.now()
        self.today = timezone.localdate(self.at)
        if request.user.is_authenticated:
            self.unit = self.load()
            self.can_work = can_work(request.user, self.unit.territory_id)

    def load(self) -> Unit:
        rows = Unit.objects.visible_to(self.request.user).select_related(*self.related)
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def get_trail(self):
        return [("Locaux", reverse(LIST_NAME))]

    def address(self) -> str:
        return reverse(PAGE_NAME, args=[self.unit.pk])

    def get_context_data(self, **kwargs):
        sees_contacts = can_see_contacts(self.request.user, self.unit.territory_id)
        page = {"unit": self.unit, "can_work": self.can_work, "sees_contacts": sees_contacts}
        return super().get_context_data(**(page | kwargs))


class UnitWork(UnitPage):
    """Only who does the daily work of the territory; readers get a 403."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated and not self.can_work:
            raise PermissionDenied

    def get_trail(self):
        return [*super().get_trail(), (str(self.unit), self.address())]


class UnitView(UnitPage, TemplateView):
    template_name = "premises/units/unit.html"
    related = ("territory", "commune", "activity", "naf", "parent")

    def get_title(self):
        return ", ".join(filter(None, (str(self.unit), self.unit.place, str(self.unit.commune))))

    def get_context_data(self, **kwargs):
        unit, kind = self.unit, self.kind()
        found = timeline_of(unit, self.request.user)
        shown = [entry for entry in found if kind in ("", entry.kind)]
        present = {entry.kind for entry in found}
        return super().get_context_data(
            vacancy=unit_facts.vacancy_of(unit, self.today),
            groups=self.groups(),
            photos=list(unit.photos.order_by("position", "pk")),
            documents=list(unit.documents.select_related("added_by").order_by("-added_at", "-pk")),
            parts=list(unit.parts.order_by("door", "pk")),
            note_form=UnitNoteForm(auto_id="note_%s"),
            kind=kind,
            kinds=[(name, label) for name, label in KINDS.items() if name in present],
            entries=Paginator(shown, ENTRIES).get_page(self.request.GET.get("page")),
            **kwargs,
        )

    def kind(self) -> str:
        """The kind of entries that the address asks for; every kind when it names none."""
        asked = self.request.GET.get("voir", "")
        return asked if asked in KINDS else ""

    def groups(self) -> list[tuple[str, list]]:
        unit = self.unit
        groups = [
            ("Occupation", unit_facts.use_facts(unit, self.today)),
            ("Le local", unit_facts.building_facts(unit)),
            ("Où", unit_facts.place_facts(unit)),
            ("Loyer", unit_facts.rent_facts(unit)),
        ]
        if can_see_contacts(self.request.user, unit.territory_id):
            groups.append(("Propriétaire (gardé pour l’équipe)", unit_facts.owner_facts(unit)))
        return groups
