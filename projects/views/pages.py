"""What the pages of one project share."""

from contextlib import suppress
from hashlib import sha256
from uuid import uuid4

from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from redis.exceptions import RedisError

from coopconnexion.accounts.permissions import can_see_contacts, can_work
from coopconnexion.backoffice import EditPage, StaffPage
from coopconnexion.refusals import add_refusal
from projects.models import Project

BOARD_NAME, LIST_NAME, PAGE_NAME = "projects_staff:board", "projects_staff:project_list", "projects_staff:project"
TRAIL = "Projets"
RESENT_WITHIN = 60 * 60  # seconds
CSRF = "csrfmiddlewaretoken"


def project_url(project: Project) -> str:
    return reverse(PAGE_NAME, args=[project.pk])


class BackTo:
    """Where a page of the board sends back to: the filters one came from, never another site."""

    def back_url(self, default: str) -> str:
        wanted = self.request.POST.get("retour") or self.request.GET.get("retour") or ""
        here = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
        return wanted if here and wanted.startswith("/") else default


class ProjectPage(StaffPage):
    """A page about one project of the user's territories."""

    related = ("holder", "territory", "advisor")

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.at = timezone.now()
        self.project = self.load()
        self.can_work = can_work(request.user, self.project.territory_id)

    def load(self) -> Project:
        visible = Project.objects.visible_to(self.request.user).select_related(*self.related)
        return get_object_or_404(visible, pk=self.kwargs["pk"])

    def get_trail(self):
        return [(TRAIL, reverse(BOARD_NAME))]

    def get_context_data(self, **kwargs):
        sees_contacts = can_see_contacts(self.request.user, self.project.territory_id)
        page = {"project": self.project, "can_work": self.can_work, "sees_contacts": sees_contacts}
        return super().get_context_data(**(page | kwargs))


class ProjectWorkPage(ProjectPage):
    """Only who does the daily work of the territory; readers get a 403."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        if not self.can_work:
            raise PermissionDenied

    def get_trail(self):
        return [*super().get_trail(), (str(self.project), project_url(self.project))]

    def get_success_url(self):
        return project_url(self.project)


class FormPage:
    """Mixin of form views that call one service in ``work``: refusals come back with what was typed."""

    template_name = "projects/form.html"
    submit = "Enregistrer"

    def form_valid(self, form):
        try:
            self.work(form)
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.refused(form)
        return redirect(self.get_success_url())

    def work(self, form) -> None:
        raise NotImplementedError

    def refused(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=409)

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs):
        return super().get_context_data(**({"submit": self.submit} | kwargs))


def is_first(key: str) -> bool:
    """Tell whether ``key`` was not met within the hour; a cache that does not answer holds nobody back."""
    try:
        return cache.add(key, 1, RESENT_WITHIN)
    except RedisError:
        return True


def forget(key: str) -> None:
    with suppress(RedisError):
        cache.delete(key)


class OncePage(FormPage):
    """A form sent twice acts once: the second time finds it spent, and goes where the first went.

    Who goes back and types something else sends another form.
    """

    def form_valid(self, form):
        if not self.request.POST.get("form_token"):
            return super().form_valid(form)
        key = self.sent_key()
        if not is_first(key):
            messages.info(self.request, "C’était déjà enregistré.")
            return redirect(self.get_success_url())
        status = 0
        try:
            response = super().form_valid(form)
            status = response.status_code
        finally:
            if status != 302:  # refused, or an error of ours: it may be sent again
                forget(key)
        return response

    def sent_key(self) -> str:
        sent = [(name, self.request.POST.getlist(name)) for name in sorted(self.request.POST) if name != CSRF]
        sent += [(name, file.name, file.size) for name, file in sorted(self.request.FILES.items())]
        return f"projects:form:{self.request.user.pk}:{self.request.path}:{sha256(repr(sent).encode()).hexdigest()}"

    def get_context_data(self, **kwargs):
        token = self.request.POST.get("form_token") or uuid4().hex
        return super().get_context_data(**({"form_token": token} | kwargs))


class CorrectionPage(EditPage, FormPage):
    """A form that shows what is stored in ``row``, and is told of what somebody else saved meanwhile."""

    def form_invalid(self, form):
        return self.refused(form) if form.meanwhile else super().form_invalid(form)
