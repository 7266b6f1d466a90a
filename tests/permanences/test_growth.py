"""The busiest query keeps its plan, however many bookings there were."""

import pytest
from django.db import connection
from django.utils import timezone

from permanences.models import Slot
from tests.bench import data
from tests.factories import BookingFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("slots", "bookings"), [(16, 16), (320, 3_000), (1_600, 20_000)])
@pytest.mark.parametrize("booked", [False, True], ids=["free", "fully booked"])
def test_the_free_slots_of_a_day_are_found_by_indexes(slots, bookings, booked):
    day = data.make_day(slots=16)
    if booked:
        for slot in day.slots.all():
            BookingFactory(slot=slot)
    data.grow(slots=slots, bookings=bookings)
    plan = Slot.objects.filter(permanence=day).free(timezone.now()).in_order().explain(analyze=True)
    if bookings > 1_000:
        assert "Seq Scan on permanences_booking" not in plan
    assert "hashed SubPlan" not in plan
    assert len(Slot.objects.free_times(day, timezone.now())) == (0 if booked else 16)


def test_the_growth_leaves_a_database_that_holds_its_constraints():
    data.grow(slots=16, bookings=40)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM permanences_booking WHERE cancelled_at IS NULL")
        assert cursor.fetchone() == (16,)
