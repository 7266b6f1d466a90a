"""Rows that may be one human twice: the list, « ce sont deux personnes », and the merge, field by field."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import FormView, TemplateView, View

from coopconnexion.accounts import personal_data, services
from coopconnexion.accounts.doubles import possible_doubles
from coopconnexion.accounts.enums import WORK_ROLES
from coopconnexion.accounts.forms import MergeForm
from coopconnexion.accounts.models import Person
from coopconnexion.accounts.search import is_too_short, ranked, reach
from coopconnexion.accounts.views.people import PersonPage
from coopconnexion.backoffice import StaffPage

PAIRS_PER_PAGE = 20
FOUND = 12


class DoubleListView(StaffPage, TemplateView):
    """The pairs that look like one human, newest first."""

    template_name = "accounts/double_list.html"
    title = "Doublons possibles"

    def get_trail(self):
        return [("Personnes", reverse("admin:accounts_person_changelist"))]

    def get_context_data(self, **kwargs):
        user = self.request.user
        page = Paginator(possible_doubles(user), PAIRS_PER_PAGE).get_page(self.request.GET.get("page"))
        shown = {person.pk for pair in page for person in (pair.first, pair.second)}
        return super().get_context_data(
            page=page,
            worked=set(Person.objects.worked_by(user).filter(pk__in=shown).values_list("pk", flat=True)),
            is_worker=user.territory_ids(*WORK_ROLES) != set(),
            **kwargs,
        )


class PairPage(PersonPage):
    """A page about the persons ``pk`` and ``other``, for who works for both."""

    def dispatch(self, request, *args, **kwargs):
        if kwargs["pk"] == kwargs["other"]:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def setup_pair(self) -> None:
        self.other = self.find(self.kwargs["other"])
        if not self.works_for(self.person, self.other):
            raise PermissionDenied


class PersonApartView(PairPage, View):
    """« Ce sont deux personnes »."""

    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        self.setup_pair()
        services.tell_apart(one=self.person, other=self.other, by=request.user, at=timezone.now())
        messages.success(request, f"C’est noté : {self.person} et {self.other} sont deux personnes.")
        return redirect("accounts_staff:double_list")


class PersonMergeView(PairPage, FormView):
    """Two rows side by side: which value is right, and all that moves."""

    form_class = MergeForm
    template_name = "accounts/person_merge.html"
    title = "Réunir deux fiches"

    def get(self, request, *args, **kwargs):
        self.setup_pair()
        return super().get(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        self.setup_pair()
        return super().post(request, *args, **kwargs)

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "kept": self.person, "gone": self.other}

    def form_valid(self, form):
        gone = str(self.other)
        try:
            services.merge_people(
                kept=self.person, gone=self.other, chosen=form.chosen(), by=self.request.user, at=timezone.now()
            )
        except ValidationError as refusal:
            if refusal.code == "already_merged":  # meanwhile, by a colleague
                return redirect(self.request.path)
            self.person.refresh_from_db()
            form.add_error(None, refusal)
            return self.render_to_response(self.get_context_data(form=form), status=409)
        messages.success(self.request, f"C’est fait : tout ce que portait la fiche de {gone} est ici.")
        return redirect("accounts_staff:person", self.person.pk)

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs):
        held = [personal_data.held_counts(person) for person in (self.person, self.other)]
        names = sorted(held[0].keys() | held[1].keys())
        return super().get_context_data(
            person=self.person,
            other=self.other,
            held=[(name, held[0].get(name, 0), held[1].get(name, 0)) for name in names],
            **kwargs,
        )


class PersonMergeChoiceView(PersonPage, TemplateView):
    """Find the other row of a person, where nothing tells that they are one."""

    template_name = "accounts/person_merge_choice.html"

    def get_title(self):
        return f"Réunir la fiche de {self.person} à une autre"

    def get(self, request, *args, **kwargs):
        if not self.works_for(self.person):
            raise PermissionDenied
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        user, query = self.request.user, self.request.GET.get("q", "").strip()
        others = Person.objects.worked_by(user).exclude(pk=self.person.pk).select_related("commune")
        found = [] if is_too_short(query) else ranked(others, query, names={"name_key": 1.0}, **reach(user))[:FOUND]
        return super().get_context_data(person=self.person, query=query, found=list(found), **kwargs)
