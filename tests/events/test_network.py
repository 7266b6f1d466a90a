"""The network: actors, agreements, exchanges, links; who could help a project, and who stands in the directory."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.models import Affiliation, Organisation
from events import services
from events.documents.network import proposals_for
from events.enums import ActorRole, LinkRole
from events.models import NetworkActor, NetworkExchange, NetworkLink
from tests.conftest import count_queries, page
from tests.factories import (
    CommuneFactory,
    EventFactory,
    NetworkActorFactory,
    OrganisationFactory,
    PersonFactory,
    ProjectFactory,
    TerritoryFactory,
    ThemeFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    return timezone.now()


@pytest.fixture
def today(at):
    return timezone.localdate(at)


@pytest.fixture
def territory():
    return TerritoryFactory()


@pytest.fixture
def advisor(client, territory):
    user = UserFactory(advisor=True, territory=territory)
    client.force_login(user)
    return user


@pytest.fixture
def actor(territory):
    return NetworkActorFactory(territory=territory, organisation__name="Crédit solidaire")


def refused(call):
    with pytest.raises(ValidationError) as refusal:
        call()
    error = refusal.value
    return next(iter(error.error_dict.values()))[0].code if hasattr(error, "error_dict") else error.code


def address(name, *args):
    return reverse(f"network_staff:{name}", args=args)


# --- services --------------------------------------------------------------------------------------------------------


def test_an_organisation_or_a_person_enters_the_network_once(at):
    organisation, person = OrganisationFactory(), PersonFactory()
    told = {"role": ActorRole.FUNDING, "by": None, "at": at}
    services.note_actor(organisation=organisation, **told)
    services.note_actor(person=person, **told)
    assert refused(lambda: services.note_actor(organisation=organisation, **told)) == "actor_exists"
    assert refused(lambda: services.note_actor(organisation=organisation, person=person, **told)) == "one_subject"
    assert refused(lambda: services.note_actor(**told)) == "one_subject"
    with pytest.raises(IntegrityError), transaction.atomic():
        NetworkActor.objects.create(organisation=OrganisationFactory(), person=PersonFactory(), role=ActorRole.OTHER)


def test_an_agreement_is_noted_with_its_proof_and_ends(actor, at, today):
    assert (
        refused(lambda: services.agree_to_listing(actor=actor, on=today, note=" ", by=None, at=at)) == "consent_whole"
    )
    later = today + timedelta(days=1)
    assert (
        refused(lambda: services.agree_to_listing(actor=actor, on=later, note="Courriel", by=None, at=at))
        == "day_to_come"
    )
    services.agree_to_listing(actor=actor, on=today, note="Par courriel", by=None, at=at)
    assert list(NetworkActor.objects.listed()) == [actor]
    for _ in range(2):
        services.end_listing(actor=actor, by=None, at=at)
    actor.refresh_from_db()
    assert (actor.consent_on, actor.consent_ended_on, actor.is_listed) == (today, today, False)
    services.agree_to_listing(actor=actor, on=today, note="De vive voix", by=None, at=at)
    assert NetworkActor.objects.listed().exists()


def test_who_is_archived_is_listed_nowhere_and_comes_back(actor, at, today):
    services.agree_to_listing(actor=actor, on=today, note="Par courriel", by=None, at=at)
    services.archive_actor(actor=actor, by=None, at=at)
    assert not NetworkActor.objects.listed().exists()
    services.restore_actor(actor=actor, by=None, at=at)
    assert NetworkActor.objects.listed().exists()


def test_the_latest_exchange_is_the_last_contact(client, advisor, actor, at, today):
    for days in (40, 3, 90):
        services.note_exchange(
            actor=actor, happened_on=today - timedelta(days=days), kind="phone", note="Vu.", by=advisor, at=at
        )
    (row,) = client.get(address("actor_list")).context["actors"]
    assert row.last_contact == today - timedelta(days=3)
    later = {"happened_on": today + timedelta(days=1), "kind": "phone", "by": advisor, "at": at}
    assert refused(lambda: services.note_exchange(actor=actor, note="x", **later)) == "day_to_come"
    empty = later | {"happened_on": today}
    assert refused(lambda: services.note_exchange(actor=actor, note=" ", **empty)) == "note_missing"


def test_a_link_goes_to_something_once(actor, at, today):
    project, event = ProjectFactory(), EventFactory()
    told = {"actor": actor, "role": LinkRole.ADVISER, "happened_on": today, "by": None, "at": at}
    services.note_link(project=project, **told)
    services.note_link(project=project, event=event, **told)
    assert refused(lambda: services.note_link(project=project, **told)) == "link_exists"
    assert refused(lambda: services.note_link(**told)) == "to_something"
    tomorrow = told | {"happened_on": today + timedelta(days=1)}
    assert refused(lambda: services.note_link(project=project, **tomorrow)) == "day_to_come"
    assert services.note_link(event=event, **tomorrow).pk
    link = NetworkLink.objects.earliest("pk")
    for _ in range(2):
        services.remove_link(link=link, by=None, at=at)
    assert NetworkLink.history.rel.related_model.objects.filter(id=link.pk, pgh_label="delete").count() == 1


# --- who could help --------------------------------------------------------------------------------------------------


def test_who_shares_a_theme_comes_first_and_each_says_why(territory):
    theme, commune = ThemeFactory(label="Circuits courts"), CommuneFactory()
    project = ProjectFactory(territory=territory, holder__commune=commune)
    project.themes.add(theme)
    grower = NetworkActorFactory(role=ActorRole.PRODUCER, territory=territory)
    grower.themes.add(theme)
    bank = NetworkActorFactory(role=ActorRole.FUNDING, territory=territory, commune=commune)
    NetworkActorFactory(role=ActorRole.MEDIA, territory=territory)
    NetworkActorFactory(role=ActorRole.FUNDING, territory=TerritoryFactory())
    helping = NetworkActorFactory(role=ActorRole.FUNDING, territory=territory)
    actors = NetworkActor.objects.select_related("organisation", "commune", "territory")
    found = proposals_for(project, actors, known={helping.pk})
    assert [each.actor for each in found] == [grower, bank]
    assert found[0].reasons == ("thème partagé\u202f: Circuits courts", f"sur le même territoire, {territory}")
    assert found[1].reasons == (f"à {commune}, comme le porteur", "son rôle\u202f: financement")


def test_the_page_of_a_project_says_who_helped_and_who_could(client, advisor, actor, territory, at, today):
    project = ProjectFactory(territory=territory)
    services.note_link(actor=actor, project=project, role="funder", happened_on=today, by=advisor, at=at)
    other = NetworkActorFactory(territory=territory, role=ActorRole.MENTOR)
    content = page(client, reverse("projects_staff:project", args=[project.pk]))
    assert "Crédit solidaire" in content
    assert str(other) in content
    assert "Pourraient aider" in content


def test_a_link_is_noted_from_the_page_of_a_project_or_of_an_event(client, advisor, actor, territory, today):
    project, event = ProjectFactory(territory=territory), EventFactory(territory=territory)
    form = {"actor": actor.pk, "role": "speaker", "happened_on": f"{today:%Y-%m-%d}"}
    for kind, row in (("projet", project), ("evenement", event)):
        assert client.post(address("link_add", kind, row.pk), form).status_code == 302
        assert client.post(address("link_add", kind, row.pk), form).status_code == 422
    assert NetworkLink.objects.count() == 2
    assert "Crédit solidaire" in page(client, reverse("events_staff:event", args=[event.pk]))
    assert client.get(address("link_add", "autre", event.pk)).status_code == 404


# --- the office ------------------------------------------------------------------------------------------------------


def test_the_list_is_narrowed_by_role_theme_consent_and_silence(client, advisor, actor, territory, at, today):
    theme = ThemeFactory()
    other = NetworkActorFactory(territory=territory, role=ActorRole.MEDIA)
    other.themes.add(theme)
    NetworkActorFactory(territory=TerritoryFactory())
    everywhere = NetworkActorFactory(territory=None, archived_at=at)
    services.agree_to_listing(actor=actor, on=today, note="Par courriel", by=None, at=at)
    services.note_exchange(actor=actor, happened_on=today, kind="phone", note="Vu.", by=advisor, at=at)

    def found(query):
        return [each.pk for each in client.get(f"{address('actor_list')}?{query}").context["actors"]]

    assert sorted(found("")) == sorted([actor.pk, other.pk])
    assert (
        found("role=media") == found(f"theme={theme.pk}") == found("annuaire=non") == found("silence=on") == [other.pk]
    )
    assert found("annuaire=oui") == found("q=credit") == [actor.pk]
    assert found("archives=on") == [everywhere.pk]


def test_the_list_takes_the_same_queries_for_one_actor_and_for_four(client, advisor, actor, territory):
    one = count_queries(client, address("actor_list"))
    for _ in range(3):
        NetworkActorFactory(territory=territory).themes.add(ThemeFactory())
    assert count_queries(client, address("actor_list")) == one


def test_an_actor_is_added_with_a_new_or_a_known_organisation(client, advisor, territory):
    form = {"name": "Les Amis du Terril", "kind": "association", "role": "mentor", "territory": territory.pk}
    response = client.post(address("actor_add"), form)
    actor = NetworkActor.objects.get()
    assert response.url == address("actor", actor.pk)
    assert actor.organisation.name == "Les Amis du Terril"
    known = form | {"name": "", "organisation": OrganisationFactory(name="CCI").pk}
    assert client.post(address("actor_add"), known).status_code == 302
    assert client.post(address("actor_add"), form | {"name": ""}).status_code == 422
    assert Organisation.objects.count() == 2


def test_the_page_of_an_actor_shows_people_and_links_of_own_territories_alone(client, advisor, actor, at, today):
    Affiliation.objects.create(
        organisation=actor.organisation, person=PersonFactory(last_name="Queval"), title="Gérant"
    )
    hidden = ProjectFactory(title="Projet d’ailleurs")
    services.note_link(actor=actor, project=hidden, role="adviser", happened_on=today, by=None, at=at)
    content = page(client, address("actor", actor.pk))
    assert "Queval" in content
    assert "Projet d’ailleurs" not in content


def test_an_actor_is_corrected_agreed_spoken_to_and_archived_from_its_page(client, advisor, actor, today):
    version = client.get(address("actor_edit", actor.pk)).context["form"]["version"].value()
    form = {"role": "mentor", "territory": actor.territory_id, "offer": "Parraine", "version": version}
    assert client.post(address("actor_edit", actor.pk), form).status_code == 302
    assert client.post(address("actor_edit", actor.pk), form | {"offer": "Autre"}).status_code == 409
    day = f"{today:%Y-%m-%d}"
    assert client.post(address("actor_consent", actor.pk), {"on": day, "note": "Par courriel"}).status_code == 302
    exchange = {"happened_on": day, "kind": "phone", "note": "D’accord pour un atelier."}
    assert client.post(address("actor_exchange", actor.pk), exchange).status_code == 302
    for name in ("actor_unlist", "actor_archive", "actor_restore"):
        assert client.post(address(name, actor.pk)).status_code == 302
    content = page(client, address("actor", actor.pk))
    assert "D’accord pour un atelier." in content
    assert "accord retiré" in content
    assert NetworkExchange.objects.get().noted_by == advisor


def test_what_cannot_be_noted_is_said_and_kept(client, advisor, actor):
    exchange = {"happened_on": "2999-01-01", "kind": "phone", "note": "D’accord."}
    response = client.post(address("actor_exchange", actor.pk), exchange)
    assert response.status_code == 422
    assert "D’accord." in response.content.decode()


def test_a_reader_looks_and_changes_nothing(client, actor, territory):
    client.force_login(UserFactory(reader=True, territory=territory))
    assert "Noter un échange" not in page(client, address("actor", actor.pk))
    assert client.post(address("actor_archive", actor.pk)).status_code == 403


def test_what_is_listed_is_exported_without_formulas(client, advisor, territory):
    NetworkActorFactory(territory=territory, organisation__name="=HYPERLINK(1)")
    response = client.get(address("actor_csv"))
    lines = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig")), delimiter=";"))
    assert lines[0][0] == "Acteur"
    assert lines[1][0].startswith("'=")
    assert client.get(address("actor_xlsx")).getvalue()[:2] == b"PK"


# --- the directory ---------------------------------------------------------------------------------------------------


def listed(**fields):
    return NetworkActorFactory(consent_on=timezone.localdate(), consent_note="Par courriel", **fields)


def test_the_directory_shows_who_agreed_and_no_address(client):
    actor = listed(organisation__name="Crédit solidaire", organisation__email="prive@example.org", offer="Des prêts.")
    NetworkActorFactory(organisation__name="Sans accord")
    listed(organisation__name="Archivé", archived_at=timezone.now())
    content = page(client, "/reseau/")
    assert str(actor) in content
    assert "Des prêts." in content
    for hidden in ("Sans accord", "Archivé", "prive@example.org"):
        assert hidden not in content


def test_the_directory_is_narrowed_and_says_when_nobody_answers(client):
    theme = ThemeFactory()
    actor = listed(role=ActorRole.FUNDING, commune=CommuneFactory())
    actor.themes.add(theme)
    for query in (f"theme={theme.key}", "role=funding", f"commune={actor.commune_id}"):
        assert list(client.get(f"/reseau/?{query}").context["actors"]) == [actor]
    assert "Personne ne répond" in page(client, "/reseau/?role=media")
    assert client.get("/reseau/?theme=inconnu").status_code == 200


def test_an_empty_directory_says_so(client):
    assert "encore vide" in page(client, "/reseau/")


def test_the_directory_takes_the_same_queries_for_one_actor_and_for_four(client):
    listed()
    one = count_queries(client, "/reseau/")
    for _ in range(3):
        listed().themes.add(ThemeFactory())
    assert count_queries(client, "/reseau/") == one


def test_no_offer_becomes_a_script(client):
    listed(offer="<script>alert(1)</script>")
    assert "<script>alert" not in page(client, "/reseau/")
