import pytest
from django.db import transaction

from coopconnexion.territories.services import load_reference_data
from tests.factories import CommuneFactory, TerritoryFactory


@pytest.fixture(scope="module")
def reference(django_db_setup, django_db_blocker):
    """Towns, nomenclatures and activities, loaded once for a module of tests and taken back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_reference_data()
        with django_db_blocker.block():
            yield
        transaction.set_rollback(True)


@pytest.fixture
def bethune():
    """Béthune and its commune alone."""
    territory = TerritoryFactory(name="Béthune")
    town = CommuneFactory(latitude=50.529039, longitude=2.642977, postal_codes=["62400"])
    territory.communes.add(town)
    return territory


@pytest.fixture
def paris():
    """Paris and its commune alone."""
    territory = TerritoryFactory(name="Paris")
    codes = [f"750{each:02}" for each in range(1, 21)]
    town = CommuneFactory(insee_code="75056", name="Paris", postal_codes=codes, latitude=48.8566, longitude=2.3522)
    territory.communes.add(town)
    return territory
