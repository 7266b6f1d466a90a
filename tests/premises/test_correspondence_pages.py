"""Activities and the codes of the statistics that count them: looked at by the team, corrected by the direction."""

import pytest
from django.urls import reverse

from coopconnexion.accounts.enums import Role
from coopconnexion.territories.models import Activity, FacilityType
from coopconnexion.territories.services import load_reference_data
from premises import services
from tests.conftest import count_queries, page
from tests.factories import MandateFactory, UserFactory

LIST, ADD = "gaps_staff:activity_list", "gaps_staff:activity_add"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture(autouse=True)
def today(time_machine):
    time_machine.move_to("2026-06-15 09:00", tick=False)


@pytest.fixture
def grocer(db) -> Activity:
    return Activity.objects.get(label="Épicerie")


def url(name: str, activity: Activity) -> str:
    return reverse(f"gaps_staff:{name}", args=[activity.pk])


def codes(activity: Activity) -> tuple[set[str], set[tuple[str, int]]]:
    types = activity.facility_types.values_list("code", "vintage")
    return set(activity.naf_codes.values_list("pk", flat=True)), set(types)


# --- list ------------------------------------------------------------------------------------------------------------


def test_the_list_shows_each_activity_with_its_codes(client, manager, grocer):
    content = page(client, reverse(LIST))
    assert ("43\u00a0activités" in content, "B202 (2020 et 2024)" in content) == (True, True)


@pytest.mark.parametrize("words", ["epicerie", "ÉPICERIE", "B202", "b202", "47.11B", "4711b"])
def test_an_activity_is_found_by_its_name_or_by_a_code(client, manager, grocer, words):
    assert grocer in client.get(reverse(LIST), {"q": words}).context["activities"]


@pytest.mark.parametrize(("asked", "found"), [({"q": "zzz"}, 0), ({"montrer": "retirees"}, 0), ({"montrer": "x"}, 0)])
def test_filters_that_find_nothing_say_so(client, manager, asked, found):
    response = client.get(reverse(LIST), asked)
    assert (len(response.context["activities"]), "Aucune activité" in response.content.decode()) == (found, True)


def test_what_a_source_does_not_count_is_found(client, manager):
    own = services.add_activity(label="Ressourcerie", naf_codes=[], facility_types=FacilityType.objects.all()[:1])
    other = Activity.objects.create(key="cannage", label="Cannage")
    shown = {
        each: list(client.get(reverse(LIST), {"montrer": each}).context["activities"])
        for each in ("sans_naf", "sans_bpe")
    }
    assert (own in shown["sans_naf"], own in shown["sans_bpe"]) == (True, False)
    assert all(other in found for found in shown.values())


def test_the_list_takes_the_same_queries_for_one_activity_and_for_many(client, manager):
    one = count_queries(client, reverse(LIST) + "?q=epicerie")
    assert count_queries(client, reverse(LIST)) == one <= 9


# --- one activity ----------------------------------------------------------------------------------------------------


def test_an_activity_is_corrected_and_its_history_says_who_did(client, manager, grocer):
    before = codes(grocer)
    form = client.get(url("activity_change", grocer)).context["form"]
    typed = {name: form[name].value() for name in form.fields}
    assert "B202 (2020) Épicerie" in typed["facility_types"]
    response = client.post(
        url("activity_change", grocer),
        typed | {"label": "Épicerie de quartier", "naf_codes": "4711b\n47.11C Supérettes"},
    )
    grocer.refresh_from_db()
    assert response.url == url("activity", grocer)
    assert (grocer.label, codes(grocer)) == ("Épicerie de quartier", ({"47.11B", "47.11C"}, before[1]))
    content = page(client, response.url)
    assert ("Dominique Direction" in content, "47.11C" in content) == (True, True)


def test_what_the_direction_corrected_outlives_the_loader_which_says_how_many(client, manager, grocer):
    told = "activités corrigées par l’équipe, laissées telles quelles"
    assert load_reference_data()[told] == 0
    services.change_activity(
        activity=grocer, label="Épicerie", naf_codes=[], facility_types=grocer.facility_types.all()
    )
    assert (load_reference_data()[told], codes(grocer)[0]) == (1, set())


def test_an_activity_of_our_own_is_added(client, manager):
    response = client.post(
        reverse(ADD), {"label": "Repair café", "naf_codes": "95.29Z", "facility_types": "B207 (2024)\nB204"}
    )
    made = Activity.objects.get(label="Repair café")
    assert (response.url, made.key) == (url("activity", made), "repair-cafe")
    assert codes(made) == ({"95.29Z"}, {("B207", 2024), ("B204", 2020), ("B204", 2024)})


def test_two_activities_that_read_alike_have_two_keys(manager):
    codes = {"naf_codes": [], "facility_types": FacilityType.objects.all()[:1]}
    made = [services.add_activity(label=label, **codes) for label in ("Repair café", "Repair cafe", "Repair Café !")]
    assert [each.key for each in made] == ["repair-cafe", "repair-cafe-2", "repair-cafe-3"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"label": ""}, "obligatoire"),
        ({"label": "Épicerie"}, "existe déjà"),
        ({"naf_codes": "", "facility_types": ""}, "aucune statistique ne compte"),
        ({"naf_codes": "47.24Z\n99.99Z"}, "«\u202f99.99Z\u202f»"),
        ({"naf_codes": "boulangerie"}, "pas dans la NAF"),
        ({"facility_types": "B207 (2020)"}, "pas dans ce millésime"),
        ({"facility_types": "\n".join(["B204"] * 51)}, "Pas plus de 50"),
    ],
)
def test_a_correspondence_that_cannot_hold_is_refused(client, manager, typed, words):
    before = Activity.objects.count()
    response = client.post(reverse(ADD), {"label": "Ressourcerie", "naf_codes": "47.79Z", "facility_types": ""} | typed)
    assert (response.status_code, words in response.content.decode()) == (422, True)
    assert Activity.objects.count() == before


def test_the_second_to_correct_an_activity_is_told_what_the_first_wrote(client, manager, grocer):
    address = url("activity_change", grocer)
    form = client.get(address).context["form"]
    typed = {name: form[name].value() for name in form.fields}
    assert client.post(address, typed | {"label": "Le premier"}).status_code == 302
    second = client.post(address, typed | {"label": "Le second"})
    content = second.content.decode()
    assert (second.status_code, "Le premier" in content, "Le second" in content) == (409, True, True)


def test_an_activity_is_retired_and_proposed_again(client, manager, grocer):
    client.post(url("activity_retire", grocer))
    assert grocer not in Activity.objects.active()
    assert grocer in client.get(reverse(LIST), {"montrer": "retirees"}).context["activities"]
    assert "Proposer de nouveau" in page(client, url("activity", grocer))
    client.post(url("activity_restore", grocer))
    assert grocer in Activity.objects.active()


def test_an_advisor_looks_and_corrects_nothing(client, grocer):
    user = UserFactory()
    MandateFactory(user=user, role=Role.ADVISOR)
    client.force_login(user)
    assert "Corriger" not in page(client, url("activity", grocer))
    assert "Ajouter" not in page(client, reverse(LIST))
    urls = [reverse(ADD), *(url(f"activity_{act}", grocer) for act in ("change", "retire", "restore"))]
    assert [client.post(each, {"label": "Autre"}).status_code for each in urls] == [403] * 4
    grocer.refresh_from_db()
    assert (grocer.label, grocer.retired_at) == ("Épicerie", None)
