"""Who came: noted by a tap, by a code, or at once; sheets, certificates, the table."""

import csv
import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from pikepdf import Pdf

from coopconnexion import pdf
from events import services
from events.documents.presence import sessions_to_note
from events.enums import Outcome
from events.models import Attendance, EventSession, Registration
from tests.conftest import count_queries, page
from tests.factories import EventFactory, RegistrationFactory, TerritoryFactory, UserFactory

pytestmark = pytest.mark.django_db
needs_pango = pytest.mark.skipif(not pdf.is_available(), reason="Pango is missing")


@pytest.fixture
def territory():
    return TerritoryFactory()


@pytest.fixture
def advisor(client, territory):
    user = UserFactory(advisor=True, territory=territory)
    client.force_login(user)
    return user


@pytest.fixture
def event(territory):
    """One that began an hour ago and goes on for one more."""
    return EventFactory(territory=territory, title="Fixer ses prix", starts_at=timezone.now() - timedelta(hours=1))


@pytest.fixture
def session(event):
    return event.sessions.get()


@pytest.fixture
def registration(event):
    return RegistrationFactory(event=event, organisation_name="Le Potager")


def note(registration, session, outcome=Outcome.ATTENDED, *, at=None):
    return services.note_attendance(
        registration=registration, session=session, outcome=outcome, by=None, at=at or timezone.now()
    )


def refused(call):
    with pytest.raises(ValidationError) as refusal:
        call()
    return refusal.value.code


def address(name, *args, **kwargs):
    return reverse(f"events_staff:{name}", args=args, kwargs=kwargs)


# --- noted -----------------------------------------------------------------------------------------------------------


def test_a_presence_is_noted_changed_and_cleared(registration, session):
    assert note(registration, session).outcome == "attended"
    assert note(registration, session, Outcome.EXCUSED).outcome == "excused"
    assert Attendance.objects.count() == 1
    assert note(registration, session, "") is None
    assert not Attendance.objects.exists()


def test_the_same_tap_twice_keeps_the_first_hour(registration, session):
    at = timezone.now()
    note(registration, session, at=at)
    assert note(registration, session, at=at + timedelta(minutes=5)).noted_at == at


def test_an_arrival_is_noted_an_hour_before_and_an_absence_once_it_began(registration, session):
    start = session.starts_at
    assert refused(lambda: note(registration, session, at=start - timedelta(minutes=61))) == "not_begun"
    assert note(registration, session, at=start - timedelta(minutes=60)) is not None
    early = start - timedelta(minutes=1)
    assert refused(lambda: note(registration, session, Outcome.ABSENT, at=early)) == "not_begun"


def test_what_cannot_be_noted_is_refused(registration, session):
    other = EventFactory(starts_at=session.starts_at).sessions.get()
    gone = RegistrationFactory(event=registration.event, left_at=timezone.now(), withdrawn_by="participant")
    assert refused(lambda: note(registration, other)) == "other_event"
    assert refused(lambda: note(gone, session)) == "registration_over"
    assert refused(lambda: note(registration, session, "maybe")) == "unknown_outcome"
    EventSession.objects.filter(pk=session.pk).update(cancelled_at=timezone.now())
    session.refresh_from_db()
    assert refused(lambda: note(registration, session)) == "session_cancelled"


def test_who_waited_and_came_is_there_and_takes_no_place(event, session):
    event.capacity = 1
    event.save()
    RegistrationFactory(event=event)
    waiting = RegistrationFactory(event=event, waiting=True, held_at=timezone.now())
    assert refused(lambda: note(waiting, session, Outcome.ABSENT)) == "no_place"
    note(waiting, session)
    waiting.refresh_from_db()
    assert (waiting.is_seated, waiting.channel) == (True, "on_site")


def test_all_are_noted_present_but_those_already_noted(registration, event, session):
    absent = RegistrationFactory(event=event)
    note(absent, session, Outcome.ABSENT)
    RegistrationFactory(event=event, waiting=True)
    at = timezone.now()
    assert services.note_all_present(session=session, by=None, at=at) == 1
    assert services.note_all_present(session=session, by=None, at=at) == 0
    assert sorted(Attendance.objects.values_list("outcome", flat=True)) == ["absent", "attended"]
    assert refused(
        lambda: services.note_all_present(session=session, by=None, at=session.starts_at - timedelta(minutes=1))
    ) == ("not_begun")


def test_a_session_waits_for_its_list_until_everybody_is_noted(registration, session):
    after = session.ends_at
    assert list(sessions_to_note(after)) == [session]
    assert not sessions_to_note(after - timedelta(minutes=1)).exists()
    note(registration, session)
    assert not sessions_to_note(after).exists()


# --- pages -----------------------------------------------------------------------------------------------------------


def test_the_host_notes_by_one_tap_and_comes_back_to_the_person(client, advisor, registration, session):
    assert "Présent·e" in page(client, address("presence", session.pk))
    response = client.post(address("presence_note", session.pk, registration.pk), {"outcome": "attended"})
    assert response.url.endswith(f"#inscription-{registration.pk}")
    assert Attendance.objects.get().noted_by == advisor
    client.post(address("presence_all", session.pk))
    assert Attendance.objects.count() == 1


def test_a_refusal_names_the_person(client, advisor, registration, session):
    EventSession.objects.filter(pk=session.pk).update(cancelled_at=timezone.now())
    response = client.post(address("presence_note", session.pk, registration.pk), {"outcome": "attended"}, follow=True)
    assert f"{registration.person}\u202f: Cette séance est annulée." in response.content.decode()


def test_the_list_takes_the_same_queries_for_one_person_and_for_four(client, advisor, registration, event, session):
    one = count_queries(client, address("presence", session.pk))
    RegistrationFactory.create_batch(3, event=event)
    assert count_queries(client, address("presence", session.pk)) == one


def test_the_person_of_another_event_is_not_noted_here(client, advisor, session, territory):
    other = RegistrationFactory(event__territory=territory)
    assert client.post(address("presence_note", session.pk, other.pk), {"outcome": "attended"}).status_code == 404


def test_a_reader_looks_and_notes_nothing(client, registration, session, territory):
    client.force_login(UserFactory(reader=True, territory=territory))
    assert "Absent·e" not in page(client, address("presence", session.pk))
    assert (
        client.post(address("presence_note", session.pk, registration.pk), {"outcome": "attended"}).status_code == 403
    )


def test_missing_lists_are_listed(client, advisor, territory):
    old = RegistrationFactory(event__territory=territory, event__starts_at=timezone.now() - timedelta(days=2))
    RegistrationFactory(event__starts_at=timezone.now() - timedelta(days=2), event__title="Ailleurs")
    content = page(client, address("presence_list"))
    assert address("presence", old.event.sessions.get().pk) in content
    assert "Ailleurs" not in content


# --- codes -----------------------------------------------------------------------------------------------------------


def test_a_code_shows_who_it_is_and_notes_by_one_tap(client, advisor, registration, session):
    url = address("presence_by_code", code=registration.code)
    assert str(registration.person) in page(client, url)
    assert not Attendance.objects.exists()
    assert "est présent·e" in client.post(url, follow=True).content.decode()
    assert "Déjà noté" in page(client, url)
    client.post(url)
    assert Attendance.objects.get().session == session


def test_a_code_of_another_day_or_of_who_withdrew_says_so(client, advisor, territory):
    coming = RegistrationFactory(event__territory=territory)
    url = address("presence_by_code", code=coming.code)
    assert "Aucune séance n’a lieu en ce moment" in page(client, url)
    client.post(url)
    assert not Attendance.objects.exists()
    Registration.objects.filter(pk=coming.pk).update(left_at=timezone.now(), withdrawn_by="participant")
    assert "s’était désistée" in page(client, url)


def test_a_code_tells_nothing_to_others(client, registration):
    url = address("presence_by_code", code=registration.code)
    assert str(registration.person) not in client.get(url).content.decode()
    for user in (UserFactory(), UserFactory(advisor=True, territory=TerritoryFactory())):
        client.force_login(user)
        assert client.get(url).status_code == 404
    assert client.get(address("presence_by_code", code=uuid4())).status_code == 404


# --- documents -------------------------------------------------------------------------------------------------------


@needs_pango
def test_the_sheets_have_a_page_a_session_and_are_tagged(client, advisor, registration, event):
    later = event.ends_at + timedelta(days=1)
    EventSession.objects.create(event=event, starts_at=later, ends_at=later + timedelta(hours=1))
    RegistrationFactory(event=event, person__last_name="L" * 90, organisation_name="S" * 190)
    response = client.get(address("sign_in", event.pk))
    document = Pdf.open(io.BytesIO(response.content))
    assert len(document.pages) == 2
    assert document.Root.MarkInfo.Marked
    one = client.get(address("sign_in_session", event.pk, event.sessions.in_order()[0].pk))
    assert len(Pdf.open(io.BytesIO(one.content)).pages) == 1


@needs_pango
def test_two_hundred_people_fit_on_the_sheets(client, advisor, event):
    RegistrationFactory.create_batch(200, event=event)
    response = client.get(address("sign_in", event.pk))
    assert 8 <= len(Pdf.open(io.BytesIO(response.content)).pages) <= 14


@needs_pango
def test_certificates_are_for_those_who_came(client, advisor, registration, event, session):
    assert client.get(address("certificates", event.pk)).status_code == 404
    note(registration, session)
    note(RegistrationFactory(event=event), session, Outcome.ABSENT)
    response = client.get(address("certificates", event.pk))
    assert len(Pdf.open(io.BytesIO(response.content)).pages) == 1
    assert client.get(address("certificate", event.pk, registration.pk)).status_code == 200


def test_without_pango_the_page_says_what_to_install(client, advisor, registration, event, monkeypatch):
    def missing(*args, **kwargs):
        raise pdf.PdfUnavailableError

    monkeypatch.setattr("events.documents.sheets.render_pdf", missing)
    response = client.get(address("sign_in", event.pk), follow=True)
    assert "Pango" in response.content.decode()


def test_the_table_has_a_row_per_person_and_session(client, advisor, registration, event, session):
    later = event.ends_at + timedelta(days=1)
    EventSession.objects.create(event=event, starts_at=later, ends_at=later + timedelta(hours=1))
    RegistrationFactory(event=event, waiting=True, organisation_name="=HYPERLINK(1)")
    note(registration, session)
    response = client.get(address("participants_csv", event.pk))
    lines = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig")), delimiter=";"))
    assert lines[0][-1] == "Présence"
    assert len(lines) == 5
    assert [line[-1] for line in lines if registration.person.email in line] == ["présent·e", ""]
    assert not any(cell.startswith("=") for line in lines for cell in line)
    assert client.get(address("participants_xlsx", event.pk)).getvalue()[:2] == b"PK"


def test_a_reader_takes_no_contacts_away(client, registration, event, territory):
    client.force_login(UserFactory(reader=True, territory=territory))
    content = b"".join(client.get(address("participants_csv", event.pk)).streaming_content).decode()
    assert registration.person.last_name in content
    assert registration.person.email not in content
