"""A survey walked with a phone: plain pages and forms, that scripts only make quicker and fit for no network."""

from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from django.views.generic import ListView, TemplateView, View

from coopconnexion.accounts.enums import WORK_ROLES
from coopconnexion.accounts.permissions import can_work
from coopconnexion.backoffice import StaffPage
from coopconnexion.refusals import add_refusal
from coopconnexion.uploads import serve
from premises import services
from premises.documents.walks import walk_of
from premises.enums import CampaignOrigin, Finding
from premises.forms.field import FoundForm, LookForm
from premises.models import Observation, SurveyCampaign, Unit


class CampaignListView(StaffPage, ListView):
    """The surveys under way of the territories where one works."""

    template_name = "premises/field/campaign_list.html"
    context_object_name = "campaigns"
    title = "Tours de terrain"

    def get_queryset(self):
        walks = SurveyCampaign.objects.visible_to(self.request.user).ongoing().filter(origin=CampaignOrigin.WALK)
        ids = self.request.user.territory_ids(*WORK_ROLES)
        mine = walks if ids is None else walks.filter(territory__in=ids)
        return mine.select_related("commune").order_by("-starts_on", "-pk")


class FieldPage(StaffPage):
    """A page of one survey, for who works on its territory; readers get a 403."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            rows = SurveyCampaign.objects.visible_to(request.user).select_related("commune", "territory")
            self.campaign = get_object_or_404(rows, pk=kwargs["pk"])

    def dispatch(self, request, *args, **kwargs):
        user = request.user
        if user.is_authenticated and user.is_staff and not can_work(user, self.campaign.territory_id):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_title(self):
        return self.campaign.title

    def get_context_data(self, **kwargs):
        return super().get_context_data(campaign=self.campaign, **kwargs)


class WalkView(FieldPage, TemplateView):
    template_name = "premises/field/walk.html"

    def get_context_data(self, **kwargs):
        streets = walk_of(self.campaign)
        told = {"total": sum(len(street.stops) for street in streets), "seen": sum(street.seen for street in streets)}
        return super().get_context_data(streets=streets, **told, **kwargs)


class StreetPage(FieldPage):
    """One street of the walk; what is refused is said at its door, with what was typed."""

    template_name = "premises/field/street.html"

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and self.campaign.closed_at:
            return redirect("premises_field:walk", pk=self.campaign.pk)
        return super().dispatch(request, *args, **kwargs)

    def load(self):
        self.streets = walk_of(self.campaign)
        self.street = next((each for each in self.streets if each.key == self.kwargs["street"]), None)
        if self.street is None:
            raise Http404

    def get_title(self):
        return self.street.name

    def get_context_data(self, **kwargs):
        place = self.streets.index(self.street)
        around = {"before": self.streets[place - 1] if place else None, "next": self.next_street(place)}
        found = kwargs.pop("found_form", None) or FoundForm(initial={"client_id": uuid4()}, auto_id="nouvelle-%s")
        return super().get_context_data(
            street=self.street, findings=Finding.choices, found_form=found, **around, **kwargs
        )

    def next_street(self, place: int):
        """Return the next street with somebody left to see, else the next one."""
        later = self.streets[place + 1 :]
        left = [street for street in later + self.streets[:place] if not street.is_done]
        return next(iter(left or later), None)

    def refuse(self, form, **context):
        self.load()
        return self.render_to_response(self.get_context_data(refused=form, **context), status=422)

    def go_on(self, unit_pk: int):
        """Lead to the next door of the street, or to the whole walk when the street is done."""
        self.load()
        stop = self.street.after(unit_pk)
        street = reverse("premises_field:street", args=[self.campaign.pk, self.street.key])
        return redirect(f"{street}#cellule-{stop.unit.pk}" if stop else f"{street}#fin")


@method_decorator(gzip_page, name="dispatch")  # a street without much network: 57 doors are 9 kB instead of 170
class StreetView(StreetPage, TemplateView):
    def get(self, request, *args, **kwargs):
        self.load()
        return self.render_to_response(self.get_context_data())


class LookView(StreetPage, TemplateView):
    http_method_names = ["post"]

    def post(self, request, unit: int, **kwargs):
        unit = get_object_or_404(Unit.objects.visible_to(request.user), pk=unit)
        form, at = LookForm(request.POST, request.FILES), timezone.now()
        if not form.is_valid():
            return self.refuse(form, refused_unit=unit.pk)
        try:
            services.record_observation(campaign=self.campaign, unit=unit, by=request.user, at=at, **form.told(at))
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.refuse(form, refused_unit=unit.pk)
        return self.go_on(unit.pk)


class FoundView(StreetPage, TemplateView):
    http_method_names = ["post"]

    def post(self, request, **kwargs):
        self.load()
        form, at = FoundForm(request.POST, request.FILES, auto_id="nouvelle-%s"), timezone.now()
        if not form.is_valid():
            return self.refuse(form, found_form=form)
        told = {"campaign": self.campaign, "street": self.street.name, "by": request.user, "at": at}
        try:
            observation = services.record_found_unit(**told, **form.told(at))
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.refuse(form, found_form=form)
        return self.go_on(observation.unit_id)


class UndoView(StreetPage, View):
    http_method_names = ["post"]

    def post(self, request, street: str, unit: int, **kwargs):
        seen = Observation.objects.filter(campaign=self.campaign, unit=unit, seen_by=request.user)
        if last := seen.order_by("seen_at", "pk").last():
            try:
                services.take_back(campaign=self.campaign, client_id=last.client_id, by=request.user, at=timezone.now())
            except ValidationError as refusal:
                messages.error(request, refusal.messages[0])
        return redirect(f"{reverse('premises_field:street', args=[self.campaign.pk, street])}#cellule-{unit}")


@require_safe
def observation_photo(request, pk: int):
    """Serve the photo of an observation to the staff of its territory."""
    if not request.user.is_staff:
        raise Http404
    rows = Observation.objects.visible_to(request.user).exclude(photo="").select_related("unit")
    observation = get_object_or_404(rows, pk=pk)
    return serve(observation.photo, filename=f"{observation.unit}.webp", content_type="image/webp")
