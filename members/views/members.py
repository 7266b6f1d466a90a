"""The members as staff see them: the list, its exports, and the page of one."""

from functools import cached_property

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import ListView, TemplateView, View

from coopconnexion import sheets
from coopconnexion.accounts.enums import WORK_ROLES
from coopconnexion.accounts.models import User
from coopconnexion.accounts.permissions import can_see_contacts, can_work
from coopconnexion.accounts.services import ask_export
from coopconnexion.backoffice import StaffPage
from coopconnexion.backoffice.exports import is_long, later
from coopconnexion.backoffice.tables import InAddress, addresses, laid_out
from members.careers import career_of, overdue
from members.enums import Situation
from members.filters import MemberFilter
from members.models import Business, Member, OutcomeInquiry
from members.table import header, in_a_row, situation_label, table

LIST_NAME, PAGE_NAME = "members_staff:member_list", "members_staff:member"
COLUMNS = (
    ("nom", "Membre"),
    ("situation", "Situation"),
    ("", "Contrat en cours"),
    ("", "Entreprises"),
    ("territoire", "Territoire"),
    ("referent", "Référent·e"),
    ("associe", "Associé·e le"),
)
FOLDED = ("contrat", "theme", "presence", "pieces")
"""Filters that are unfolded once they are used."""


def works_somewhere(user) -> bool:
    return user.territory_ids(*WORK_ROLES) != set()


class FilteredPage(InAddress, StaffPage):
    """A page of the members that the filters of its address let through."""

    columns, folded = COLUMNS, FOLDED

    @cached_property
    def filters(self) -> MemberFilter:
        return MemberFilter(self.request.GET, user=self.request.user)


class MemberListView(FilteredPage, ListView):
    """Members of the user's territories with their situation today, by any column."""

    template_name = "members/member_list.html"
    context_object_name = "members"
    paginate_by = 50
    title = "Membres"
    keeps_filters = True

    def get_queryset(self):
        return in_a_row(self.filters.rows, self.filters.today)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(
            form=self.filters.form,
            is_narrow=self.is_narrow,
            query=self.query(),
            headings=self.headings(),
            may_work=works_somewhere(self.request.user),
            **kwargs,
        )
        late = overdue(
            [each for each in context["members"] if each.situation == Situation.EMPLOYED], self.filters.today
        )
        for member in context["members"]:
            member.situation_label, member.is_overdue = situation_label(member), member.pk in late
        rows = laid_out("members/list.html", members=context["members"], address=addresses(PAGE_NAME))
        return context | {"rows": rows, "total": context["paginator"].count}


class ExportView(FilteredPage, View):
    """What the list shows, all pages of it, as a file; a worker writes a long one."""

    extension = ""

    def get(self, request, *args, **kwargs) -> HttpResponseBase:
        if not self.filters.form.is_valid():
            return redirect(f"{reverse(LIST_NAME)}?{self.query()}")
        if is_long(request, number := self.filters.rows.count()):
            return later(request, ask_export, title="Membres", filename=self.filename, rows=number)
        columns = header(with_contacts=can_see_contacts(request.user))
        return self.answer(columns, table(self.filters.rows, self.filters.today, user=request.user))

    @property
    def filename(self) -> str:
        return f"membres-{self.filters.today:%Y-%m-%d}.{self.extension}"

    def answer(self, header, rows) -> HttpResponseBase:
        raise NotImplementedError


class MembersCsvView(ExportView):
    extension = "csv"

    def answer(self, header, rows):
        return sheets.csv_response(self.filename, header, rows)


class MembersXlsxView(ExportView):
    extension = "xlsx"

    def answer(self, header, rows):
        return sheets.xlsx_response(self.filename, header, rows, "Membres")


class MemberView(StaffPage, TemplateView):
    """One member: what is known, situation, clock, contracts, businesses, and what the apps above add."""

    template_name = "members/member.html"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        members = Member.objects.visible_to(request.user)
        related = members.select_related("person__commune", "territory", "advisor", "referrer")
        self.member = get_object_or_404(related, pk=kwargs["pk"])

    def get_title(self):
        return str(self.member)

    def get_trail(self):
        return [("Membres", reverse(LIST_NAME))]

    def get_context_data(self, **kwargs):
        career = career_of(self.member, timezone.localdate())
        return super().get_context_data(
            member=self.member,
            career=career,
            contracts=list(reversed(career.contracts)),
            departure=next((each for each in career.departures if each.returned_on is None), None),
            can_work=can_work(self.request.user, self.member.territory_id),
            sees_contacts=can_see_contacts(self.request.user, self.member.territory_id),
            businesses=businesses_of(self.member, self.request.user),
            inquiries=inquiries_of(self.member),
            **kwargs,
        )


def businesses_of(member: Member, user: User) -> list[Business]:
    """Return the businesses with the others who carry them, their themes and their card: four queries.

    ``elsewhere`` counts those whom ``user`` may not see: they are not named.
    """
    rows = member.businesses.with_card(timezone.localdate()).prefetch_related("members__person", "themes")
    businesses = list(rows.order_by("name", "pk"))
    seen = set(Member.objects.visible_to(user).filter(businesses__in=businesses).values_list("pk", flat=True))
    for business in businesses:
        others = [each for each in business.members.all() if each.pk != member.pk]
        business.others = [each for each in others if each.pk in seen]
        business.elsewhere = len(others) - len(business.others)
    return businesses


def inquiries_of(member: Member) -> list[OutcomeInquiry]:
    """Return the news asked after each departure, as they fall due: one query."""
    return list(OutcomeInquiry.objects.filter(departure__member=member).order_by("due_on", "pk"))
