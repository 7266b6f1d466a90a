import pytest
from django.db import IntegrityError
from django.utils import timezone

from permanences.models import Slot
from tests.factories import BookingFactory, SlotFactory

pytestmark = pytest.mark.django_db


def test_a_slot_is_free_until_a_booking_stands():
    a, b, c = SlotFactory(), SlotFactory(), SlotFactory()
    BookingFactory(slot=a)
    BookingFactory(slot=b, cancelled=True)
    assert set(Slot.objects.free(timezone.now())) == {b, c}
    with pytest.raises(IntegrityError, match="permanences_booking_one_per_slot"):
        BookingFactory(slot=a)
