"""The pages that stand above every app: home, « mon espace », help and legal pages, the components."""

from datetime import datetime, time
from types import SimpleNamespace

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from coopconnexion import charts
from coopconnexion.site.forms import ComponentsForm
from events.models import Event
from permanences.models import Booking, Permanence, Slot, WaitingListEntry


@method_decorator(login_not_required, name="dispatch")
class PageView(TemplateView):
    """A page of text for everybody."""


class HomeView(PageView):
    """What the coop does, the next chances to meet it, and what the apps add: four queries."""

    template_name = "site/home.html"

    def get_context_data(self, **kwargs):
        at = timezone.now()
        coming = Permanence.objects.held().from_day(timezone.localdate(at)).select_related("venue__commune").in_order()
        permanences = list(coming[:3])
        free = Slot.objects.count_bookable(permanences, at)
        for permanence in permanences:
            permanence.free_count = free.get(permanence.pk, 0)
            permanence.is_open = permanence.is_open_for_booking(at)
        events = Event.objects.upcoming(at).listed().select_related("venue__commune").order_by("starts_at", "pk")[:3]
        return super().get_context_data(permanences=permanences, events=events, **kwargs)


@method_decorator(never_cache, name="dispatch")
class MySpaceView(TemplateView):
    """Appointments and waiting lists of the people whose address the user has verified."""

    template_name = "site/my_space.html"

    def get_context_data(self, **kwargs):
        user, at = self.request.user, timezone.now()
        bookings = (
            Booking.objects.of_addresses_of(user)
            .select_related("slot", "person", "project", "permanence__venue__commune")
            .order_by("-slot__starts_at", "pk")
        )
        coming = [each for each in bookings if each.is_standing and each.slot.starts_at > at]
        return super().get_context_data(
            coming=coming[::-1],
            past=[each for each in bookings if each not in coming][:20],
            waiting=WaitingListEntry.objects.waiting()
            .filter(person__email__in=user.verified_addresses(), permanence__held_on__gte=timezone.localdate(at))
            .select_related("permanence__venue", "person")
            .order_by("permanence__held_on", "pk"),
            **kwargs,
        )


def after_login(request: HttpRequest) -> HttpResponse:
    """Staff start in the back office, everybody else in their own space."""
    return redirect("admin:index" if request.user.is_staff else "site:my_space")


DAY_STATES = (
    {"free_count": 4},
    {"shift_reason": "1er janvier"},
    {"cancelled_at": True},
    {"booking_paused_message": "Travaux"},
    {"is_open": False},
)


def sample_permanence(at: datetime, **state) -> SimpleNamespace:
    """A day as the card of a permanence expects it, in the state named."""
    place = SimpleNamespace(name="La Fabrique", commune=SimpleNamespace(name="Béthune"))
    usual = {"cancelled_at": None, "shift_reason": "", "booking_paused_message": "", "is_open": True, "free_count": 0}
    hours = {"opens_at": time(9), "closes_at": time(12, 30)}
    return SimpleNamespace(pk=1, held_on=timezone.localdate(at), venue=place, **hours, **(usual | state))


class ComponentsView(TemplateView):
    """Every component with its states, for who writes pages: staff, and anybody signed in during development."""

    template_name = "site/components.html"

    def dispatch(self, request, *args, **kwargs):
        if not (request.user.is_staff or settings.DEBUG):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        at = timezone.now()
        return super().get_context_data(
            levels=["info", "success", "warning", "error"],
            tones=["neutral", "success", "warning", "danger", "info"],
            facts=[("Quand", "jeudi 7 janvier à 9 h 45"), ("Où", "La Fabrique, Béthune")],
            times=[SimpleNamespace(pk=n, starts_at=at + timezone.timedelta(hours=n), free_count=n) for n in (1, 2, 3)],
            permanences=[sample_permanence(at, **state) for state in DAY_STATES],
            form=ComponentsForm(),
            wrong_form=ComponentsForm({"email": "camille@"}, auto_id="wrong_%s"),
            page=Paginator(range(50), 10).get_page(2),
            charts=sample_charts(),
            **kwargs,
        )


def sample_charts() -> list[charts.Chart]:
    """One of each kind, with what is negative, unknown or empty."""
    months = ["janv.", "févr.", "mars", "avr.", "mai", "juin"]
    sold = charts.Series("Chiffre d’affaires", [1200, 950, None, 2100, 1800, 2650])
    result = charts.Series("Résultat", [300, -150, None, 820, 410, 900])
    return [
        charts.bars("Barres", months, [sold, result], "€"),
        charts.stacked("Barres empilées", months, [sold, result], "€"),
        charts.lines("Courbes", months, [sold, result], "€"),
        charts.progress(
            "Temps écoulé", [("En convention", 12), ("Salarié·e", 9)], total=36, unit="mois", mark=("aujourd’hui", 21)
        ),
        charts.bars("Rien encore", [], []),
    ]


@login_not_required
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", "Disallow: /gestion/", "Disallow: /compte/", "Disallow: /mon-espace/"]
    lines += ["Disallow: /locaux/*/interesse/", "Disallow: /locaux/*/resume/"]
    lines += ["Disallow: /permanences/rdv/", "Disallow: /permanences/attente/", "Disallow: /projets/reprendre/"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
