"""« Échéances »: the legal dates ahead and those that have passed, filtered and exported."""

from django.core.paginator import Paginator
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView

from coopconnexion.backoffice import StaffPage
from coopconnexion.sheets import csv_response, xlsx_response
from members.careers import Deadline, deadlines
from members.forms.deadlines import DeadlineFilterForm
from members.models import Member

HEADER = ["Échéance", "Nature", "Membre", "Référence", "Contrat", "Territoire", "Référent·e", "Jours restants"]
PER_PAGE = 50


class DeadlineListView(StaffPage, TemplateView):
    """What is filtered is in the address; ``?format=csv`` exports exactly that."""

    template_name = "members/deadlines/deadline_list.html"
    title = "Échéances"

    def get_trail(self):
        return [("Membres", reverse("members_staff:member_list"))]

    def found(self, form: DeadlineFilterForm) -> list[Deadline]:
        if form.is_bound and not form.is_valid():
            return []
        chosen = form.cleaned_data if form.is_bound else {}
        members = Member.objects.visible_to(self.request.user)
        for name in ("advisor", "territory"):
            if chosen.get(name):
                members = members.filter(**{name: chosen[name]})
        rows = deadlines(members, timezone.localdate(), within_months=chosen.get("months"))
        if chosen.get("kind"):
            rows = [row for row in rows if row.kind == chosen["kind"]]
        return [row for row in rows if row.is_late] if chosen.get("late") else rows

    def get(self, request, *args, **kwargs):
        self.form = DeadlineFilterForm(request.GET or None, user=request.user)
        self.rows = self.found(self.form)
        wanted = request.GET.get("format")
        lines = ([*_cells(row)] for row in self.rows)
        if wanted == "csv":
            return csv_response("echeances.csv", HEADER, lines)
        if wanted == "xlsx":
            return xlsx_response("echeances.xlsx", HEADER, lines, "Échéances")
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        page = Paginator(self.rows, PER_PAGE).get_page(self.request.GET.get("page"))
        query = self.request.GET.copy()
        for name in ("page", "format"):
            query.pop(name, None)
        late = sum(row.is_late for row in self.rows)
        return super().get_context_data(form=self.form, page=page, query=query.urlencode(), late=late, **kwargs)


def _cells(row: Deadline):
    member = row.member
    yield from (row.on, row.label, str(member), member.reference, str(row.contract.kind))
    yield from (str(member.territory), str(member.advisor or ""), row.days)
