"""The agenda of a permanence: who sees it, what it shows, in how many queries."""

from datetime import time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from coopconnexion import pdf
from tests.factories import (
    BookingFactory,
    PermanenceFactory,
    SlotFactory,
    SlotOfferFactory,
    TerritoryFactory,
    ThemeFactory,
    UserFactory,
    WaitingListEntryFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def permanence():
    return PermanenceFactory(opens_at=time(8), closes_at=time(20))


@pytest.fixture
def advisor(client, permanence):
    user = UserFactory(advisor=True, territory=permanence.territory)
    client.force_login(user)
    client.get(reverse("permanences_staff:permanence_list"))  # the first page of a session notes the hour
    return user


def url_of(permanence, name="permanence"):
    return reverse(f"permanences_staff:{name}", args=[permanence.pk])


def page(client, url):
    response = client.get(url)
    content = response.content.decode()
    assert (response.status_code, "¿" in content) == (200, False)
    return content


def fill(permanence, bookings):
    for rank in range(bookings):
        booking = BookingFactory(slot=SlotFactory(permanence=permanence, desk=1 + rank % 2))
        booking.project.themes.add(ThemeFactory())
        past = PermanenceFactory(past=True, territory=permanence.territory, venue=permanence.venue)
        BookingFactory(slot=SlotFactory(permanence=past), person=booking.person, attended=True)
        WaitingListEntryFactory(permanence=permanence)
        SlotOfferFactory(slot=SlotFactory(permanence=permanence), entry__permanence=permanence)


@pytest.mark.parametrize("name", ["permanence", "sheet"])
def test_the_queries_of_a_day_do_not_grow_with_its_bookings(name, client, permanence, advisor):
    counts = []
    for bookings in (1, 2, 13):
        fill(permanence, bookings)
        with CaptureQueriesContext(connection) as queries:
            page(client, url_of(permanence, name))
        counts.append(len(queries))
    assert (counts, counts[0] <= 12) == ([counts[0]] * 3, True)


def test_the_queries_of_a_full_day_of_32_bookings_are_those_of_one(client, advisor):
    counts = []
    for bookings in (1, 32):
        permanence = PermanenceFactory(territory=advisor.current_mandates[0].territory)
        for rank in range(bookings):
            BookingFactory(slot=SlotFactory(permanence=permanence, desk=1 + rank % 4))
        with CaptureQueriesContext(connection) as queries:
            content = page(client, url_of(permanence))
        counts.append(len(queries))
        assert content.count('id="rdv-') == bookings
    assert counts[0] == counts[1]


def test_the_agenda_shows_who_comes_and_for_what(client, permanence, advisor):
    booking = BookingFactory(
        slot=SlotFactory(permanence=permanence),
        person__first_name="Élise",
        person__last_name="O’Connor",
        person__phone="+33612345678",
        project__title="Épicerie de quartier",
        message="Je cherche un local <b>clair</b>.",
    )
    past = PermanenceFactory(past=True, territory=permanence.territory, venue=permanence.venue)
    BookingFactory(slot=SlotFactory(permanence=past), person=booking.person, no_show=True)
    content = page(client, url_of(permanence))
    shown = [
        "Élise O’Connor",
        'href="tel:+33612345678"',
        "06\u00a012\u00a034\u00a056\u00a078",
        booking.person.email,
        "Épicerie de quartier",
        "Je cherche un local &lt;b&gt;clair&lt;/b&gt;.",
        "1\u00a0rendez-vous déjà",
        "(absent·e)",
        "Adresse non confirmée",
    ]
    assert [each for each in shown if each not in content] == []


def test_the_badges_say_what_is_to_be_done(client, permanence, advisor):
    slot = SlotFactory(permanence=permanence)
    BookingFactory(slot=slot, confirmed=True, moved_at=timezone.now(), person__email="")
    content = page(client, url_of(permanence))
    assert ("Déplacé, sans réponse" in content, "Adresse non confirmée" in content) == (True, False)
    assert "Sans courriel" in content


def test_the_agenda_keeps_what_no_longer_stands_apart(client, permanence, advisor):
    BookingFactory(slot=SlotFactory(permanence=permanence), cancelled=True, cancel_reason="Malade")
    BookingFactory(slot=SlotFactory(permanence=permanence), released=True)
    content = page(client, url_of(permanence))
    assert ("Annulés et libérés" in content, "Malade" in content, "faute de confirmation" in content) == (True,) * 3


def test_an_empty_permanence_says_so(client, permanence, advisor):
    content = page(client, url_of(permanence))
    assert ("Aucun créneau" in content, "Personne n’attend" in content) == (True, True)


def test_the_waiting_list_is_shown_in_its_order(client, permanence, advisor):
    at = timezone.now()
    late = WaitingListEntryFactory(permanence=permanence, joined_at=at)
    early = WaitingListEntryFactory(permanence=permanence, joined_at=at - timedelta(days=1))
    WaitingListEntryFactory(permanence=permanence, left_at=at)
    content = page(client, url_of(permanence))
    assert content.index(f"attente-{early.pk}") < content.index(f"attente-{late.pk}")
    assert content.count('id="attente-') == 2


@pytest.mark.parametrize("name", ["permanence", "sheet", "sheet_pdf", "slot_book"])
def test_the_permanence_of_another_territory_is_not_there(name, client, permanence):
    client.force_login(UserFactory(advisor=True, territory=TerritoryFactory()))
    assert client.get(url_of(permanence, name)).status_code == 404


@pytest.mark.parametrize("role", [{}, {"official": True}])
def test_who_is_no_staff_finds_no_agenda(role, client, permanence):
    client.force_login(UserFactory(**role, territory=permanence.territory) if role else UserFactory())
    assert client.get(url_of(permanence)).status_code == 404
    assert client.get(reverse("permanences_staff:permanence_list")).status_code == 404


def test_a_visitor_is_asked_to_sign_in(client, permanence):
    response = client.get(url_of(permanence))
    assert (response.status_code, response["Location"].startswith("/compte/")) == (302, True)


def test_a_reader_sees_the_agenda_without_a_button(client, permanence):
    client.force_login(UserFactory(reader=True, territory=permanence.territory))
    BookingFactory(slot=SlotFactory(permanence=permanence), staff_note="Vient avec son associée")
    SlotFactory(permanence=permanence)
    content = page(client, url_of(permanence))
    main = content[content.index("agenda-page") :]
    assert ("<button" in main, "Réserver" in main, "Vient avec son associée" in main) == (False, False, True)


# --- the list of days ------------------------------------------------------------------------------------------------


def test_the_list_shows_the_days_with_their_figures_in_one_query(client, advisor, permanence):
    url = reverse("permanences_staff:permanence_list")
    counts = []
    for _ in range(2):
        fill(permanence, 2)
        with CaptureQueriesContext(connection) as queries:
            content = page(client, url)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert "4 sur 8" in content


def test_past_days_are_listed_latest_first_with_what_is_to_be_noted(client, advisor):
    territory = advisor.current_mandates[0].territory
    older = PermanenceFactory(territory=territory, held_on=timezone.localdate() - timedelta(days=40))
    latest = PermanenceFactory(territory=territory, held_on=timezone.localdate() - timedelta(days=5))
    BookingFactory(slot=SlotFactory(permanence=latest))
    content = page(client, reverse("permanences_staff:permanence_list") + "?periode=passees")
    assert content.index(url_of(latest)) < content.index(url_of(older))
    assert '<span class="badge badge--warning">1</span>' in content


def test_the_list_keeps_to_the_chosen_territory(client):
    client.force_login(UserFactory(manager=True))
    mine, other = PermanenceFactory(), PermanenceFactory()
    content = page(client, f"{reverse('permanences_staff:permanence_list')}?territoire={mine.territory.slug}")
    assert (url_of(mine) in content, url_of(other) in content) == (True, False)


@pytest.mark.parametrize("query", ["periode=demain", "territoire=nulle-part", "page=99999"])
def test_a_strange_choice_breaks_nothing(query, client, advisor, permanence):
    assert client.get(f"{reverse('permanences_staff:permanence_list')}?{query}").status_code in (200, 404)


def test_an_empty_list_says_so(client):
    client.force_login(UserFactory(manager=True))
    assert "Aucune permanence" in page(client, reverse("permanences_staff:permanence_list"))


# --- the sheet -------------------------------------------------------------------------------------------------------


def test_the_sheet_leaves_the_notes_out(client, advisor, permanence):
    booking = BookingFactory(slot=SlotFactory(permanence=permanence), staff_note="Divorce en cours")
    content = page(client, url_of(permanence, "sheet"))
    assert (str(booking.person) in content, "Divorce" in content) == (True, False)


@pytest.mark.skipif(not pdf.is_available(), reason="Pango is not installed")
def test_the_sheet_is_a_pdf(client, advisor, permanence):
    BookingFactory(slot=SlotFactory(permanence=permanence))
    response = client.get(url_of(permanence, "sheet_pdf"))
    assert (response["Content-Type"], response.content[:5]) == ("application/pdf", b"%PDF-")


def test_without_pango_the_agenda_says_what_to_install(client, advisor, permanence, monkeypatch):
    monkeypatch.setattr(pdf, "is_available", lambda: False)
    content = page(client, url_of(permanence))
    assert ("apt install libpango-1.0-0" in content, "feuille.pdf" in content) == (True, False)
    response = client.get(url_of(permanence, "sheet_pdf"), follow=True)
    assert (response.status_code, "apt install libpango-1.0-0" in response.content.decode()) == (200, True)
