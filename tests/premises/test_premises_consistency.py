"""What does not hold together about units, found and linked to."""

from datetime import date

import pytest
from django.urls import reverse

from premises import consistency
from premises.enums import GapSource
from premises.models import MissingActivity, Occupancy, Provision, Unit
from tests.conftest import page
from tests.factories import CommuneFactory, MemberFactory, PartnershipFactory, UnitFactory

pytestmark = pytest.mark.django_db
CLOSED = {"closed_on": date(2026, 3, 1), "closed_because": "demolished"}


@pytest.fixture(autouse=True)
def today(time_machine):
    time_machine.move_to("2026-06-15 09:00", tick=False)


def occupied(unit, ends_on=None) -> Occupancy:
    told = {"tenure": "commercial_lease", "starts_on": date(2026, 1, 1), "ends_on": ends_on}
    return Occupancy.objects.create(unit=unit, member=MemberFactory(territory=unit.territory), **told)


def test_an_empty_unit_where_somebody_is_noted_is_found():
    wrong, left, held = (UnitFactory(state=state) for state in ("vacant", "vacant", "occupied"))
    occupied(wrong)
    occupied(left, date(2026, 6, 1))
    occupied(held)
    assert list(consistency.empty_and_occupied(Unit.objects.all())) == [wrong]


def test_a_unit_that_is_no_more_yet_shown_is_found():
    shown = {"published_at": "2026-01-01T00:00Z"}
    wrong = UnitFactory(**CLOSED, **shown)
    UnitFactory(**CLOSED)
    UnitFactory(**shown)
    assert list(consistency.closed_and_published(Unit.objects.all())) == [wrong]


def test_who_stays_in_a_unit_that_is_no_more_is_found():
    wrong = occupied(UnitFactory(**CLOSED))
    occupied(UnitFactory(**CLOSED), date(2026, 3, 1))
    occupied(UnitFactory())
    assert list(consistency.occupancies_after_closing(Occupancy.objects.all())) == [wrong]


def test_a_unit_that_is_no_more_yet_lent_is_found():
    told = {"partnership": PartnershipFactory(), "starts_on": date(2026, 1, 1)}
    wrong = Provision.objects.create(unit=UnitFactory(**CLOSED), **told)
    Provision.objects.create(unit=UnitFactory(**CLOSED), ends_on=date(2026, 3, 1), **told)
    Provision.objects.create(unit=UnitFactory(), **told)
    assert list(consistency.provisions_after_closing(Provision.objects.all())) == [wrong]


def test_a_missing_activity_to_be_looked_at_again_is_found():
    unit, commune = UnitFactory(), CommuneFactory()
    told = {"territory": unit.territory, "commune": commune, "source": GapSource.STUDY, "observed_on": date(2025, 1, 1)}
    late = MissingActivity.objects.create(label="Épicerie", evidence="Étude", review_on=date(2026, 6, 15), **told)
    MissingActivity.objects.create(label="Mercerie", evidence="Étude", review_on=date(2026, 6, 16), **told)
    assert list(consistency.gaps_to_review(MissingActivity.objects.all())) == [late]


def test_the_page_of_flaws_links_to_the_unit(client, manager):
    unit = UnitFactory(state="vacant")
    occupied(unit)
    occupied(UnitFactory(**CLOSED))
    content = page(client, reverse("admin:flaws"))
    assert reverse("premises_staff:unit", args=[unit.pk]) in content
    assert "Occupations de locaux disparus" in content
