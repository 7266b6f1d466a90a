"""Units put together: from the list, by its filters, with a preview; seen, renamed and removed on their page."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from premises import services
from premises.models import UnitGroup
from tests.conftest import count_queries, page
from tests.factories import TerritoryFactory, UnitFactory, UserFactory

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def territory():
    return TerritoryFactory(name="Béthune")


@pytest.fixture
def advisor(client, territory):
    user = UserFactory(advisor=True, territory=territory)
    client.force_login(user)
    return user


@pytest.fixture
def units(territory):
    return UnitFactory.create_batch(3, territory=territory)


@pytest.fixture
def group(territory, advisor):
    return services.make_unit_group(territory=territory, name="Rue d’Arras", by=advisor, at=AT)


def address(name, *args):
    return reverse(f"premises_staff:{name}", args=args)


def chosen(units, **told):
    return {"row": [unit.pk for unit in units]} | told


def test_a_group_is_made_from_the_list_and_filters_it(client, advisor, units):
    assert "Ranger" in client.post(address("units_group"), chosen(units[:2])).content.decode()
    assert not UnitGroup.objects.exists()
    client.post(address("units_group"), chosen(units[:2], name="Vitrines à refaire", confirm="1"))
    group = UnitGroup.objects.get()
    assert (group.name, group.made_by) == ("Vitrines à refaire", advisor)
    shown = client.get(f"{address('unit_list')}?groupe={group.pk}").context["units"]
    assert sorted(unit.pk for unit in shown) == sorted(unit.pk for unit in units[:2])
    exported = client.get(f"{address('units_csv')}?groupe={group.pk}")
    assert len(b"".join(exported.streaming_content).decode().strip().splitlines()) == 3


def test_units_join_and_leave_a_known_group(client, advisor, units, group):
    told = {"group": group.pk, "confirm": "1"}
    for _ in range(2):
        client.post(address("units_group"), chosen(units, **told))
    assert group.units.count() == 3
    client.post(address("units_ungroup"), chosen(units[:1], **told))
    assert group.units.count() == 2
    history = UnitGroup.units.through.link_history.objects.filter(unitgroup=group.pk)
    assert history.count() == 4


@pytest.mark.parametrize("told", [{}, {"name": "  "}, {"group": "0"}, {"group": "x"}])
def test_nothing_is_put_nowhere(client, advisor, units, told):
    response = client.post(address("units_group"), chosen(units, confirm="1", **told))
    assert response.context["form"].errors
    assert not UnitGroup.objects.exists()


def test_a_name_taken_is_refused_whatever_its_accents(client, advisor, units, group, territory):
    with pytest.raises(ValidationError) as refusal:
        services.make_unit_group(territory=territory, name="RUE D'ARRAS", by=advisor, at=AT)
    assert refusal.value.code == "name_taken"
    response = client.post(address("units_group"), chosen(units, name="rue d’arras", confirm="1"))
    assert "porte déjà ce nom" in response.content.decode()
    assert services.make_unit_group(territory=TerritoryFactory(), name="Rue d’Arras", by=advisor, at=AT).pk


def test_a_group_holds_the_units_of_its_territory_alone(client, units, group):
    elsewhere = UnitFactory()
    manager = UserFactory(manager=True)
    with pytest.raises(ValidationError) as refusal:
        services.put_in_group(group=group, units=[elsewhere], by=manager, at=AT)
    assert refusal.value.code == "unit_elsewhere"
    client.force_login(manager)
    response = client.post(address("units_group"), chosen([*units, elsewhere], group=group.pk, confirm="1"))
    assert "d’un autre territoire" in response.content.decode()
    assert not group.units.exists()


def test_the_group_of_elsewhere_is_neither_offered_nor_shown(client, advisor, units):
    hidden = UnitGroup.objects.create(territory=TerritoryFactory(), name="Secret")
    assert "Secret" not in page(client, address("unit_list"))
    assert "Secret" not in page(client, address("unit_group_list"))
    response = client.post(address("units_group"), chosen(units, group=hidden.pk, confirm="1"))
    assert "group" in response.context["form"].errors
    assert not hidden.units.exists()
    assert client.get(address("unit_group_rename", hidden.pk)).status_code == 404


def test_groups_are_listed_renamed_and_removed_without_their_units(client, advisor, units, group):
    services.put_in_group(group=group, units=units, by=advisor, at=AT)
    other = services.make_unit_group(territory=group.territory, name="Autre", by=advisor, at=AT)
    assert "3\u00a0locaux" in page(client, address("unit_group_list"))
    assert client.post(address("unit_group_rename", group.pk), {"name": "autre"}).status_code == 422
    assert client.post(address("unit_group_rename", group.pk), {"name": "Rue de Lille"}).status_code == 302
    assert "Rue de Lille" in page(client, address("unit_group_list"))
    client.post(address("unit_group_remove", group.pk))
    assert list(UnitGroup.objects.all()) == [other]
    assert page(client, address("unit", units[0].pk))


def test_a_reader_looks_and_changes_nothing(client, group, territory):
    client.force_login(UserFactory(reader=True, territory=territory))
    assert "Renommer" not in page(client, address("unit_group_list"))
    assert client.post(address("unit_group_remove", group.pk)).status_code == 403


def test_an_empty_list_says_how_to_begin(client, advisor):
    assert "Aucun groupe" in page(client, address("unit_group_list"))


def test_the_list_takes_the_same_queries_for_one_group_and_for_four(client, advisor, group):
    one = count_queries(client, address("unit_group_list"))
    for number in range(3):
        services.make_unit_group(territory=group.territory, name=f"Autre {number}", by=advisor, at=AT)
    assert count_queries(client, address("unit_group_list")) == one
