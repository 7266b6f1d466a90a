import shutil
import subprocess
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import hypothesis
import ics
import pytest
from hypothesis.strategies import text
from icalendar import Calendar

from coopconnexion import calendars

PARIS = ZoneInfo("Europe/Paris")
STAMP = datetime(2027, 3, 1, 8, 0, tzinfo=PARIS)
APRIL = datetime(2027, 4, 1, 9, 30, tzinfo=PARIS)  # four days after the clocks went forward
NOVEMBER = datetime(2027, 11, 4, 9, 30, tzinfo=PARIS)  # four days after they went back
MARCH = datetime(2027, 3, 4, 9, 30, tzinfo=PARIS)
VALUES = {
    "uid": "3e8f@coopconnexion.example",
    "sequence": 0,
    "stamp": STAMP,
    "starts_at": APRIL,
    "ends_at": APRIL + timedelta(minutes=45),
    "summary": "Rendez-vous avec Zoé Müller, à La Fabrique ; « projet »",
    "location": "La Fabrique, 6 rue Sadi-Carnot, 62400 Béthune",
    "description": "Apportez :\nune pièce d’identité, un CV ; c’est tout.\nÀ bientôt \\ et " + "é" * 200,
    "url": "https://coopconnexion.example/permanences/r/" + "a" * 60 + "/",
}
PEOPLE = {
    "organizer": ("CoopConnexion", "contact@coopconnexion.example"),
    "attendee": ("Zoé Müller", "zoe@example.org"),
}


def invitation(method="REQUEST", **values) -> bytes:
    return calendars.invitation(method=method, **{**VALUES, **PEOPLE, **values})


@pytest.fixture
def khal(tmp_path):
    """A real calendar program with an empty calendar; ``khal(bytes)`` imports and lists what it then shows."""
    if not shutil.which("khal"):
        pytest.skip("khal is not installed")
    config = tmp_path / "config"
    config.write_text(
        f"[calendars]\n[[test]]\npath = {tmp_path}/vdir\n[locale]\nlocal_timezone = Europe/Paris\n"
        "default_timezone = Europe/Paris\ntimeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
        "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
        f"[sqlite]\npath = {tmp_path}/khal.db\n[default]\ndefault_calendar = test\n"
    )
    (tmp_path / "vdir").mkdir()

    def run(*args) -> str:
        command = ["khal", "-c", str(config), *args]
        env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
        return subprocess.run(command, env=env, check=True, capture_output=True, text=True, timeout=30).stdout

    def read(content: bytes) -> list[str]:
        (tmp_path / "mail.ics").write_bytes(content)
        run("import", "--batch", "-a", "test", str(tmp_path / "mail.ics"))
        shown = "{start-long} {end-time} {status}{title}"
        return run("list", "--day-format", "", "--format", shown, "2027-03-01", "300d").split("\n")[:-1]

    return read


@pytest.mark.parametrize(
    ("starts_at", "offset"), [(MARCH, 1), (APRIL, 2), (NOVEMBER, 1), (datetime(2027, 10, 7, 9, 30, tzinfo=PARIS), 2)]
)
def test_an_invitation_says_the_same_time_to_every_reader(starts_at, offset):
    content = invitation(starts_at=starts_at, ends_at=starts_at + timedelta(minutes=45))
    (event,) = Calendar.from_ical(content).events
    assert (event.start, event.end) == (starts_at, starts_at + timedelta(minutes=45))
    assert event.start.utcoffset() == timedelta(hours=offset)
    assert f"DTSTART;TZID=Europe/Paris:{starts_at:%Y%m%dT%H%M%S}".encode() in content
    (event,) = ics.Calendar(content.decode()).events
    assert (event.begin.datetime, event.end.datetime) == (starts_at, starts_at + timedelta(minutes=45))


def test_accents_commas_and_lines_come_out_as_they_went_in():
    content = invitation()
    (event,) = Calendar.from_ical(content).events
    assert {field: str(event[field]) for field in ("summary", "location", "description", "url")} == {
        field: VALUES[field] for field in ("summary", "location", "description", "url")
    }
    assert event["organizer"] == "mailto:contact@coopconnexion.example"
    assert (event["attendee"], event["attendee"].params["CN"]) == ("mailto:zoe@example.org", "Zoé Müller")
    (event,) = ics.Calendar(content.decode()).events
    assert (event.name, event.location, event.description) == (
        VALUES["summary"],
        VALUES["location"],
        VALUES["description"],
    )


def test_every_line_holds_75_octets_at_most_and_ends_as_the_standard_says():
    content = invitation(summary="é" * 300)
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    assert b"\n" not in content.replace(b"\r\n", b"")
    content.decode()  # no character is cut in two


def test_the_time_zone_is_in_the_file_and_small():
    content = invitation()
    assert content.count(b"BEGIN:VTIMEZONE") == 1
    assert len(content) < 2500
    (zone,) = Calendar.from_ical(content).timezones
    for day in (MARCH, APRIL, NOVEMBER, datetime(2027, 3, 28, 3, 30, tzinfo=PARIS)):
        naive = day.replace(tzinfo=None)
        assert zone.to_tz(lookup_tzid=False).utcoffset(naive) == day.utcoffset()


def test_the_same_input_gives_the_same_bytes():
    assert invitation() == invitation()


def test_a_name_cannot_break_out_of_its_line():
    content = invitation(attendee=('Zoé "Zo";CN=X\r\nSUMMARY:piège', "zoe@example.org"))
    (event,) = Calendar.from_ical(content).events
    assert (str(event["summary"]), event["attendee"]) == (VALUES["summary"], "mailto:zoe@example.org")


@pytest.mark.parametrize(("method", "status"), [("REQUEST", "CONFIRMED"), ("CANCEL", "CANCELLED")])
def test_the_method_tells_programs_what_to_do(method, status):
    calendar = Calendar.from_ical(invitation(method, sequence=3))
    (event,) = calendar.events
    assert (calendar["method"], event["status"], event["sequence"], event["uid"]) == (method, status, 3, VALUES["uid"])
    assert event["dtstamp"].dt == STAMP


def test_khal_follows_an_appointment_through_its_move_and_its_cancellation(khal):
    assert khal(invitation()) == [f"2027-04-01 09:30 10:15 CONFIRMED {VALUES['summary']}"]
    moved = {"starts_at": NOVEMBER, "ends_at": NOVEMBER + timedelta(minutes=45)}
    assert khal(invitation(sequence=1, **moved)) == [f"2027-11-04 09:30 10:15 CONFIRMED {VALUES['summary']}"]
    assert khal(invitation("CANCEL", sequence=2, **moved)) == [f"2027-11-04 09:30 10:15 CANCELLED {VALUES['summary']}"]


def test_a_feed_holds_every_entry_and_tells_which_are_off(khal):
    entry = calendars.Entry(**VALUES)
    other = replace(entry, uid="other", starts_at=NOVEMBER, ends_at=NOVEMBER + timedelta(hours=3), cancelled=True)
    content = calendars.feed(name="Permanences, Béthune", entries=[entry, other])
    calendar = Calendar.from_ical(content)
    assert (calendar["method"], str(calendar["x-wr-calname"])) == ("PUBLISH", "Permanences, Béthune")
    assert [(str(event["uid"]), event["status"]) for event in calendar.events] == [
        (VALUES["uid"], "CONFIRMED"),
        ("other", "CANCELLED"),
    ]
    assert len(ics.Calendar(content.decode()).events) == 2
    assert khal(content) == [
        f"2027-04-01 09:30 10:15 CONFIRMED {VALUES['summary']}",
        f"2027-11-04 09:30 12:30 CANCELLED {VALUES['summary']}",
    ]


def test_an_empty_feed_is_still_a_calendar():
    assert Calendar.from_ical(calendars.feed(name="Permanences", entries=[])).events == []


@hypothesis.settings(max_examples=100, deadline=None)
@hypothesis.given(summary=text(max_size=200), description=text(max_size=200), name=text(max_size=50))
def test_whatever_people_type_both_readers_understand_the_file(summary, description, name):
    content = invitation(summary=summary, description=description, attendee=(name, "zoe@example.org"))
    (event,) = Calendar.from_ical(content).events
    assert event["attendee"] == "mailto:zoe@example.org"
    assert event.start == APRIL
    assert str(event["summary"]).split() == calendars._clean(summary).split()
    assert len(ics.Calendar(content.decode()).events) == 1
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
