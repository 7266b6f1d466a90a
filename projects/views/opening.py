"""Staff open a project for somebody they met: known, or new."""

from functools import cached_property

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.generic import FormView

from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.models import Person, User
from coopconnexion.backoffice import StaffPage
from coopconnexion.territories.models import Territory
from projects import services
from projects.forms.editing import ProjectAddForm
from projects.models import Project
from projects.search import people_answering
from projects.views.pages import BOARD_NAME, TRAIL, OncePage, project_url


class ProjectAddView(StaffPage, OncePage, FormView):
    title = "Ouvrir un projet"
    form_class = ProjectAddForm
    template_name = "projects/project_add.html"
    submit = "Ouvrir le projet"
    project: Project | None = None

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.territory_ids = request.user.territory_ids(Role.MANAGER, Role.ADVISOR)
        if self.territory_ids == set() and request.user.is_staff:
            raise PermissionDenied

    def get_trail(self):
        return [(TRAIL, reverse(BOARD_NAME))]

    @cached_property
    def people(self):
        return Person.objects.visible_to(self.request.user)

    @cached_property
    def person(self) -> Person | None:
        pk = self.request.POST.get("personne") or self.request.GET.get("personne")
        if not pk:
            return None
        return get_object_or_404(self.people, pk=pk if pk.isdecimal() and len(pk) < 19 else 0)

    @cached_property
    def territories(self):
        rows = Territory.objects.order_by("name", "pk")
        return rows if self.territory_ids is None else rows.filter(pk__in=self.territory_ids)

    def get_initial(self):
        only = self.territories[:2]
        return {"advisor": self.request.user.pk, "territory": only[0].pk if len(only) == 1 else None}

    def get_form_kwargs(self):
        advisors = User.objects.advisors_of(None, timezone.localdate()).order_by("name", "email", "pk")
        known = {"people": self.people, "person": self.person}
        return super().get_form_kwargs() | known | {"territories": self.territories, "advisors": advisors}

    def work(self, form):
        now = timezone.now()
        self.project = services.receive_project(
            holder=form.holder, contact=form.contact, by=self.request.user, at=now, **form.wishes
        )
        if self.project.created_at < now:
            messages.info(self.request, "Ce projet était déjà ouvert pour cette personne : le voici, inchangé.")
        else:
            messages.success(self.request, f"Le projet {self.project.reference} est ouvert.")

    def get_success_url(self):
        return project_url(self.project) if self.project else reverse(BOARD_NAME)

    def get_context_data(self, **kwargs):
        query = self.request.GET.get("q", "").strip()
        found = people_answering(self.request.user, query) if query else []
        return super().get_context_data(**({"person": self.person, "query": query, "found": found} | kwargs))
