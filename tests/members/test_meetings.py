from datetime import UTC, date, datetime, timedelta
from threading import Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.enums import Role
from members import services
from members.enums import Attendance, MeetingMode
from members.models import AdviceMeeting, MeetingParticipant
from tests.conftest import count_queries, page
from tests.factories import (
    AdviceMeetingFactory,
    MeetingParticipantFactory,
    MemberFactory,
    PersonFactory,
    TerritoryFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

AT = datetime(2026, 6, 15, 9, tzinfo=UTC)
HELD = AT - timedelta(days=1)
COMING = AT + timedelta(days=30)
SECRET = "Difficultés de trésorerie"
LIST = "members_staff:meeting_list"


@pytest.fixture
def territory():
    return TerritoryFactory()


@pytest.fixture
def advisor(login_as, territory):
    return login_as(Role.ADVISOR, territory)


@pytest.fixture
def member(territory):
    return MemberFactory(territory=territory, person=PersonFactory(first_name="Aïcha", last_name="Benali"))


def address(name, row) -> str:
    return reverse(f"members_staff:{name}", args=[row.pk])


def record(member, advisor, **values) -> AdviceMeeting:
    told = {"members": [member], "advisors": [advisor], "held_at": HELD, "by": advisor, "at": AT, "topics": SECRET}
    return services.record_meeting(**(told | values))


def typed(**values) -> dict:
    told = {"held_at": "2026-06-14T11:00", "mode": "phone", "attendance": "present", "topics": SECRET}
    return told | values


def errors(response) -> dict[str, list[str]]:
    return {name: [error.code for error in found] for name, found in response.context["form"].errors.as_data().items()}


def seats(meeting) -> dict[str, str]:
    found = meeting.participations.select_related("member__person")
    return {seat.member.person.last_name: seat.attendance for seat in found}


# --- recording -------------------------------------------------------------------------------------------------------


def test_a_meeting_with_several_members_plans_the_next_one(client, advisor, member, territory):
    other = MemberFactory(territory=territory, person=PersonFactory(first_name="Bruno", last_name="Carlier"))
    third = MemberFactory(territory=territory, person=PersonFactory(first_name="Chloé", last_name="Dubois"))
    told = typed(
        advisors=[advisor.pk],
        others=f"bruno carlier, {third.reference}",
        minutes="45",
        financed_action="FSE 2026",
        next_at="2026-12-24T09:30",
    )
    response = client.post(address("meeting_add", member), told)
    following, meeting = AdviceMeeting.objects.order_by("-held_at")
    everybody = ["Benali", "Carlier", "Dubois"]
    assert response.url == address("meeting", meeting)
    assert seats(meeting) == dict.fromkeys(everybody, Attendance.PRESENT)
    assert (meeting.mode, meeting.minutes, meeting.topics) == (MeetingMode.PHONE, 45, SECRET)
    assert (list(meeting.advisors.all()), meeting.recorded_by, meeting.is_shared) == ([advisor], advisor, False)
    assert timezone.localtime(following.held_at).isoformat() == "2026-12-24T09:30:00+01:00"
    assert (seats(following), following.topics, following.is_shared, following.is_open_to_team) == (
        dict.fromkeys(everybody, Attendance.EXPECTED),
        "",
        False,
        False,
    )
    assert (list(following.advisors.all()), other.pk != third.pk) == ([advisor], True)


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        pytest.param({"held_at": "1900-01-01T10:00"}, {"held_at": ["meeting_implausible"]}, id="in 1900"),
        pytest.param({"held_at": "2999-01-01T10:00"}, {"held_at": ["meeting_implausible"]}, id="in a thousand years"),
        pytest.param({"held_at": "demain"}, {"held_at": ["invalid"]}, id="not a date"),
        pytest.param({"held_at": "soon"}, {"attendance": ["attendance_to_come"]}, id="present at a meeting to come"),
        pytest.param({"next_at": "2026-06-14T10:00"}, {"next_at": ["next_before"]}, id="the next one comes before"),
        pytest.param({"advisors": []}, {"advisors": ["required"]}, id="nobody led it"),
        pytest.param({"advisors": "reader"}, {"advisors": ["invalid_choice"]}, id="led by who does not advise there"),
        pytest.param({"minutes": "900"}, {"minutes": ["max_value"]}, id="fifteen hours"),
        pytest.param({"others": "Zoé Inconnue"}, {"others": ["member_unknown"]}, id="a member nobody knows"),
        pytest.param({"others": "M999999999"}, {"others": ["member_unknown"]}, id="a reference nobody bears"),
        pytest.param({"others": "foreign"}, {"others": ["member_unknown"]}, id="a member of another territory"),
        pytest.param({"others": "Camille Petit"}, {"others": ["member_ambiguous"]}, id="two members of one name"),
        pytest.param({"topics": "x" * 20_001}, {"topics": ["max_length"]}, id="too long"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_written(
    client, advisor, member, territory, values, refused
):
    for _ in range(2):
        MemberFactory(territory=territory, person=PersonFactory(first_name="Camille", last_name="Petit"))
    meant = {
        "soon": f"{timezone.localdate() + timedelta(days=9)}T10:00",
        "foreign": MemberFactory().reference,
        "reader": [UserFactory(reader=True, territory=territory).pk],
    }
    told = {name: meant.get(value, value) if isinstance(value, str) else value for name, value in values.items()}
    response = client.post(address("meeting_add", member), typed(advisors=[advisor.pk]) | told)
    assert (response.status_code, errors(response)) == (422, refused)
    assert AdviceMeeting.objects.count() == 0


@pytest.mark.parametrize(
    ("values", "code"),
    [({"members": []}, "participant_missing"), ({"advisors": []}, "advisor_missing")],
)
def test_a_meeting_needs_people_on_both_sides(member, values, code):
    with pytest.raises(ValidationError) as refusal:
        record(member, UserFactory(), **values)
    found = [each.code for each in getattr(refusal.value, "error_dict", {}).get("advisors", [])] or [refusal.value.code]
    assert (found, AdviceMeeting.objects.count()) == ([code], 0)


def test_a_planned_meeting_expects_its_people_or_knows_them_excused(advisor, member):
    meeting = record(member, advisor, held_at=COMING)
    seat = meeting.participations.get()
    with pytest.raises(ValidationError) as refusal:
        services.note_attendance(participant=seat, attendance=Attendance.PRESENT, at=AT)
    assert refusal.value.code == "attendance_to_come"
    noted = services.note_attendance(participant=seat, attendance=Attendance.EXCUSED, at=AT)
    assert noted.attendance == Attendance.EXCUSED


# --- changing --------------------------------------------------------------------------------------------------------


def change(client, meeting, **values):
    form = client.get(address("meeting_change", meeting)).context["form"]
    told = {field.html_name: field.value() for field in form if field.value() not in (None, "", False)}
    told["held_at"] = told["held_at"].strftime("%Y-%m-%dT%H:%M")
    return client.post(address("meeting_change", meeting), told | values)


def test_the_report_is_written_and_people_change(client, advisor, member, territory):
    gone = MemberFactory(territory=territory, person=PersonFactory(last_name="Carlier"))
    added = MemberFactory(territory=territory, person=PersonFactory(last_name="Dubois"))
    meeting = record(member, advisor, members=[member, gone])
    told = {f"presence_{member.pk}": "present", f"presence_{gone.pk}": "removed", "others": added.reference}
    response = change(client, meeting, notes="Revoir le budget", is_shared="on", **told)
    meeting.refresh_from_db()
    assert response.status_code == 302
    assert (meeting.notes, meeting.is_shared, meeting.topics) == ("Revoir le budget", True, SECRET)
    assert seats(meeting) == {"Benali": Attendance.PRESENT, "Dubois": Attendance.EXPECTED}


def test_a_meeting_keeps_at_least_one_participant(client, advisor, member):
    meeting = record(member, advisor)
    response = change(client, meeting, **{f"presence_{member.pk}": "removed"})
    assert (response.status_code, list(errors(response))) == (422, ["__all__"])
    assert "garde au moins un membre" in response.content.decode()
    assert seats(meeting) == {"Benali": Attendance.EXPECTED}


def test_nobody_was_present_at_a_meeting_moved_to_a_day_to_come(client, advisor, member):
    meeting = record(member, advisor, attendance=Attendance.PRESENT)
    coming = f"{timezone.localdate() + timedelta(days=9)}T10:00"
    response = change(client, meeting, held_at=coming)
    assert (response.status_code, errors(response)) == (422, {f"presence_{member.pk}": ["attendance_to_come"]})
    meeting.refresh_from_db()
    assert meeting.held_at == HELD


def test_a_participant_of_another_territory_is_neither_shown_nor_lost(client, advisor, member):
    stranger = MemberFactory(person=PersonFactory(first_name="Paul", last_name="Ailleurs"))
    meeting = record(member, advisor, members=[member, stranger])
    assert "Ailleurs" not in page(client, address("meeting", meeting))
    assert change(client, meeting, notes="Suite").status_code == 302
    assert set(seats(meeting)) == {"Benali", "Ailleurs"}


def test_two_who_change_one_meeting_do_not_overwrite_each_other(client, advisor, member):
    meeting = record(member, advisor)
    form = client.get(address("meeting_change", meeting)).context["form"]
    told = {field.html_name: field.value() for field in form if field.value() not in (None, "", False)}
    told["held_at"] = told["held_at"].strftime("%Y-%m-%dT%H:%M")
    AdviceMeeting.objects.update(notes="De Camille")
    response = client.post(address("meeting_change", meeting), told | {"notes": "De moi"})
    meeting.refresh_from_db()
    assert (response.status_code, meeting.notes) == (422, "De Camille")
    assert "De Camille" in response.content.decode()


def test_a_meeting_is_removed_and_its_history_remembers(client, advisor, member):
    meeting = record(member, advisor)
    client.post(address("meeting_remove", meeting))
    history = AdviceMeeting.history.rel.related_model.objects.filter(pgh_obj_id=meeting.pk)
    assert (AdviceMeeting.objects.count(), history.last().topics) == (0, SECRET)


# --- who came --------------------------------------------------------------------------------------------------------


def test_one_click_notes_who_came(client, advisor, member):
    seat = MeetingParticipantFactory(member=member)
    response = client.post(address("meeting_attendance", seat), {"attendance": "absent"})
    seat.refresh_from_db()
    assert (response.url, seat.attendance) == (address("meeting", seat.meeting), Attendance.ABSENT)


def test_a_click_that_says_nothing_changes_nothing(client, advisor, member):
    seat = MeetingParticipantFactory(member=member)
    response = client.post(address("meeting_attendance", seat), {"attendance": "asleep"}, follow=True)
    seat.refresh_from_db()
    assert (seat.attendance, [str(each) for each in response.context["messages"]]) == (
        Attendance.EXPECTED,
        ["Choisissez une présence."],
    )


def test_too_early_a_click_is_refused(client, advisor, member):
    seat = MeetingParticipantFactory(member=member, meeting__held_at=timezone.now() + timedelta(days=3))
    response = client.post(address("meeting_attendance", seat), {"attendance": "present"}, follow=True)
    assert "n’a pas encore eu lieu" in str(next(iter(response.context["messages"])))


def test_a_participant_of_another_territory_is_out_of_reach(client, advisor, member):
    seat = MeetingParticipantFactory()
    MeetingParticipantFactory(member=member, meeting=seat.meeting)
    assert client.post(address("meeting_attendance", seat), {"attendance": "absent"}).status_code == 404


def test_the_home_lists_the_meetings_one_led_of_which_nobody_noted_who_came(client, advisor, member):
    led = record(member, advisor)
    noted = record(member, advisor, held_at=HELD - timedelta(days=3), attendance=Attendance.PRESENT)
    of_another = record(member, UserFactory(advisor=True, territory=member.territory), by=None)
    coming = record(member, advisor, held_at=timezone.now() + timedelta(days=3), at=timezone.now())
    content = page(client, reverse("admin:index"))
    assert [address("meeting", each) in content for each in (led, noted, of_another, coming)] == [
        True,
        False,
        False,
        False,
    ]


# --- the list --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, {"Benali", "Carlier"}),
        ({"q": "aicha ben"}, {"Benali"}),
        ({"q": "reference"}, {"Benali"}),
        ({"q": "personne"}, set()),
        ({"advisor": "me"}, {"Benali"}),
        ({"since": "2026-06-01"}, {"Benali"}),
        ({"until": "2026-05-31"}, {"Carlier"}),
        ({"since": "2026-06-14", "until": "2026-06-14"}, {"Benali"}),
        ({"to_note": "on"}, {"Carlier"}),
    ],
)
def test_the_list_and_its_exports_are_filtered_alike(client, advisor, member, territory, query, found):
    other = MemberFactory(territory=territory, person=PersonFactory(first_name="Bruno", last_name="Carlier"))
    record(member, advisor, attendance=Attendance.PRESENT)
    record(other, UserFactory(), by=None, held_at=datetime(2026, 5, 31, 21, 59, tzinfo=UTC))
    meant = {"me": advisor.pk, "reference": member.reference}
    asked = {name: meant.get(value, value) for name, value in query.items()}
    rows = client.get(reverse(LIST), asked).context["rows"]
    export = b"".join(client.get(reverse(LIST), asked | {"format": "csv"}).streaming_content).decode()
    sheet = b"".join(client.get(reverse(LIST), asked | {"format": "xlsx"}).streaming_content)
    assert {seat.member.person.last_name for meeting, _, _ in rows for seat in meeting.seats} == found
    assert {name for name in ("Benali", "Carlier") if name in export} == found
    assert sheet[:4] == b"PK\x03\x04"


def test_a_period_that_ends_before_it_starts_is_told(client, advisor, member):
    response = client.get(reverse(LIST), {"since": "2026-06-02", "until": "2026-06-01"})
    assert errors(response) == {"until": ["period_reversed"]}


def test_an_empty_list_says_so(client, advisor):
    assert "Aucun rendez-vous" in page(client, reverse(LIST))


@pytest.mark.parametrize("name", ["list", "member", "home"])
def test_pages_take_the_same_queries_for_one_meeting_and_for_three(client, advisor, member, name):
    url = {"list": reverse(LIST), "member": address("member", member), "home": reverse("admin:index")}[name]
    record(member, advisor)
    one = count_queries(client, url)
    for days in (2, 3):
        other = MemberFactory(territory=member.territory)
        record(member, advisor, members=[member, other], held_at=HELD - timedelta(days=days))
    assert count_queries(client, url) == one


def test_a_member_sits_once_at_a_meeting(member):
    meeting = AdviceMeetingFactory()
    services.correct_meeting(
        meeting=meeting, advisors=[UserFactory()], held_at=HELD, by=None, at=AT, attendances={}, added=[member, member]
    )
    assert MeetingParticipant.objects.count() == 1


def test_dates_are_told_by_their_local_day(client, advisor, member):
    record(member, advisor, held_at=datetime(2026, 6, 13, 22, 30, tzinfo=UTC))  # half past midnight in Paris
    rows = client.get(reverse(LIST), {"since": date(2026, 6, 14)}).context["rows"]
    assert len(rows) == 1


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_at_once_makes_one_meeting_and_one_next(member):
    advisor = UserFactory(advisor=True, territory=member.territory)

    def send():
        try:
            record(member, advisor, next_at=COMING)
        finally:
            connection.close()

    threads = [Thread(target=send) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(AdviceMeeting.objects.values_list("held_at", flat=True)) == [HELD, COMING]


def test_another_meeting_at_the_same_hour_is_another_meeting(advisor, member):
    record(member, advisor)
    record(member, advisor, topics="Autre chose")
    record(MemberFactory(territory=member.territory), advisor)
    assert AdviceMeeting.objects.count() == 3
