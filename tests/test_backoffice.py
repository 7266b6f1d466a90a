"""The back office: who enters, the home page, histories, refusals, lists."""

from datetime import timedelta
from threading import Event, Thread

import pytest
from django.contrib import admin
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from coopconnexion.backoffice import TrackedAdmin
from permanences.services import change_online_booking
from premises.models import Occupancy, Venue
from tests.conftest import admin_url, count_queries, history, page, sign_in
from tests.factories import (
    BookingFactory,
    CommuneFactory,
    MemberFactory,
    PermanenceFactory,
    ProjectFactory,
    SlotFactory,
    TerritoryFactory,
    ThemeFactory,
    UnitFactory,
    VenueFactory,
    WaitingListEntryFactory,
)

pytestmark = pytest.mark.django_db
HOME = reverse("admin:index")


# --- who enters ------------------------------------------------------------------------------------------------------


def test_a_visitor_signs_in_as_on_the_rest_of_the_site(client):
    addresses = [client.get(url, follow=True).redirect_chain[-1][0] for url in (HOME, reverse("admin:login"))]
    assert addresses == [f"{reverse('account_login')}?next={HOME}"] * 2


def test_who_is_no_staff_finds_nothing(client):
    sign_in(client)
    urls = [HOME, reverse("admin:login"), reverse("admin:search"), reverse("admin:projects_project_changelist")]
    assert [client.get(url).status_code for url in urls] == [404] * 4


def test_nobody_changes_a_password_here(client, manager):
    assert client.get(f"{HOME}password_change/").status_code in (301, 404)


def test_staff_who_are_signed_in_skip_the_sign_in_page(client, manager):
    assert client.get(reverse("admin:login"))["Location"] == HOME


# --- the home page ---------------------------------------------------------------------------------------------------


def fill_home(territory):
    permanence = PermanenceFactory(territory=territory)
    BookingFactory(slot=SlotFactory(permanence=permanence), moved_at=timezone.now())
    BookingFactory(slot=SlotFactory(permanence=PermanenceFactory(past=True, territory=territory)))
    WaitingListEntryFactory(permanence=permanence)
    return permanence


def test_the_home_page_takes_as_many_queries_with_one_row_as_with_many(client):
    territory = TerritoryFactory()
    sign_in(client, advisor=True, territory=territory)
    counts = []
    for rows in (1, 3):
        for _ in range(rows):
            fill_home(territory)
        counts.append(count_queries(client, HOME))
    assert (counts[0] == counts[1], counts[0] <= 20) == (True, True)


def test_the_home_page_shows_what_waits(client):
    territory = TerritoryFactory()
    sign_in(client, advisor=True, territory=territory)
    permanence = fill_home(territory)
    content = page(client, HOME)
    shown = [
        reverse("permanences_staff:permanence", args=[permanence.pk]),
        "1\u00a0présence à renseigner",
        "Libérer",
        "Déplacés, sans réponse",
        "Liste d’attente",
    ]
    assert [each for each in shown if each not in content] == []


def test_the_home_page_keeps_to_the_own_territories(client):
    sign_in(client, advisor=True, territory=TerritoryFactory())
    entry = WaitingListEntryFactory(permanence=fill_home(TerritoryFactory()))
    content = page(client, HOME)
    assert ("Aucune permanence à venir" in content, str(entry.person) in content) == (True, False)


def test_a_reader_has_no_button_on_the_home_page(client):
    territory = TerritoryFactory()
    sign_in(client, reader=True, territory=territory)
    fill_home(territory)
    assert "Libérer" not in page(client, HOME)


def test_anyone_is_found_without_accents(client):
    territory = TerritoryFactory()
    sign_in(client, advisor=True, territory=territory)
    BookingFactory(slot__permanence__territory=territory, person__first_name="Zoé", person__last_name="Lefèvre")
    BookingFactory(person__first_name="Zoé", person__last_name="Cachée")
    content = page(client, reverse("admin:search") + "?q=zoe")
    assert ("Zoé Lefèvre" in content, "Cachée" in content) == (True, False)
    assert "Aucun résultat" in page(client, reverse("admin:search") + "?q=xyzabc")
    assert "Cherchez par nom" in page(client, reverse("admin:search"))


# --- lists and forms -------------------------------------------------------------------------------------------------


def registered():
    return sorted(admin.site._registry.items(), key=lambda pair: pair[0]._meta.label)


def test_every_table_of_the_back_office_is_scoped_and_followed():
    assert [model for model, model_admin in registered() if not isinstance(model_admin, TrackedAdmin)] == []


@pytest.mark.parametrize(("model", "model_admin"), registered(), ids=lambda value: getattr(value, "__name__", ""))
def test_every_list_opens_and_can_be_searched(model, model_admin, client, manager):
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    page(client, url)
    if model_admin.search_fields:
        page(client, f"{url}?q=été 06")


@pytest.mark.parametrize(
    "make", [ProjectFactory, MemberFactory, BookingFactory, WaitingListEntryFactory, UnitFactory, VenueFactory]
)
def test_a_list_takes_as_many_queries_with_one_row_as_with_many(make, client, manager):
    counts = []
    for rows in (1, 3):
        created = [make() for _ in range(rows)].pop()
        counts.append(count_queries(client, admin_url("changelist", type(created))))
    assert (counts[0] == counts[1], counts[0] < 10) == (True, True)


@pytest.mark.parametrize("make", [ProjectFactory, MemberFactory, BookingFactory, WaitingListEntryFactory, UnitFactory])
def test_the_row_of_another_territory_is_not_there(make, client):
    row = make()
    sign_in(client, advisor=True, territory=TerritoryFactory())
    url = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    assert client.get(url).status_code == 404


def test_autocompletion_offers_the_own_territories_only(client):
    mine, other = VenueFactory(), VenueFactory()
    sign_in(client, advisor=True, territory=mine.territory)
    query = {"app_label": "events", "model_name": "event", "field_name": "venue"}
    results = client.get(reverse("admin:autocomplete"), query).json()["results"]
    assert ([each["id"] for each in results], other.pk) == ([str(mine.pk)], other.pk)


def test_a_form_refuses_a_row_of_another_territory(client):
    mine, other = UnitFactory(), MemberFactory()
    sign_in(client, advisor=True, territory=mine.territory)
    form = {"unit": mine.pk, "member": other.pk, "tenure": "commercial_lease", "starts_on": "01/01/2026"}
    response = client.post(reverse("admin:premises_occupancy_add"), form)
    assert (response.status_code, Occupancy.objects.count()) == (200, 0)


def test_a_constraint_is_a_refusal_in_french(client, manager):
    unit, member = UnitFactory(), MemberFactory()
    form = {"unit": unit.pk, "member": member.pk, "tenure": "commercial_lease", "starts_on": "01/01/2026"}
    url = reverse("admin:premises_occupancy_add")
    assert client.post(url, form).status_code == 302
    response = client.post(url, {**form, "starts_on": "01/02/2026"})
    assert (response.status_code, Occupancy.objects.count()) == (200, 1)
    assert "Cette cellule est déjà occupée pendant cette période." in response.content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_loser_of_a_race_gets_the_refusal_and_keeps_what_was_typed(client):
    sign_in(client, manager=True)
    unit, member = UnitFactory(), MemberFactory()
    form = {"unit": unit.pk, "member": member.pk, "tenure": "commercial_lease", "starts_on": "01/02/2026"}
    held, answered = Event(), Event()

    def hold_the_unit():
        with transaction.atomic():
            Occupancy.objects.create(unit=unit, member=member, tenure="precarious", starts_on="2026-01-01")
            held.set()
            answered.wait(1)  # the other passes validation meanwhile, then waits for this row
        connection.close()

    thread = Thread(target=hold_the_unit)
    thread.start()
    held.wait()
    response = client.post(reverse("admin:premises_occupancy_add"), form)
    answered.set()
    thread.join()
    content = response.content.decode()
    assert (response.status_code, "déjà occupée" in content, 'value="01/02/2026"' in content) == (200, True, True)
    assert Occupancy.objects.count() == 1


def test_a_reader_reads_only(client):
    venue = VenueFactory()
    sign_in(client, reader=True, territory=venue.territory)
    url = reverse("admin:premises_venue_change", args=[venue.pk])
    assert (client.get(url).status_code, 'name="_save"' in page(client, url)) == (200, False)
    assert client.post(url, {"name": "Autre"}).status_code == 403
    assert client.get(reverse("admin:premises_venue_add")).status_code == 403
    assert Venue.objects.get().name == "La Fabrique"


def test_an_advisor_edits_the_own_territory_and_deletes_nothing(client):
    venue = VenueFactory()
    CommuneFactory()
    sign_in(client, advisor=True, territory=venue.territory)
    form = {
        "name": "La Fabrique, 1er étage",
        "territory": venue.territory_id,
        "street": venue.street,
        "commune": venue.commune_id,
        "postal_code": "62400",
        "access": "",
        "step_free": "unknown",
    }
    assert client.post(reverse("admin:premises_venue_change", args=[venue.pk]), form).status_code == 302
    assert client.post(reverse("admin:premises_venue_delete", args=[venue.pk]), {"post": "yes"}).status_code == 403
    assert list(Venue.objects.values_list("name")) == [("La Fabrique, 1er étage",)]


def test_a_write_of_the_admin_is_in_the_history_under_its_author(client, manager):
    theme = ThemeFactory(key="alimentation", label="Alimentation")
    retired = {"retired_at_0": "01/03/2026", "retired_at_1": "12:00"}
    form = {"key": "alimentation", "label": "Circuits courts", "definition": "Manger.", "position": 1, **retired}
    assert client.post(admin_url("change", theme), form).status_code == 302
    content = history(client, theme)
    shown = ["par Dominique Direction", "Circuits courts", "dimanche 1er"]
    assert [each for each in shown if each not in content] == []


def test_bookings_are_read_not_edited_in_their_table(client, manager):
    booking = BookingFactory()
    url = reverse("admin:permanences_booking_change", args=[booking.pk])
    content = page(client, url)
    assert ("Ouvrir l’agenda" in content, 'name="_save"' in content) == (True, False)
    assert client.post(url, {"outcome": "attended"}).status_code == 403
    assert client.get(reverse("admin:permanences_booking_add")).status_code == 403


def test_online_booking_of_a_day_is_set_in_its_table(client, manager):
    permanence = PermanenceFactory()
    form = {"shift_reason": "", "notice_minutes": 60, "booking_opens_days": 30, "booking_paused_message": "Travaux."}
    day = permanence.held_on
    client.post(
        reverse("admin:permanences_permanence_change", args=[permanence.pk]),
        {**form, "held_on": day + timedelta(days=1)},
    )
    permanence.refresh_from_db()
    assert (permanence.booking_paused_message, permanence.held_on) == ("Travaux.", day)


def test_setting_the_online_booking_of_a_day_leaves_what_moved_meanwhile(manager):
    permanence = PermanenceFactory()
    moved_to = permanence.held_on + timedelta(days=7)
    type(permanence).objects.filter(pk=permanence.pk).update(held_on=moved_to)
    change_online_booking(
        permanence=permanence, notice_minutes=60, booking_opens_days=30, booking_paused_message="", shift_reason=""
    )
    permanence.refresh_from_db()
    assert (permanence.notice_minutes, permanence.booking_opens_days, permanence.held_on) == (60, 30, moved_to)
