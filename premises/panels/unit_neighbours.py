"""On the page of a unit: the nearest units of its street, as the register knows them."""

from django.db.models import F, Value
from django.db.models.functions import Abs, Coalesce

from coopconnexion import panels
from coopconnexion.db import NameKey
from coopconnexion.panels import Panel
from premises.models import Unit

NEAREST = 8


@panels.register("unit", panels.staff, position=90)
def neighbours_of_unit(request, unit: Unit) -> Panel | None:
    """Those of the nearest numbers, in the order of the street: one query."""
    street = Unit.objects.visible_to(request.user).standing().filter(commune=unit.commune_id).exclude(pk=unit.pk)
    rows = street.alias(street_key=NameKey("street")).filter(street_key=NameKey(Value(unit.street)))
    far = Abs(Coalesce(F("number"), Value(0)) - Value(unit.number or 0))
    nearest = sorted(rows.order_by(far, "number", "pk")[:NEAREST], key=lambda each: (each.number or 0, each.pk))
    return Panel("premises/units/panels/neighbours.html", {"units": nearest}) if nearest else None
