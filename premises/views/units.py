"""The register of units: the list, its filters, what is taken away of it, what is done to many at once."""

from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.generic import ListView, View

from coopconnexion.accounts.enums import WORK_ROLES
from coopconnexion.accounts.permissions import can_see_contacts, can_work
from coopconnexion.accounts.services import ask_export
from coopconnexion.backoffice import BulkPage, StaffPage
from coopconnexion.backoffice.bulk import MOST_ROWS
from coopconnexion.backoffice.exports import is_long, later
from coopconnexion.backoffice.tables import InAddress, addresses, laid_out
from coopconnexion.french import count_words
from coopconnexion.sheets import csv_response, xlsx_response
from premises import services
from premises.documents import register
from premises.enums import Availability, FollowUpDetail, FollowUpStatus
from premises.forms.unit_actions import FollowFields
from premises.models import Unit
from premises.unit_filters import UnitFilter

LIST_NAME, PAGE_NAME = "premises_staff:unit_list", "premises_staff:unit"
TRAIL = "Locaux"
COLUMNS = (
    ("adresse", "Adresse"),
    ("commune", "Commune"),
    ("occupation", "Occupation"),
    ("vacante", "Vide depuis"),
    ("surface", "Surface"),
    ("loyer", "Loyer"),
    ("", "Suivi"),
    ("releve", "Dernier relevé"),
)
ACTIONS = (
    ("premises_staff:units_follow", "Suivre"),
    ("premises_staff:units_publish", "Publier"),
    ("premises_staff:units_withdraw", "Retirer du public"),
    ("premises_staff:units_group", "Ranger dans un groupe"),
    ("premises_staff:units_ungroup", "Sortir d’un groupe"),
)
ELSEWHERE = "Vous ne travaillez pas sur ce territoire."


def works_somewhere(user) -> bool:
    return user.territory_ids(*WORK_ROLES) != set()


class FilteredPage(InAddress, StaffPage):
    """A page of the units that the filters of its address let through."""

    columns = COLUMNS
    newest_on_top = frozenset({"surface", "releve"})
    folded = (
        *("disponibilite", "commune", "voie", "secteur", "surface_min", "surface_max", "loyer_max", "publiee"),
        *("photos", "existe", "a_revoir", "groupe"),
    )

    @cached_property
    def filters(self) -> UnitFilter:
        return UnitFilter(self.request.GET, user=self.request.user)


class UnitListView(FilteredPage, ListView):
    template_name = "premises/units/unit_list.html"
    context_object_name = "units"
    paginate_by = 50
    title = TRAIL
    keeps_filters = True

    def get_queryset(self):
        return register.in_a_row(self.filters.rows)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(
            form=self.filters.form,
            is_narrow=self.is_narrow,
            query=self.query(),
            headings=self.headings(),
            can_add=works_somewhere(self.request.user),
            **kwargs,
        )
        actions = ACTIONS if context["can_add"] else ()
        rows = laid_out(
            "premises/units.html",
            lines=register.lines(context["units"], self.filters.today),
            address=addresses(PAGE_NAME),
            with_boxes=bool(actions),
        )
        return context | {"rows": rows, "total": context["paginator"].count, "actions": actions, "limit": MOST_ROWS}


class UnitExportView(FilteredPage, View):
    """What the list shows, all pages of it, as a file; owners only where the user works. A worker writes a long one."""

    def get(self, request, kind: str) -> HttpResponseBase:
        if not self.filters.form.is_valid():
            return redirect(f"{reverse(LIST_NAME)}?{self.query()}")
        name = f"locaux-{self.filters.today:%Y-%m-%d}.{kind}"
        if is_long(request, number := self.filters.rows.count()):
            return later(request, ask_export, title="Locaux", filename=name, rows=number)
        header = register.header(with_owners=can_see_contacts(request.user))
        rows = register.table(self.filters.rows, user=request.user)
        if kind == "csv":
            return csv_response(name, header, rows)
        return xlsx_response(name, header, rows, "Locaux")


# --- many at once ----------------------------------------------------------------------------------------------------


class UnitsPage(BulkPage):
    """Units chosen in the list, by its filters."""

    back = LIST_NAME

    def may_act(self, user):
        return works_somewhere(user)

    def get_trail(self):
        return [(TRAIL, reverse(LIST_NAME))]

    def get_rows(self):
        return UnitFilter(self.request.GET, user=self.request.user).rows.select_related("commune", "territory")

    def refusal(self, row: Unit, values):
        if not can_work(self.request.user, row.territory_id):
            return ELSEWHERE
        return "Cette cellule n’existe plus." if row.closed_on else ""

    def act(self) -> dict:
        return {"by": self.request.user, "at": timezone.now()}


class UnitsPublishView(UnitsPage):
    title = "Publier des locaux"
    verb = "Publier"

    def refusal(self, row, values):
        if refused := super().refusal(row, values):
            return refused
        if row.availability != Availability.YES:
            return "Elle n’est pas à louer\u202f: indiquez d’abord sa disponibilité."
        return ""

    def outcome(self, row, values):
        return "déjà publiée" if row.published_at else "visible du public"

    def apply(self, rows, values):
        services.publish_units(units=rows, **self.act())

    def done(self, number):
        return f"{count_words(number, 'local publié', 'locaux publiés')}."


class UnitsWithdrawView(UnitsPage):
    title = "Retirer des locaux du public"
    verb = "Retirer du public"

    def refusal(self, row, values):
        return "" if can_work(self.request.user, row.territory_id) else ELSEWHERE

    def outcome(self, row, values):
        return "n’est plus visible du public" if row.published_at else "n’était pas publiée"

    def apply(self, rows, values):
        services.withdraw_units(units=rows, **self.act())

    def done(self, number):
        return f"{count_words(number, 'local retiré', 'locaux retirés')} du public."


class UnitsFollowView(UnitsPage):
    """The same step of follow-up for several units: a letter sent to all owners of a street."""

    title = "Suivre des locaux"
    form_class = FollowFields
    verb = "Noter ce suivi"

    def refusal(self, row, values):
        if refused := super().refusal(row, values):
            return refused
        why = services.why_untrue(row, values.get("detail", "")) if values else None
        return why.messages[0] if why else ""

    def outcome(self, row, values):
        before = row.get_followup_detail_display() or row.get_followup_display()
        if not values:
            return before
        after = FollowUpDetail(values["detail"]).label if values["detail"] else FollowUpStatus(values["status"]).label
        return f"{before} → {after}"

    def apply(self, rows, values):
        services.follow_units(units=rows, **values, **self.act())

    def done(self, number):
        return f"Suivi noté pour {count_words(number, 'local', 'locaux')}."
