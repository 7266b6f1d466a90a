"""What staff do with a unit: each small page writes once, says why it refuses, and keeps what was typed."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from coopconnexion.accounts.enums import Role
from premises import services
from premises.models import FollowUp, Occupancy, Unit, UnitDocument, UnitNote, UnitPhoto, UnitReference, UnitSource
from tests.access.world import small_picture
from tests.conftest import page
from tests.factories import MemberFactory, TerritoryFactory, UnitFactory, UserFactory
from tests.test_double_clicks import press

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit():
    return UnitFactory()


@pytest.fixture
def advisor(login_as, unit):
    return login_as(Role.ADVISOR, unit.territory)


def address(name, pk):
    return reverse(f"premises_staff:{name}", args=[pk])


def told(client, name, pk, **typed):
    """Open a form, fill it in and send it; return the answer."""
    opened = client.get(address(name, pk))
    form = opened.context["form"]
    seen = {key: form.get_initial_for_field(field, key) for key, field in form.fields.items()}
    return client.post(address(name, pk), {key: value for key, value in {**seen, **typed}.items() if value is not None})


def kept(unit, *names):
    unit.refresh_from_db()
    return tuple(getattr(unit, name) for name in names)


# --- its state -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "since", "precision"),
    [
        ("12/03/2025", date(2025, 3, 12), "day"),
        ("03/2025", date(2025, 3, 1), "month"),
        ("2025", date(2025, 1, 1), "year"),
    ],
)
def test_a_unit_is_vacant_since_a_day_a_month_or_a_year(client, advisor, unit, typed, since, precision):
    assert told(client, "unit_state", unit.pk, state="vacant", on=typed).status_code == 302
    assert kept(unit, "state", "vacant_since", "vacant_since_precision") == ("vacant", since, precision)


def test_without_a_day_it_is_so_today(client, advisor, unit):
    told(client, "unit_state", unit.pk, state="vacant")
    assert kept(unit, "vacant_since") == (timezone.localdate(),)


def test_a_unit_that_was_empty_already_keeps_its_date_and_the_page_says_so(client, advisor, unit):
    Unit.objects.update(state="vacant", vacant_since=date(2024, 1, 1), vacant_since_precision="year")
    told(client, "unit_state", unit.pk, state="never", on="03/2025")
    assert kept(unit, "state", "vacant_since") == ("never", date(2024, 1, 1))
    assert "Elle était déjà vide depuis 2024" in page(client, address("unit", unit.pk))


def test_an_occupied_unit_has_a_sign_and_is_vacant_since_nothing(client, advisor, unit):
    Unit.objects.update(state="vacant", vacant_since=date(2024, 1, 1), vacant_since_precision="year")
    told(client, "unit_state", unit.pk, state="occupied", sign_name="Au bon pain", on="2026")
    assert kept(unit, "state", "sign_name", "vacant_since") == ("occupied", "Au bon pain", None)


@pytest.mark.parametrize("typed", ["hier", "31/02/2026", "13/2026"])
def test_what_is_no_day_is_refused_and_kept(client, advisor, unit, typed):
    answer = told(client, "unit_state", unit.pk, state="vacant", on=typed)
    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.content.decode()
    assert kept(unit, "state") == ("unknown",)


def test_a_day_to_come_is_refused(client, advisor, unit):
    answer = told(client, "unit_state", unit.pk, state="vacant", on="2999")
    assert (answer.status_code, answer.context["form"].errors.as_data()["on"][0].code) == (422, "day_to_come")


def test_a_unit_where_somebody_of_the_coop_trades_is_not_vacant(client, advisor, unit):
    Occupancy.objects.create(
        unit=unit, member=MemberFactory(territory=unit.territory), tenure="short_lease", starts_on=date(2026, 1, 1)
    )
    answer = told(client, "unit_state", unit.pk, state="vacant")
    assert (answer.status_code, kept(unit, "state")) == (422, ("unknown",))


def test_who_saves_after_another_is_told_and_writes_nothing(client, advisor, unit):
    opened = client.get(address("unit_state", unit.pk)).context["form"]
    version = opened.get_initial_for_field(opened.fields["version"], "version")
    Unit.objects.update(sign_name="La Rose")
    typed = {"state": "occupied", "sign_name": "Le Lys", "version": version}
    answer = client.post(address("unit_state", unit.pk), typed)
    assert (answer.status_code, kept(unit, "sign_name")) == (409, ("La Rose",))
    assert "Le Lys" in answer.content.decode()


# --- its follow-up and notes -----------------------------------------------------------------------------------------


def test_a_step_of_the_follow_up_is_written_with_a_detail_of_its_status(client, advisor, unit):
    assert told(client, "unit_follow", unit.pk, step="blocked:owner_unwilling", note="Refuse").status_code == 302
    step = FollowUp.objects.get()
    assert (step.status, step.detail, step.note, step.written_by) == ("blocked", "owner_unwilling", "Refuse", advisor)
    assert kept(unit, "followup", "followup_detail") == ("blocked", "owner_unwilling")


@pytest.mark.parametrize("step", ["blocked:", "done:", "ongoing:owner_unwilling", "lost:"])
def test_only_steps_of_the_closed_list_are_offered(client, advisor, unit, step):
    answer = told(client, "unit_follow", unit.pk, step=step, note="Refuse")
    assert (answer.status_code, FollowUp.objects.count()) == (422, 0)
    assert "Refuse" in answer.content.decode()


@pytest.mark.parametrize(
    ("step", "code"),
    [("done:vacancy_ended", "still_vacant"), ("done:was_not_vacant", "still_vacant"), ("done:gone", "still_there")],
)
def test_an_end_that_the_register_denies_is_refused(client, advisor, unit, step, code):
    Unit.objects.update(state="vacant")
    answer = told(client, "unit_follow", unit.pk, step=step)
    assert (answer.status_code, answer.context["form"].errors.as_data()["step"][0].code) == (422, code)


@pytest.mark.parametrize("step", ["done:vacancy_ended", "done:was_not_vacant"])
def test_a_follow_up_ends_in_two_ways_that_are_not_confused(client, advisor, unit, step):
    Unit.objects.update(state="occupied")
    told(client, "unit_follow", unit.pk, step=step)
    assert [f"{each.status}:{each.detail}" for each in FollowUp.objects.all()] == [step]


def test_what_is_sent_twice_is_written_once(client, advisor, unit):
    for _ in range(2):
        client.post(address("unit_follow", unit.pk), {"step": "ongoing:visit", "note": "Jeudi"})
        client.post(address("unit_note", unit.pk), {"text": "Clé chez le gardien"})
        client.post(address("unit_photo_add", unit.pk), {"picture": photograph(), "description": "La vitrine"})
        client.post(address("unit_document_add", unit.pk), {"upload": paper(), "title": "Bail"})
    counts = [model.objects.count() for model in (FollowUp, UnitNote, UnitPhoto, UnitDocument)]
    assert counts == [1, 1, 1, 1]


def test_who_follows_after_another_reads_both_steps_in_words(client, advisor, unit):
    opened = client.get(address("unit_follow", unit.pk)).context["form"]
    version = opened.get_initial_for_field(opened.fields["version"], "version")
    services.follow_unit(unit=unit, status="ongoing", detail="visit", by=None, at=timezone.now())
    typed = {"step": "blocked:building", "note": "Toit", "version": version}
    answer = client.post(address("unit_follow", unit.pk), typed)
    table = answer.content.decode().split("<tbody>")[1].split("</tbody>")[0].replace("\u202f", " ")
    assert (answer.status_code, FollowUp.objects.count()) == (409, 1)
    assert ("suivi bloqué : état du bâtiment" in table, "suivi en cours : visite" in table) == (True, True)


def test_a_note_needs_words(client, advisor, unit):
    assert client.post(address("unit_note", unit.pk), {"text": " "}).status_code == 422


# --- its pictures and documents --------------------------------------------------------------------------------------


def photograph():
    content, exif = BytesIO(), Image.Exif()
    exif[0x8825] = {1: "N", 2: (50.0, 31.0, 0.0)}  # where it was taken
    Image.new("RGB", (60, 40), "teal").save(content, "JPEG", exif=exif)
    return SimpleUploadedFile("vitrine.jpg", content.getvalue(), "image/jpeg")


def paper(name="bail.pdf"):
    return SimpleUploadedFile(name, b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "application/pdf")


@pytest.fixture
def photos(unit):
    return [
        UnitPhoto.objects.create(unit=unit, file=small_picture(), description=words, position=place)
        for place, words in enumerate(("La vitrine", "La réserve"))
    ]


def test_a_photo_is_kept_private_and_without_the_place_it_was_taken(client, advisor, unit):
    answer = client.post(address("unit_photo_add", unit.pk), {"picture": photograph(), "description": "La vitrine"})
    photo = UnitPhoto.objects.get()
    with Image.open(photo.file) as image:
        assert (answer.status_code, photo.is_public, dict(image.getexif())) == (302, False, {})


def test_what_is_no_picture_is_refused_and_its_words_are_kept(client, advisor, unit):
    fake = SimpleUploadedFile("vitrine.jpg", b"<script>", "image/jpeg")
    answer = client.post(address("unit_photo_add", unit.pk), {"picture": fake, "description": "La vitrine"})
    assert (answer.status_code, UnitPhoto.objects.count()) == (422, 0)
    assert 'value="La vitrine"' in answer.content.decode()


def test_a_photo_is_captioned_shown_to_the_public_and_put_first(client, advisor, unit, photos):
    told(client, "unit_photo_change", photos[1].pk, description="La cour", is_public="on", is_first="on")
    rows = unit.photos.order_by("position").values_list("description", "is_public")
    assert list(rows) == [("La cour", True), ("La vitrine", False)]


def test_a_photo_is_taken_away_with_its_file(client, advisor, photos, django_capture_on_commit_callbacks):
    storage, name = photos[0].file.storage, photos[0].file.name
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address("unit_photo_remove", photos[0].pk))
    assert (UnitPhoto.objects.count(), storage.exists(name)) == (1, False)


def test_a_document_is_kept_served_as_a_file_and_taken_away(client, advisor, unit, django_capture_on_commit_callbacks):
    client.post(address("unit_document_add", unit.pk), {"upload": paper(), "title": "Bail de 2019"})
    document = UnitDocument.objects.get()
    answer = client.get(address("unit_document", document.pk))
    assert answer["Content-Disposition"] == 'attachment; filename="bail.pdf"'
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address("unit_document_remove", document.pk))
    assert not UnitDocument.objects.exists()


def test_a_document_that_lies_about_its_kind_is_refused(client, advisor, unit):
    fake = SimpleUploadedFile("bail.pdf", b"MZ\x90\x00", "application/pdf")
    answer = client.post(address("unit_document_add", unit.pk), {"upload": fake, "title": "Bail"})
    assert (answer.status_code, UnitDocument.objects.count()) == (422, 0)


# --- the public ------------------------------------------------------------------------------------------------------


def test_a_unit_that_is_not_to_let_is_not_shown_and_the_page_says_what_to_do(client, advisor, unit):
    assert "Elle n’est pas notée" in page(client, address("unit_publish", unit.pk))
    assert client.post(address("unit_publish", unit.pk)).status_code == 422
    assert kept(unit, "published_at") == (None,)


def test_before_it_is_shown_the_page_says_what_is_missing(client, advisor, unit):
    Unit.objects.update(availability="yes", floor_area_m2=40, water=False)
    content = page(client, address("unit_publish", unit.pk))
    assert "<li>une photo visible du public</li>" in content
    assert "<li>la surface</li>" not in content
    assert "<li>le point d’eau</li>" not in content


def test_before_it_is_shown_the_page_names_the_closed_files_that_speak_of_it(client, advisor, unit):
    Unit.objects.update(availability="yes", floor_area_m2=40)
    assert "Vérifiez d’abord la surface" not in page(client, address("unit_publish", unit.pk))
    for name, licence in (("LOCOMVAC 2025", ""), ("Relevé ouvert", "Licence Ouverte 2.0")):
        source = UnitSource.objects.create(territory=unit.territory, name=name, licence=licence)
        UnitReference.objects.create(unit=unit, source=source, commune=unit.commune, reference="1")
    content = page(client, address("unit_publish", unit.pk))
    shown = [words in content for words in ("Vérifiez d’abord la surface", "LOCOMVAC 2025", "Relevé ouvert")]
    assert shown == [True, True, False]


def test_a_unit_is_shown_to_the_public_then_withdrawn_however_often_it_is_asked(client, advisor, unit):
    Unit.objects.update(availability="yes")
    for _ in range(2):
        assert client.post(address("unit_publish", unit.pk)).status_code == 302
    assert Unit.objects.on_offer().count() == 1
    for _ in range(2):
        assert client.post(address("unit_withdraw", unit.pk)).status_code == 302
    assert Unit.objects.on_offer().count() == 0


# --- its end ---------------------------------------------------------------------------------------------------------


def test_a_unit_is_closed_once(client, advisor, unit):
    for because in ("demolished", "merged"):
        client.post(address("unit_close", unit.pk), {"because": because, "on": "2026-01-05"})
    assert kept(unit, "closed_on", "closed_because") == (date(2026, 1, 5), "demolished")


def test_a_unit_is_not_closed_to_come(client, advisor, unit):
    typed = {"because": "demolished", "on": timezone.localdate() + timedelta(days=1)}
    answer = client.post(address("unit_close", unit.pk), typed)
    assert (answer.status_code, kept(unit, "closed_on")) == (422, (None,))


def test_a_unit_is_divided_once_and_its_parts_remember_it(client, advisor, unit):
    for _ in range(2):
        client.post(address("unit_split", unit.pk), {"doors": "porte A\r\nporte B\r\n", "on": "2026-01-05"})
    assert sorted(unit.parts.values_list("door", flat=True)) == ["porte A", "porte B"]
    assert kept(unit, "closed_because") == ("split",)


def test_a_unit_is_not_divided_in_one(client, advisor, unit):
    answer = client.post(address("unit_split", unit.pk), {"doors": "porte A", "on": "2026-01-05"})
    assert (answer.status_code, unit.parts.count()) == (422, 0)
    assert "porte A" in answer.content.decode()


@pytest.mark.parametrize("name", ["unit_state", "unit_publish"])
def test_what_is_no_more_changes_no_more(client, advisor, unit, name):
    Unit.objects.update(closed_on=date(2026, 1, 5), closed_because="demolished", availability="yes")
    answer = client.post(address(name, unit.pk), {"state": "occupied"})
    assert (answer.status_code, kept(unit, "state", "published_at")) == (422, ("unknown", None))


# --- who may ---------------------------------------------------------------------------------------------------------

OF_A_UNIT = ("unit_state", "unit_follow", "unit_note", "unit_publish", "unit_withdraw", "unit_close", "unit_split")
FILES = ("unit_photo_add", "unit_document_add")


@pytest.mark.parametrize("name", [*OF_A_UNIT, *FILES])
def test_a_reader_does_nothing(client, login_as, unit, name):
    login_as(Role.READER, unit.territory)
    assert client.post(address(name, unit.pk), {"text": "…", "state": "vacant"}).status_code == 403


@pytest.mark.parametrize("name", [*OF_A_UNIT, *FILES])
def test_a_unit_of_another_territory_does_not_exist(client, login_as, unit, name):
    login_as(Role.ADVISOR, TerritoryFactory())
    assert client.post(address(name, unit.pk), {"text": "…", "state": "vacant"}).status_code == 404


@pytest.mark.parametrize("name", ["unit_photo", "unit_photo_change", "unit_photo_remove"])
def test_a_photo_of_another_territory_does_not_exist(client, login_as, photos, name):
    login_as(Role.ADVISOR, TerritoryFactory())
    assert (client.get(address(name, photos[0].pk)).status_code in (404, 405), UnitPhoto.objects.count()) == (True, 2)
    assert client.post(address(name, photos[0].pk)).status_code in (404, 405)
    assert UnitPhoto.objects.count() == 2


# --- twice at the same instant ---------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_button_pressed_twice_at_the_same_instant_writes_once(unit):
    user = UserFactory(advisor=True, territory=unit.territory)
    press(
        (address("unit_follow", unit.pk), {"step": "ongoing:visit", "note": "Jeudi"}),
        (address("unit_note", unit.pk), {"text": "Clé chez le gardien"}),
        (address("unit_split", unit.pk), {"doors": "porte A\nporte B", "on": "2026-01-05"}),
        user=user,
    )
    assert (UnitNote.objects.count(), unit.parts.count()) == (1, 2)
    assert FollowUp.objects.filter(note="Jeudi").count() <= 1  # none when the unit was divided first


@pytest.mark.django_db(transaction=True)
def test_two_photos_put_first_at_the_same_instant_stand_in_an_order(unit, photos):
    user = UserFactory(advisor=True, territory=unit.territory)
    first = {"description": "La vitrine", "is_first": "on"}
    statuses = press(*((address("unit_photo_change", photo.pk), first) for photo in photos), user=user)
    assert (set(statuses), sorted(unit.photos.values_list("position", flat=True))) == ({302}, [0, 1])
