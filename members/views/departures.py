"""Leaving, coming back, handing over; what a departure ends is shown before it is done."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import FormView

from coopconnexion.accounts.enums import WORK_ROLES
from coopconnexion.accounts.models import User
from coopconnexion.backoffice import EditPage, StaffPage
from coopconnexion.french import count_words
from coopconnexion.refusals import add_refusal
from members import services
from members.forms.departures import CorrectDepartureForm, DepartureForm, HandoverForm, ReturnForm
from members.models import Departure, Member
from members.views.work import MemberWork, PreviewedWork


class MemberDepartView(PreviewedWork):
    form_class = DepartureForm
    template_name = "members/departures/member_depart.html"
    title = "Noter une sortie"
    done = "La sortie est enregistrée. La question «\u202fQue devenez-vous\u202f?\u202f» sera posée dans six mois."

    def preview(self, form):
        effects = services.departure_effects(member=self.member, left_on=form.cleaned_data["left_on"])
        return {"effects": effects, **form.cleaned_data}

    def work(self, form):
        services.record_departure(member=self.member, by=self.request.user, at=self.at, **form.cleaned_data)


class DepartureCorrectView(EditPage, MemberWork):
    form_class = CorrectDepartureForm
    template_name = "members/departures/departure_correct.html"
    title = "Corriger la sortie"
    done = "La sortie est corrigée."

    def load(self, user) -> None:
        departures = Departure.objects.visible_to(user).select_related("member__person", "member__territory", "reason")
        self.row = get_object_or_404(departures, pk=self.kwargs["pk"])
        self.member = self.row.member

    def get_initial(self):
        return {name: getattr(self.row, name) for name in ("left_on", "reason", "note")}

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "edited": self.row}

    def work(self, form):
        if "remove" in self.request.POST:
            self.done = "La sortie est supprimée\u202f: relisez les contrats et les entreprises qui reprennent."
            return services.remove_departure(departure=self.row)
        return services.correct_departure(departure=self.row, at=self.at, **form.cleaned_data)


class MemberReturnView(MemberWork):
    form_class = ReturnForm
    template_name = "members/departures/member_return.html"
    title = "Noter un retour"
    done = "Le retour est enregistré\u202f: signez maintenant le nouveau contrat."

    def get_initial(self):
        return {"returned_on": self.today, "stays_associate": True}

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "member": self.member}

    def get_context_data(self, **kwargs):
        return super().get_context_data(departure=self.member.departures.open().first(), **kwargs)

    def work(self, form):
        services.record_return(member=self.member, at=self.at, **form.cleaned_data)


class MemberHandOverView(StaffPage, FormView):
    """The members of one advisor, or of nobody, to give to somebody else at once."""

    form_class = HandoverForm
    template_name = "members/departures/member_hand_over.html"
    title = "Passer des membres à quelqu’un d’autre"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.today = timezone.localdate()
        self.worked_in = request.user.territory_ids(*WORK_ROLES) if request.user.is_authenticated else set()
        if request.user.is_authenticated and request.user.is_staff and self.worked_in == set():
            raise PermissionDenied

    def get_trail(self):
        return [("Membres", reverse("members_staff:member_list"))]

    def members(self):
        """Present members of the territories where the user works; ``?de=`` keeps those of one advisor."""
        rows = Member.objects.present().select_related("person", "territory", "advisor")
        if self.worked_in is not None:
            rows = rows.filter(territory__in=self.worked_in)
        advisor = self.request.GET.get("de", "")
        is_key = advisor.isascii() and advisor.isdigit() and len(advisor) < 19
        rows = rows.filter(advisor=advisor if is_key else None)
        return rows.order_by("person__name_key", "pk")

    def advisors(self):
        there = User.objects.advisors_of(None, self.today)
        if self.worked_in is not None:
            there = there.filter(Q(mandates__territory=None) | Q(mandates__territory__in=self.worked_in)).distinct()
        return there.order_by("name", "email", "pk")

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "members": self.members(), "advisors": self.advisors()}

    def get_context_data(self, **kwargs):
        followed = User.objects.filter(followed_members__in=Member.objects.visible_to(self.request.user).present())
        return super().get_context_data(
            members=list(self.members()),
            advisors=followed.distinct().order_by("name", "email", "pk"),
            chosen=self.request.GET.get("de", ""),
            **kwargs,
        )

    def form_valid(self, form):
        try:
            moved = services.hand_over_members(today=self.today, **form.cleaned_data)
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.form_invalid(form)
        messages.success(self.request, f"{count_words(len(moved), 'membre')} désormais avec {form.cleaned_data['to']}.")
        return redirect("members_staff:member_hand_over")

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)
