"""Where a member belongs; welcoming somebody who comes without a project."""

from functools import cached_property

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import FormView

from coopconnexion.accounts.enums import WORK_ROLES
from coopconnexion.accounts.models import Person, User
from coopconnexion.backoffice import EditPage, StaffPage
from coopconnexion.refusals import add_refusal
from coopconnexion.territories.models import Territory
from members import services
from members.forms.members import MemberAddForm, MemberForm
from members.models import Member
from members.search import people_answering
from members.views.work import MemberWork


def territories_worked(user: User):
    ids = user.territory_ids(*WORK_ROLES)
    rows = Territory.objects.order_by("name", "pk")
    return rows if ids is None else rows.filter(pk__in=ids)


def advisors(today, former: int | None = None):
    """Return who does the daily work somewhere, and who has charge already."""
    rows = User.objects.advisors_of(None, today) | User.objects.filter(pk=former)
    return rows.order_by("name", "email", "pk")


class MemberChangeView(EditPage, MemberWork):
    form_class = MemberForm
    template_name = "members/member_edit.html"
    title = "Modifier la fiche"
    done = "La fiche est enregistrée."

    def load(self, user) -> None:
        super().load(user)
        self.row = self.member

    def get_initial(self):
        return {name: getattr(self.row, name) for name in ("territory", "advisor", "source", "referrer")}

    def get_form_kwargs(self):
        rows = {
            "edited": self.row,
            "territories": territories_worked(self.request.user),
            "advisors": advisors(self.today, self.row.advisor_id),
            "referrer_id": self.row.referrer_id,
        }
        return super().get_form_kwargs() | rows

    def work(self, form):
        services.edit_member(member=self.row, today=self.today, **form.cleaned_data)


class MemberAddView(StaffPage, FormView):
    title = "Accueillir un membre"
    form_class = MemberAddForm
    template_name = "members/member_add.html"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.at = timezone.now()
        if request.user.is_staff and request.user.territory_ids(*WORK_ROLES) == set():
            raise PermissionDenied

    def get_trail(self):
        return [("Membres", reverse("members_staff:member_list"))]

    @cached_property
    def people(self):
        return Person.objects.visible_to(self.request.user)

    @cached_property
    def person(self) -> Person | None:
        """Whom the address or the form chose among those known."""
        pk = self.request.POST.get("personne") or self.request.GET.get("personne")
        if not pk:
            return None
        if not (pk.isdecimal() and pk.isascii() and len(pk) < 19):
            raise Http404
        return get_object_or_404(self.people, pk=pk)

    def get(self, request, *args, **kwargs):
        member = self.person and Member.objects.visible_to(request.user).filter(person=self.person).first()
        if member:
            messages.info(request, f"{self.person} est déjà membre\u202f: voici sa fiche.")
            return redirect("members_staff:member", member.pk)
        return super().get(request, *args, **kwargs)

    def get_initial(self):
        only = territories_worked(self.request.user)[:2]
        return {"advisor": self.request.user.pk, "territory": only[0].pk if len(only) == 1 else None}

    def get_form_kwargs(self):
        known = {"people": self.people, "person": self.person}
        rows = {"territories": territories_worked(self.request.user), "advisors": advisors(timezone.localdate(self.at))}
        return super().get_form_kwargs() | known | rows

    def form_valid(self, form):
        try:
            member = services.welcome_member(person=form.who, contact=form.contact, at=self.at, **form.belonging)
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.form_invalid(form)
        messages.success(self.request, f"{member} est membre\u202f: {member.reference}.")
        return redirect("members_staff:member", member.pk)

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs):
        query = self.request.GET.get("q", "").strip()
        found = people_answering(self.request.user, query) if query else []
        return super().get_context_data(**({"person": self.person, "query": query, "found": found} | kwargs))
