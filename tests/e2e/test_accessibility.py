"""axe-core on every public page, signed-in page and e-mail: nothing found, no error in the console."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.models import PersonLink, PersonMerge
from coopconnexion.notices.models import Message
from coopconnexion.notices.services import new_link
from coopconnexion.territories.models import Theme
from members.models import AdviceMeeting, ReceivedDocument
from permanences import services
from permanences.enums import CancelledBy
from permanences.models import BookingLink, WaitingLink
from projects.models import Interview, Note
from tests.factories import (
    AdviceMeetingFactory,
    BookingFactory,
    ContractFactory,
    DocumentKindFactory,
    MeetingParticipantFactory,
    MemberFactory,
    MessageFactory,
    PermanenceFactory,
    PersonFactory,
    PersonLinkFactory,
    ProjectFactory,
    ReceivedDocumentFactory,
    ScheduleFactory,
    SlotFactory,
    SlotOfferFactory,
    ThemeFactory,
    UserFactory,
    WaitingListEntryFactory,
)

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "preload": False,  # axe would write what the style sheets import into the page, which the policy refuses
}
EYES = {
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
    "phone, dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
    "desk": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "desk, dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "desk, zoomed to 200 %": {"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2},
    "zoomed to 400 %": {"viewport": {"width": 320, "height": 256}, "device_scale_factor": 4},
    "forced colours": {"viewport": {"width": 1280, "height": 900}, "forced_colors": "active"},
}


@pytest.fixture(params=EYES)
def look(request, browser, browser_context_args):
    """Open addresses at a width and in colours; return what axe or the console find."""
    context = browser.new_context(**{**browser_context_args, **EYES[request.param]})
    page = context.new_page()

    def visit(url, *, session: str = "") -> list[str]:
        context.clear_cookies()
        if session:
            origin = "{0.scheme}://{0.netloc}/".format(urlsplit(url))
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": origin}])
        found = []

        def note(message):
            if message.type == "error" and message.location["url"] != url:  # the page of a dead link is itself a 404
                found.append(f"console : {message.text}")

        page.on("console", note)
        page.goto(url)
        found += problems(page)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append("la page défile en largeur")
        page.remove_listener("console", note)
        return [f"{url} : {each}" for each in found]

    visit.page = page
    yield visit
    context.close()


def problems(page) -> list[str]:
    violations = Axe().run(page, options=RULES).response["violations"]
    return [f"{each['id']} : {node['html'][:120]}" for each in violations for node in each["nodes"]]


@pytest.fixture
def world():
    """A territory with everything a page can show."""
    ThemeFactory.create_batch(3)
    schedule = ScheduleFactory()
    place = {"schedule": schedule, "territory": schedule.territory, "venue": schedule.venue}
    day = PermanenceFactory(**place)
    booking = BookingFactory(slot=SlotFactory(permanence=day), message="Bonjour")
    SlotFactory.create_batch(3, permanence=day)
    later = timezone.localdate() + timedelta(days=20)
    full = PermanenceFactory(**place, held_on=later)
    BookingFactory(slot=SlotFactory(permanence=full), confirmed=True)
    moved = PermanenceFactory(**place, held_on=later + timedelta(days=9), moved_at=timezone.now())
    BookingFactory(slot=SlotFactory(permanence=moved), moved_at=timezone.now())
    cancelled = PermanenceFactory(**place, held_on=later + timedelta(days=5), cancelled_at=timezone.now())
    offer = SlotOfferFactory(entry=WaitingListEntryFactory(permanence=full))
    SlotOfferFactory(entry=WaitingListEntryFactory(permanence=full, person__email="", person__phone="+33612345678"))
    BookingFactory(slot=SlotFactory(permanence=day), cancelled=True, cancel_reason="Je déménage")
    past = PermanenceFactory(**place, past=True)
    BookingFactory(slot=SlotFactory(permanence=past), attended=True)
    MessageFactory(failed_at=timezone.now(), last_error="550 inconnu")
    days = {"day": day, "full": full, "moved": moved, "cancelled": cancelled, "past": past}
    return days | {"booking": booking, "offer": offer, "schedule": schedule}


def test_public_pages(live_server, look, world):
    at = timezone.now()
    expires = {"at": at, "expires_at": at + timedelta(days=30)}
    token = new_link(BookingLink, booking=world["booking"], **expires)
    waiting = new_link(WaitingLink, entry=world["offer"].entry, **expires)
    paths = [
        "/",
        reverse("site:help"),
        reverse("site:legal"),
        reverse("site:privacy"),
        reverse("site:accessibility"),
        reverse("account_login"),
        reverse("account_request_login_code"),
        reverse("account_signup"),
        reverse("account_inactive"),
        reverse("permanences:permanence_list"),
        *(
            reverse("permanences:permanence", args=[world[name].pk])
            for name in ("day", "full", "moved", "cancelled", "past")
        ),
        reverse("permanences:slot_book", args=[world["day"].pk]),
        reverse("permanences:waiting_join", args=[world["full"].pk]),
        reverse("permanences:link_request"),
        *(reverse(f"permanences:booking{action}", kwargs={"token": token}) for action in ("", "_cancel", "_move")),
        reverse("permanences:waiting_manage", kwargs={"token": waiting}),
        reverse("permanences:booking", kwargs={"token": "perdu"}),
        reverse("permanences:waiting_manage", kwargs={"token": "perdu"}),
        reverse("projects:draft_start"),
        reverse("projects:draft_resume", kwargs={"token": "perdu"}),
    ]
    assert [problem for path in paths for problem in look(live_server.url + path)] == []


def test_a_form_with_errors(live_server, look, world):
    look(f"{live_server.url}{reverse('permanences:slot_book', args=[world['day'].pk])}")
    look.page.get_by_role("button", name="Réserver").click()
    assert problems(look.page) == []


def test_pages_of_who_signed_in(live_server, look, world):
    user = UserFactory(email=world["booking"].person.email)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    paths = [
        reverse("site:my_space"),
        reverse("permanences:my_booking", args=[world["booking"].pk]),
        *(reverse(f"projects:{name}", args=[world["booking"].project_id]) for name in ("my_project", "my_pitch")),
        reverse("account_email"),
        reverse("mfa_index"),
        reverse("mfa_activate_totp"),
        reverse("mfa_list_webauthn"),
        reverse("mfa_add_webauthn"),
        reverse("usersessions_list"),
        reverse("account_logout"),
    ]
    session = session_of(user)
    assert [problem for path in paths for problem in look(live_server.url + path, session=session)] == []


def test_pages_of_the_back_office(live_server, look, world):
    paths = [
        reverse("admin:index"),
        f"{reverse('admin:search')}?q=dupont",
        *(staff("permanence", args=[world[name].pk]) for name in ("day", "full", "moved", "cancelled", "past")),
        *(staff(name) for name in ("permanence_list", "feed_list")),
        *(staff(name, args=[world["day"].pk]) for name in ("sheet", "slot_book")),
        staff("waiting_add", args=[world["full"].pk]),
        staff("booking_move", args=[world["booking"].pk]),
        reverse("site:components"),
        reverse("admin:permanences_booking_changelist"),
        reverse("admin:notices_message_changelist"),
        reverse("admin:accounts_person_change", args=[world["booking"].person_id]),
        reverse("admin:accounts_person_history", args=[world["booking"].person_id]),
        reverse("projects_staff:profile", args=[world["booking"].person_id]),
    ]
    session = session_of(UserFactory(role=Role.MANAGER))
    assert [problem for path in paths for problem in look(live_server.url + path, session=session)] == []


def test_pages_of_projects(live_server, look, world):
    project = world["booking"].project
    project.themes.add(*Theme.objects.all())
    late = timezone.localdate() - timedelta(days=3)
    ProjectFactory(territory=project.territory, touched_at=timezone.now() - timedelta(days=30), next_step_on=late)
    Interview.objects.create(project=project, held_at=timezone.now(), summary="Un local est trouvé", is_shared=True)
    Note.objects.create(project=project, text="À relancer")
    of_one = ("project", "project_change", "premises_need", "project_next_step", "project_hand_over", "interview_add")
    paths = [
        *(reverse(f"projects_staff:{name}") for name in ("board", "project_list", "project_add")),
        f"{reverse('projects_staff:project_list')}?theme=x&sans_suivi=-1",
        *(reverse(f"projects_staff:{name}", args=[project.pk]) for name in (*of_one, "note_add", "document_add")),
        *(f"{reverse('projects_staff:project_step', args=[project.pk])}?to={to}" for to in ("pool", "refused")),
    ]
    session = session_of(UserFactory(role=Role.MANAGER))
    assert [problem for path in paths for problem in look(live_server.url + path, session=session)] == []


@pytest.fixture
def member(world):
    """A member with an account, a double, documents to bring and given, and meetings held and to come."""
    twins = [PersonFactory(first_name="Zoé", last_name="Lefèvre", phone="+33612345678") for _ in range(2)]
    member = MemberFactory(person=twins[0], territory=world["day"].territory)
    PersonLinkFactory(person=twins[0])
    PersonMerge.objects.create(kept=twins[0], gone_pk=777_777, merged_at=timezone.now())
    ContractFactory(member=member)
    ReceivedDocumentFactory(member=member)
    DocumentKindFactory(label="Assurance")
    for days, notes in ((-9, "Un local est trouvé"), (9, "")):
        meeting = AdviceMeetingFactory(held_at=timezone.now() + timedelta(days=days), notes=notes, is_open_to_team=True)
        MeetingParticipantFactory(meeting=meeting, member=member)
    member.twin = twins[1]
    return member


def found_by_the_direction(live_server, look, paths) -> list[str]:
    session = session_of(UserFactory(role=Role.MANAGER))
    return [problem for path in paths for problem in look(live_server.url + path, session=session)]


def test_pages_of_people(live_server, look, member):
    person, merge = member.person, PersonMerge.objects.get()
    account = PersonLink.objects.get().user
    paths = [
        *(reverse(f"accounts_staff:{name}") for name in ("double_list", "access_list")),
        *(reverse(f"accounts_staff:{name}", args=[person.pk]) for name in ("person", "person_erase")),
        f"{reverse('accounts_staff:person_merge_choice', args=[person.pk])}?q=lefevre",
        reverse("accounts_staff:person_merge", args=[person.pk, member.twin.pk]),
        reverse("accounts_staff:person_former", args=[person.pk, merge.pk]),
        reverse("accounts_staff:account", args=[account.pk]),
    ]
    assert found_by_the_direction(live_server, look, paths) == []


def test_pages_of_documents(live_server, look, member):
    received = ReceivedDocument.objects.get()
    paths = [
        reverse("members_staff:document_missing"),
        *(reverse(f"members_staff:{name}", args=[member.pk]) for name in ("member", "document_receive")),
        reverse("members_staff:document_correct", args=[received.pk]),
    ]
    assert found_by_the_direction(live_server, look, paths) == []


def test_pages_of_meetings(live_server, look, member):
    meetings = AdviceMeeting.objects.order_by("held_at")
    paths = [
        reverse("members_staff:meeting_list"),
        reverse("members_staff:meeting_add", args=[member.pk]),
        *(reverse("members_staff:meeting", args=[meeting.pk]) for meeting in meetings),
        *(reverse("members_staff:meeting_change", args=[meeting.pk]) for meeting in meetings),
    ]
    assert found_by_the_direction(live_server, look, paths) == []


def test_pages_where_staff_plan(live_server, look, world):
    of_a_day = ("permanence_move", "permanence_cancel", "slots_close", "booking_pause")
    paths = [
        *(staff(name) for name in ("permanence_add", "schedule_list", "schedule_add")),
        *(staff(name, args=[world["day"].pk]) for name in of_a_day),
        staff("permanence_answers", args=[world["moved"].pk]),
        *(staff(name, args=[world["schedule"].pk]) for name in ("schedule_change", "schedule_dates", "closure_add")),
    ]
    session = session_of(UserFactory(role=Role.MANAGER))
    assert [problem for path in paths for problem in look(live_server.url + path, session=session)] == []


def staff(name: str, args: list | None = None) -> str:
    return reverse(f"permanences_staff:{name}", args=args)


def test_e_mails(look, world):
    at, booking = timezone.now(), world["booking"]
    services.schedule_reminders(booking=booking, at=at)
    reminder = booking.reminders.order_by("due_at").last()
    services.send_reminder(reminder_id=reminder.pk, at=reminder.due_at)
    services.send_links(email=booking.person.email, at=at)
    services.move_booking(booking=booking, slot=world["day"].slots.order_by("pk").last(), by=CancelledBy.COOP, at=at)
    services.cancel_booking(booking=booking, by=CancelledBy.COOP, at=at, reason="Travaux")
    found, messages = [], Message.objects.exclude(html="")
    for message in messages:
        look.page.set_content(message.html)
        found += [f"{message.kind} : {problem}" for problem in problems(look.page)]
    assert (messages.count(), found) == (4, [])


def session_of(user) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value
