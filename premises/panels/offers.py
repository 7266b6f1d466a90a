"""Units on offer on the home page; on the page of one, the activities that its town lacks."""

from django.db.models import Q
from django.utils import timezone

from coopconnexion import panels
from coopconnexion.db import NameKey
from coopconnexion.panels import Panel
from premises.documents.offers import metres
from premises.models import MissingActivity, Unit

ON_HOME = 3
IDEAS = 6


@panels.register("home", panels.anyone, position=50)
def newest_offers(request, subject) -> Panel | None:
    """The units offered last: one query."""
    rows = Unit.objects.on_offer().select_related("commune").order_by("-published_at", "-pk")
    fields = ("number", "repetition", "street", "commune__name", "floor_area_m2")
    offers = [(unit, metres(unit.floor_area_m2, "m²")) for unit in rows.only(*fields)[:ON_HOME]]
    return Panel("premises/offers/panels/home.html", {"offers": offers}) if offers else None


@panels.register("offer", panels.anyone, position=10)
def ideas_for_unit(request, unit: Unit) -> Panel | None:
    """What the town of ``unit`` lacks, confirmed and published, in its sector or anywhere: one query."""
    gaps = MissingActivity.objects.published(timezone.localdate()).filter(commune=unit.commune_id)
    sector = Unit.objects.filter(pk=unit.pk).values(key=NameKey("sector"))
    fitting = gaps.alias(key=NameKey("sector")).filter(Q(sector="") | Q(key__in=sector))
    ideas = list(fitting.order_by("label", "pk")[:IDEAS])
    return Panel("premises/offers/panels/ideas.html", {"ideas": ideas, "town": unit.commune}) if ideas else None
