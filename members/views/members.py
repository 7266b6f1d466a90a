"""The members as staff see them: the list, and the page of one."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.generic import ListView, TemplateView

from coopconnexion.accounts.enums import WORK_ROLES
from coopconnexion.accounts.permissions import can_work
from coopconnexion.backoffice import StaffPage
from members.careers import career_of, with_situation
from members.enums import Situation
from members.models import Member


class MemberListView(StaffPage, ListView):
    """Members of the user's territories with their situation today, those who left last."""

    template_name = "members/member_list.html"
    context_object_name = "members"
    paginate_by = 50
    title = "Membres"

    def get_queryset(self):
        rows = with_situation(Member.objects.visible_to(self.request.user), timezone.localdate())
        return rows.select_related("person", "territory", "advisor").order_by("person__name_key", "pk")

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        for member in context["members"]:
            member.situation_label = Situation(member.situation).label
        return context | {"works": self.request.user.territory_ids(*WORK_ROLES) != set()}


class MemberView(StaffPage, TemplateView):
    """One member: situation, clock, contracts, and what the apps above add."""

    template_name = "members/member.html"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        members = Member.objects.visible_to(request.user).select_related("person", "territory", "advisor", "referrer")
        self.member = get_object_or_404(members, pk=kwargs["pk"])

    def get_title(self):
        return str(self.member)

    def get_trail(self):
        return [("Membres", reverse("members_staff:member_list"))]

    def get_context_data(self, **kwargs):
        career = career_of(self.member, timezone.localdate())
        return super().get_context_data(
            member=self.member,
            career=career,
            contracts=list(reversed(career.contracts)),
            departure=next((each for each in career.departures if each.returned_on is None), None),
            can_work=can_work(self.request.user, self.member.territory_id),
            businesses=self.member.businesses.order_by("name", "pk"),
            **kwargs,
        )
