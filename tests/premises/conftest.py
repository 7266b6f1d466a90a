import pytest
from django.db import transaction

from coopconnexion.territories.services import load_reference_data


@pytest.fixture(scope="module")
def reference(django_db_setup, django_db_blocker):
    """Towns, nomenclatures and activities, loaded once for a module of tests and taken back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_reference_data()
        with django_db_blocker.block():
            yield
        transaction.set_rollback(True)
