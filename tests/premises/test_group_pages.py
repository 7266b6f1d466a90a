"""Groups of towns: composed, corrected, removed; a town misspelt or ambiguous is named."""

import pytest
from django.urls import reverse

from coopconnexion.territories.models import Commune
from premises.models import CountSet, ReferenceGroup
from tests.conftest import count_queries, page
from tests.factories import CommuneFactory, UserFactory

LIST, ADD = reverse("gaps_staff:group_list"), reverse("gaps_staff:group_add")
pytestmark = pytest.mark.django_db


@pytest.fixture
def advisor(client):
    user = UserFactory(advisor=True)
    client.force_login(user)
    return user


@pytest.fixture
def towns():
    return [
        CommuneFactory(insee_code=f"6200{n}", name=name, postal_codes=[f"6210{n}"], population=1000 * n)
        for n, name in enumerate(("Avion", "Barlin", "Calonne"), start=1)
    ]


def typed(*names) -> dict:
    return {"name": "Les trois", "communes": "\n".join(names)}


def test_a_group_is_composed_corrected_then_removed(client, advisor, towns):
    assert client.post(ADD, typed("Avion", "Barlin (62102)", "Calonne")).url == LIST
    group = ReferenceGroup.objects.get()
    assert (group.made_by, set(group.communes.all())) == (advisor, set(towns))
    assert "3\u00a0communes" in page(client, LIST)

    change = reverse("gaps_staff:group_change", args=[group.pk])
    form = client.get(change).context["form"]
    assert "Barlin (62102)" in form["communes"].value() or "Barlin (62102)" in str(form["communes"])
    more = CommuneFactory(insee_code="62009", name="Divion", postal_codes=["62460"])
    state = {field.name: field.value() for field in form.hidden_fields()}
    client.post(change, state | typed("Avion", "Barlin", "Calonne", "Divion"))
    assert more in group.communes.all()

    client.post(reverse("gaps_staff:group_remove", args=[group.pk]))
    assert not ReferenceGroup.objects.exists()


def test_what_is_no_town_is_named_and_what_was_typed_kept(client, advisor, towns):
    response = client.post(ADD, typed("Avion", "Nulle-Part", "Calonne"))
    content = response.content.decode()
    assert response.status_code == 422
    assert "Nulle-Part\u202f»" in content
    assert "Avion" in content
    assert not ReferenceGroup.objects.exists()


def test_too_few_towns_and_a_name_taken_are_refused(client, advisor, towns):
    assert client.post(ADD, typed("Avion", "Barlin")).status_code == 422
    client.post(ADD, typed("Avion", "Barlin", "Calonne"))
    assert client.post(ADD, typed("Avion", "Barlin", "Calonne")).status_code == 422
    assert ReferenceGroup.objects.count() == 1


def test_who_saves_second_reads_what_the_first_saved(client, advisor, towns):
    client.post(ADD, typed("Avion", "Barlin", "Calonne"))
    change = reverse("gaps_staff:group_change", args=[ReferenceGroup.objects.get().pk])
    state = {field.name: field.value() for field in client.get(change).context["form"].hidden_fields()}
    client.post(change, state | typed("Avion", "Barlin", "Calonne") | {"name": "La première"})
    second = client.post(change, state | typed("Avion", "Barlin", "Calonne") | {"name": "La seconde"})
    assert second.status_code == 409
    assert "La première" in second.content.decode()
    assert ReferenceGroup.objects.get().name == "La première"


def test_a_group_begins_with_the_towns_of_the_address(client, advisor, towns):
    content = page(client, f"{ADD}?communes=62001&communes=62002")
    assert ("Avion (62101)" in content, "Barlin (62102)" in content) == (True, True)


def test_a_reader_reads_and_composes_nothing(client, towns):
    client.force_login(UserFactory(reader=True))
    assert "Composer un groupe" not in page(client, LIST)
    assert client.post(ADD, typed("Avion", "Barlin", "Calonne")).status_code == 403


def test_the_list_takes_the_same_queries_however_many(client, advisor, towns):
    client.post(ADD, typed("Avion", "Barlin", "Calonne"))
    few = count_queries(client, LIST)
    for name in ("Deux", "Trois"):
        client.post(ADD, typed("Avion", "Barlin", "Calonne") | {"name": name})
    assert count_queries(client, LIST) == few


def test_the_towns_that_a_comparison_proposes_may_be_kept_as_a_group(client, advisor, towns):
    for number, town in enumerate(towns):
        Commune.objects.filter(pk=town.pk).update(population=1000 + number, population_year=2023)
    town = CommuneFactory(insee_code="62009", name="Divion", population=1000, population_year=2023)
    told = {"filename": "b.csv", "sha256": "0" * 64, "codes": ["B203"]}
    count_set = CountSet.objects.create(kind="bpe", vintage=2020, label="BPE", **told)
    for each in (town, *towns):
        count_set.communes.create(commune=each)

    compared = page(client, f"{reverse('gaps_staff:comparison')}?commune=Divion")

    query = "communes=62001&amp;communes=62002&amp;communes=62003"
    assert f"{ADD}?{query}" in compared
    assert "Avion (62101)" in page(client, f"{ADD}?{query.replace('&amp;', '&')}")
    client.force_login(UserFactory(reader=True))
    assert "Retoucher ce groupe" not in page(client, f"{reverse('gaps_staff:comparison')}?commune=Divion")
