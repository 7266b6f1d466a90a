"""The network: the list of the office, the page of an actor, and the public directory."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.views.generic import ListView, TemplateView, View

from coopconnexion.accounts.enums import WORK_ROLES
from coopconnexion.accounts.permissions import can_see_contacts, can_work
from coopconnexion.backoffice import StaffPage, history_page
from coopconnexion.backoffice.tables import InAddress
from coopconnexion.sheets import csv_response, xlsx_response
from events.documents import network as documents
from events.models import NetworkActor, NetworkLink
from events.network_filters import ActorFilter, DirectoryFilter

LIST_NAME, PAGE_NAME = "network_staff:actor_list", "network_staff:actor"
TRAIL = "Réseau"


def works_anywhere(user) -> bool:
    return user.territory_ids(*WORK_ROLES) != set()


class Filtered(InAddress, StaffPage):
    folded = ("theme", "territoire", "annuaire", "silence", "archives")

    @cached_property
    def filters(self) -> ActorFilter:
        return ActorFilter(self.request.GET, user=self.request.user)


class ActorListView(Filtered, ListView):
    template_name = "network/actor_list.html"
    context_object_name = "actors"
    paginate_by = 50
    title = TRAIL
    keeps_filters = True

    def get_queryset(self):
        return self.filters.rows

    def get_context_data(self, **kwargs):
        context = super().get_context_data(
            form=self.filters.form,
            query=self.query(),
            may_work=works_anywhere(self.request.user),
            **kwargs,
        )
        return context | {"total": context["paginator"].count}


class ActorExportView(Filtered, View):
    """What the list shows; addresses for those who may see them everywhere it reaches."""

    def get(self, request, kind: str):
        name = f"reseau-{timezone.localdate():%Y-%m-%d}"
        rows = documents.table(self.filters.rows, with_addresses=can_see_contacts(request.user))
        if kind == "csv":
            return csv_response(f"{name}.csv", documents.HEADER, rows)
        return xlsx_response(f"{name}.xlsx", documents.HEADER, rows, "Réseau")


class ActorPage(StaffPage):
    """A page about one actor that the user may see."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.at = timezone.now()
        if request.user.is_authenticated:
            rows = documents.with_contacts(NetworkActor.objects.visible_to(request.user))
            self.actor = get_object_or_404(rows, pk=kwargs["pk"])
            self.can_work = self.may_work(request.user)

    def may_work(self, user) -> bool:
        territory = self.actor.territory_id
        return works_anywhere(user) if territory is None else can_work(user, territory)

    def get_title(self):
        return self.title or str(self.actor)

    def get_trail(self):
        trail = [(TRAIL, reverse(LIST_NAME))]
        return [*trail, (str(self.actor), self.address())] if self.title else trail

    def address(self) -> str:
        return reverse(PAGE_NAME, args=[self.actor.pk])

    def get_context_data(self, **kwargs):
        return super().get_context_data(**{"actor": self.actor, "can_work": self.can_work} | kwargs)


class ActorWork(ActorPage):
    """Only who does the daily work there; readers get a 403."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated and not self.can_work:
            raise PermissionDenied

    def told(self) -> dict:
        return {"by": self.request.user, "at": self.at}


class ActorView(ActorPage, TemplateView):
    template_name = "network/actor.html"

    def get_context_data(self, **kwargs):
        user, actor = self.request.user, self.actor
        links = actor.links.select_related("project", "event").order_by("-happened_on", "-pk")
        people = []
        if actor.organisation_id:
            people = actor.organisation.affiliations.select_related("person").order_by("person__name_key", "pk")
        return super().get_context_data(
            people=people,
            themes=actor.themes.order_by("position", "label", "pk"),
            exchanges=actor.exchanges.select_related("noted_by").order_by("-happened_on", "-pk")[:20],
            links=[link for link in links if self.is_seen(link)],
            sees_contacts=can_see_contacts(user, actor.territory_id) if actor.territory_id else can_see_contacts(user),
            versions=history_page(actor, self.request.GET.get("page")),
            **kwargs,
        )

    @cached_property
    def own_territories(self) -> set[int] | None:
        return self.request.user.staff_territory_ids()

    def is_seen(self, link: NetworkLink) -> bool:
        """A link names a project or an event of the user's territories, or is not shown."""
        if self.own_territories is None:
            return True
        return all(each is None or each.territory_id in self.own_territories for each in (link.project, link.event))


@method_decorator(login_not_required, name="dispatch")
class DirectoryView(ListView):
    """The actors of the network who agreed to be listed; four queries."""

    template_name = "network/directory.html"
    context_object_name = "actors"
    paginate_by = 24

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.filters = DirectoryFilter(request.GET, NetworkActor.objects.listed())

    def get_queryset(self):
        return self.filters.rows

    def get_context_data(self, **kwargs):
        query = self.request.GET.copy()
        query.pop("page", None)
        return super().get_context_data(
            form=self.filters.form, is_narrowed=self.filters.is_narrowed, query=query.urlencode(), **kwargs
        )
