"""Ideas of activities: only what is confirmed and lately looked at; the units that fit; one page to hand out."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from io import BytesIO
from threading import Barrier
from time import sleep

import pikepdf
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from redis.exceptions import RedisError

from coopconnexion import pdf
from premises.documents import ideas as documents
from premises.enums import Availability
from premises.models import MissingActivity
from tests.conftest import count_queries, page
from tests.factories import CommuneFactory, PermanenceFactory, SlotFactory, TerritoryFactory, UnitFactory

pytestmark = pytest.mark.django_db
LIST = reverse("premises:idea_list")


@pytest.fixture(autouse=True)
def today(time_machine):
    time_machine.move_to("2026-06-15 09:00", tick=False)


@pytest.fixture
def territory():
    territory = TerritoryFactory()
    territory.communes.add(CommuneFactory())
    return territory


def idea(territory, label="Épicerie", **told) -> MissingActivity:
    base = {
        "status": "confirmed",
        "source": "survey",
        "evidence": "Enquête",
        "observed_on": date(2026, 1, 5),
        "review_on": date(2027, 1, 5),
        "idea": "Une épicerie de quartier.",
    }
    return MissingActivity.objects.create(
        territory=territory, commune=territory.communes.get(), label=label, **base | told
    )


def url(gap, name="idea") -> str:
    return reverse(f"premises:{name}", args=[gap.pk])


def test_only_what_is_confirmed_and_lately_looked_at_is_shown(territory):
    shown = idea(territory)
    hidden = [
        idea(territory, "Suspecte", status="suspected"),
        idea(territory, "Vieille", review_on=date(2026, 6, 15)),
        idea(territory, "Comblée", status="filled", filled_on=date(2026, 3, 1), status_note="Ouverte"),
        idea(territory, "Écartée", status="dismissed", status_note="Non"),
    ]
    content = page(Client(), LIST)
    assert "Épicerie" in content
    assert [gap.label for gap in hidden if gap.label in content] == []
    assert [Client().get(url(gap)).status_code for gap in (shown, *hidden)] == [200, 404, 404, 404, 404]
    assert [Client().get(url(gap, "idea_sheet")).status_code for gap in hidden] == [404] * 4


def test_the_page_says_why_and_never_speaks_of_a_need(territory):
    gap = idea(
        territory,
        source="computed",
        figures={"comptés": 2, "attendus": "6,4", "groupe": ["Lens", "Arras"], "statistiques": "BPE, 2020"},
    )
    content = page(Client(), url(gap))
    words = ("écart à la référence", "6,4", "Lens, Arras", "BPE, 2020", "5\u00a0janvier 2026")
    assert [each for each in words if each not in content] == []
    assert "besoin" not in content.lower()


def test_units_on_offer_that_fit_are_named_with_reasons_and_others_are_not(territory):
    gap = idea(territory)
    told = {"territory": territory, "commune": territory.communes.get(), "availability": Availability.YES}
    UnitFactory(**told, street="rue Publique", published_at=timezone.now(), shop_window=True, state="vacant")
    UnitFactory(**told, street="rue Privée", state="vacant", owner_name="SCI des Tilleuls")
    content = page(Client(), url(gap))
    assert ("rue Publique" in content, "rue Privée" in content, "SCI" in content) == (True, False, False)


def test_the_next_permanence_with_a_free_slot_is_proposed(territory):
    gap = idea(territory)
    assert "Choisir un créneau" not in page(Client(), url(gap))
    day = PermanenceFactory(territory=territory, held_on=timezone.localdate() + timedelta(days=7))
    assert reverse("permanences:permanence", args=[day.pk]) not in page(Client(), url(gap))
    SlotFactory(permanence=day)
    assert reverse("permanences:permanence", args=[day.pk]) in page(Client(), url(gap))


def test_ideas_are_searched_by_word_and_town(territory):
    idea(territory)
    idea(territory, "Poissonnerie", idea="Du poisson de la côte.")
    assert "Poissonnerie" not in page(Client(), f"{LIST}?q=epicerie")
    assert "Poissonnerie" in page(Client(), f"{LIST}?q=COTE")
    assert "Aucune idée ne répond" in page(Client(), f"{LIST}?q=astronaute")
    assert Client().get(LIST, {"commune": "99999"}).status_code == 200


def test_no_idea_yet_says_to_come_anyway():
    assert "Prendre rendez-vous" in page(Client(), LIST)


def test_the_list_takes_the_same_queries_however_many(territory):
    told = {"territory": territory, "commune": territory.communes.get(), "availability": Availability.YES}
    UnitFactory(**told, published_at=timezone.now())
    idea(territory)
    few = count_queries(Client(), LIST)
    for label in ("Poissonnerie", "Mercerie", "Caviste"):
        idea(territory, label)
        UnitFactory(**told, published_at=timezone.now())
    assert count_queries(Client(), LIST) == few <= 9


@pytest.mark.skipif(not pdf.is_available(), reason="Pango is not installed")
@pytest.mark.parametrize("words", ["Une épicerie.", "Des mots qui n’en finissent pas. " * 200, "x" * 4000])
def test_the_sheet_is_one_page_whatever_is_written(territory, words):
    gap = idea(territory, idea=words, reason=words, label="É" * 200 if len(words) > 3000 else "Épicerie")
    for number in range(8):
        UnitFactory(
            territory=territory,
            commune=territory.communes.get(),
            street=f"rue {'très ' * 20}{number}",
            availability=Availability.YES,
            published_at=timezone.now(),
        )
    response = Client().get(url(gap, "idea_sheet"))
    assert response["Content-Type"] == "application/pdf"
    with pikepdf.open(BytesIO(response.content)) as document:
        assert len(document.pages) == 1


@pytest.mark.skipif(not pdf.is_available(), reason="Pango is not installed")
def test_the_sheet_is_made_once_for_the_same_words(territory, monkeypatch):
    made = []
    monkeypatch.setattr(documents, "render_pdf", lambda html, css: made.append(html) or b"%PDF-1.7")
    gap = idea(territory)
    for _ in range(3):
        Client().get(url(gap, "idea_sheet"))
    assert len(made) == 1
    MissingActivity.objects.update(idea="Autre chose.")
    Client().get(url(gap, "idea_sheet"))
    assert len(made) == 2


def test_without_pango_the_page_says_what_to_do(territory, monkeypatch):
    def missing(html, css):
        raise pdf.PdfUnavailableError

    monkeypatch.setattr(documents, "render_pdf", missing)
    response = Client().get(url(idea(territory), "idea_sheet"))
    assert (response.status_code, "imprime aussi" in response.content.decode()) == (503, True)


@pytest.mark.django_db(transaction=True)
def test_the_sheet_is_made_once_for_all_who_ask_at_the_same_time(territory, monkeypatch):
    made, start = [], Barrier(12)

    def drawn(html, css):
        made.append(html)
        sleep(0.2)
        return b"%PDF-1.7"

    def ask(address):
        try:
            start.wait()
            return Client().get(address).content
        finally:
            connection.close()

    monkeypatch.setattr(documents, "render_pdf", drawn)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(ask, [url(idea(territory), "idea_sheet")] * 12))
    assert (answers, len(made)) == ([b"%PDF-1.7"] * 12, 1)


def test_the_sheet_is_given_without_the_cache(territory, monkeypatch):
    def away(*args, **kwargs):
        raise RedisError

    monkeypatch.setattr(documents, "render_pdf", lambda html, css: b"%PDF-1.7")
    monkeypatch.setattr(cache, "get", away)
    assert Client().get(url(idea(territory), "idea_sheet")).content == b"%PDF-1.7"


def test_a_sheet_that_could_not_be_made_is_made_for_the_next(territory, monkeypatch):
    def unavailable(html, css):
        raise pdf.PdfUnavailableError

    address = url(idea(territory), "idea_sheet")
    monkeypatch.setattr(documents, "render_pdf", unavailable)
    assert Client().get(address).status_code == 503
    monkeypatch.setattr(documents, "render_pdf", lambda html, css: b"%PDF-1.7")
    assert Client().get(address).content == b"%PDF-1.7"
