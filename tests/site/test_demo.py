"""The demo: whole, the same on any day, and never in a database that holds anything else."""

from datetime import UTC, date, datetime

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count, F
from django.utils import timezone

from coopconnexion import pdf
from coopconnexion.accounts.doubles import possible_doubles
from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.models import Person, User
from coopconnexion.notices.models import Message
from coopconnexion.partnerships.models import Objective, Partnership
from coopconnexion.site.demo import addresses, load
from coopconnexion.site.demo.accounts import ACCOUNTS
from coopconnexion.site.demo.guard import held_data
from coopconnexion.site.demo.story import DOMAIN
from coopconnexion.territories.models import Theme
from coopconnexion.territories.rules import public_holiday
from events.models import Attendance, Event, EventSession, NetworkActor, NetworkLink, Registration
from members.careers import deadlines, with_situation
from members.enums import DeadlineKind, Situation
from members.models import (
    AdviceMeeting,
    Amendment,
    Business,
    Contract,
    IssuedDocument,
    Member,
    OutcomeInquiry,
    PublicCard,
    ReceivedDocument,
)
from permanences.models import Booking, Permanence, Slot, WaitingListEntry
from premises.enums import FollowUpStatus
from premises.models import MissingActivity, Observation, Occupancy, Provision, SurveyCampaign, Unit
from projects.documents.to_do import silence_of, silent_projects
from projects.enums import Stage
from projects.models import Handover, Integration, Project, ProjectDocument
from projects.services import why_not_undone
from tests.factories import (
    BookingFactory,
    CommuneFactory,
    MessageFactory,
    OrganisationFactory,
    PersonFactory,
    TerritoryFactory,
    ThemeFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
DAYS = [
    AT,
    datetime(2026, 12, 3, 9, 30, tzinfo=UTC),  # during a permanence
    datetime(2026, 12, 31, 23, 30, tzinfo=UTC),  # the new year has begun in Paris
    datetime(2027, 1, 1, 8, tzinfo=UTC),
    datetime(2027, 3, 28, 1, 30, tzinfo=UTC),  # the night when the hour changes
    datetime(2027, 5, 6, 8, tzinfo=UTC),  # Ascension, a first Thursday
    datetime(2028, 2, 29, 12, tzinfo=UTC),
    datetime(2032, 7, 31, 12, tzinfo=UTC),  # no first Thursday is a holiday for three years
]


@pytest.fixture
def told():
    load(at=AT)


def bookable(permanence: Permanence, at: datetime) -> int:
    return Slot.objects.bookable(at).filter(permanence=permanence).count()


@pytest.mark.parametrize("at", DAYS, ids=str)
def test_the_demo_tells_its_story_whatever_the_day(at):
    assert load(at=at)

    today = timezone.localdate(at)
    coming = Permanence.objects.filter(held_on__gt=today).in_order()
    full, free = coming.filter(territory__slug="bethune")[:2]
    assert (full.is_open_for_booking(at), bookable(full, at)) == (True, 0)
    assert WaitingListEntry.objects.waiting().filter(permanence=full).count() == 3
    assert free.is_open_for_booking(at)
    assert bookable(free, at) == 5
    moved = coming.exclude(held_on=F("planned_on"))
    assert moved.exists()
    assert all(public_holiday(each.planned_on) == each.shift_reason for each in moved)
    assert coming.exclude(cancelled_at=None).count() == 1
    assert 55 <= Member.objects.count() <= 65
    assert Project.objects.filter(integrated_on__year=2020).count() == 6
    assert Business.objects.filter(opened_on__year=2020).count() == 6
    assert set(Project.objects.values_list("stage", flat=True)) == set(Stage)
    current = Objective.objects.exclude(amendment=None).on(today)
    assert current.count() == Objective.objects.exclude(amendment=None).count() == 5


@pytest.mark.parametrize("at", DAYS[:3], ids=str)
def test_nothing_of_the_past_is_yet_to_come(at):
    load(at=at)

    assert not Booking.objects.filter(booked_at__gt=at).exists()
    assert not Booking.objects.filter(booked_at__gte=F("slot__starts_at")).exists()
    assert not Booking.objects.exclude(outcome="").filter(slot__starts_at__gt=at).exists()
    assert not Booking.objects.filter(booked_at__lt=F("project__created_at")).exists()
    assert not Project.objects.filter(created_at__gt=at).exists()
    assert not Project.objects.filter(stage_changes__changed_at__gt=at).exists()
    assert not Project.objects.filter(stage_changes__changed_at__lt=F("created_at")).exists()
    assert not Contract.objects.filter(starts_on__gt=timezone.localdate(at)).exists()
    assert not Member.objects.filter(associated_on__gt=timezone.localdate(at)).exists()


def test_the_agreement_and_its_first_objective_are_history(told):
    partnership = Partnership.objects.get()
    first = partnership.objectives.get(amendment=None)

    assert (partnership.signed_on, partnership.territory.slug) == (date(2019, 12, 16), "bethune")
    assert (first.target, first.starts_on, first.ends_on) == (6, date(2020, 1, 1), date(2021, 1, 1))
    assert Provision.objects.exclude(unit=None).count() == 2
    assert Theme.objects.active().exclude(definition="").count() == 5


def test_a_couple_shares_a_shop_and_a_member_has_two_businesses(told):
    shop = Business.objects.annotate(keepers=Count("members")).get(keepers__gt=1)
    busy = Member.objects.annotate(number=Count("businesses")).get(number__gt=1)

    assert set(shop.members.values_list("person__email", flat=True)) == {f"membre@{DOMAIN}"}
    assert {each.name for each in busy.businesses.all()} == {"Vélo Lawe", "École du cycle"}


def test_contracts_follow_one_another(told):
    kinds = set(Contract.objects.values_list("kind__key", flat=True))
    ranks = set(Contract.objects.filter(kind__key="cape").values_list("renewal_rank", flat=True))

    assert (kinds, ranks) == ({"cape", "cesa", "cdi", "cdd"}, {0, 1, 2})
    assert not Contract.objects.on(timezone.localdate(AT)).filter(member__in=Member.objects.departed()).exists()
    assert Member.objects.present().exclude(contracts__isnull=False).count() == 0


def test_past_appointments_ended_in_every_way(told):
    past = Booking.objects.filter(slot__starts_at__lt=AT)

    assert set(past.standing().values_list("outcome", flat=True)) == {"attended", "no_show", "excused", ""}
    assert past.exclude(cancelled_at=None).exists()
    assert past.standing().filter(outcome="").count() <= 6
    assert Booking.objects.unconfirmed().filter(slot__starts_at__gt=AT).count() == 3


def test_units_and_events_are_there(told):
    today = timezone.localdate(AT)

    assert Unit.objects.count() == 250
    assert not Unit.objects.filter(vacant_since__gt=today).exists()
    assert 6 <= Occupancy.objects.on(today).count() <= Unit.objects.filter(state="occupied").count()
    assert not Occupancy.objects.on(today).filter(unit__state="vacant").exists()
    assert Event.objects.upcoming(AT).count() == 5
    assert Event.objects.filter(ends_at__lt=AT).count() == 8


def test_events_have_people_and_the_network_its_links(told):
    past = Event.objects.filter(ends_at__lt=AT)
    unnoted = EventSession.objects.filter(event__in=past, attendances=None)
    waiting = Registration.objects.waiting()

    assert not past.filter(registrations=None).exists()
    assert [session.event.title for session in unnoted] == ["Se faire connaître avec peu de moyens"]
    assert waiting.count() == 3
    assert {registration.event.capacity for registration in waiting} == {12}
    assert set(Attendance.objects.values_list("outcome", flat=True)) == {"attended", "absent", "excused"}
    assert (NetworkActor.objects.count(), NetworkActor.objects.listed().count()) == (11, 9)
    assert NetworkLink.objects.of_projects().count() == 3
    assert not NetworkLink.objects.filter(happened_on__gt=timezone.localdate(AT)).exists()


def test_the_town_was_walked_twice_and_a_third_walk_goes_on(told):
    first, second, ongoing = SurveyCampaign.objects.order_by("starts_on")
    empty = [Observation.objects.filter(campaign=each, state="vacant").count() for each in (first, second)]

    assert [bool(each.closed_at) for each in (first, second, ongoing)] == [True, True, False]
    assert [each.observations.count() for each in (first, second, ongoing)] == [250, 245, 12]
    assert 25 <= empty[0] <= 60
    assert 25 <= empty[1] <= 60
    assert set(Unit.objects.values_list("followup", flat=True)) == set(FollowUpStatus)


def test_units_are_on_offer_and_wanted(told):
    offers = Unit.objects.on_offer()

    assert offers.count() == 8
    assert offers.filter(interests__withdrawn_at=None, interests__isnull=False).count() == 3
    assert not Unit.objects.on_offer().exclude(latitude__isnull=False).exists()


def test_the_inventory_has_gaps_in_three_states(told):
    today = timezone.localdate(AT)
    states = dict(MissingActivity.objects.values_list("status").annotate(Count("pk")))

    assert states == {"suspected": 1, "confirmed": 4, "in_progress": 1}
    assert MissingActivity.objects.exclude(figures=None).count() == 3
    assert MissingActivity.objects.published(today).exclude(idea="").count() == 4


def test_few_messages_leave_and_none_is_said_to_have_left(told):
    kinds = sorted(Message.objects.values_list("kind", flat=True))

    assert kinds == ["booking-confirmation", "booking-permanence_cancelled", "waiting-joined"]
    assert Message.objects.pending().count() == 3
    assert not Message.objects.exclude(to_email__endswith=f"@{DOMAIN}").exists()


def test_the_desk_of_the_day_has_something_of_everything(told):
    camille = User.objects.get(email=addresses()["conseillère"])
    integration = Integration.objects.get(integrated_by=camille)
    pair = possible_doubles(camille)[0]

    assert why_not_undone(integration, by=camille, at=AT) == []
    assert (pair.first.email, pair.first.last_name, pair.second.last_name) == (
        f"quentin.cordonnier@{DOMAIN}",
        "Cordonnier",
        "Cordonier",
    )
    assert any(silence_of(each, AT.date()).is_last for each in silent_projects(camille, AT))
    assert Handover.objects.get().to_advisor == camille
    assert set(ProjectDocument.objects.values_list("is_shared", flat=True)) == {True, False}
    assert Project.objects.filter(observers=camille).count() == 1
    assert Project.objects.archived().exists()
    assert not Project.objects.filter(next_step_on__iso_week_day__gt=5).exists()


def test_every_situation_of_a_member_has_somebody(told):
    today = timezone.localdate(AT)
    situations = with_situation(Member.objects.all(), today).values_list("situation", flat=True)
    late = {row.kind for row in deadlines(Member.objects.all(), today) if row.is_late}
    camille = User.objects.get(email=addresses()["conseillère"])

    assert set(situations) == {each.value for each in Situation if each != Situation.CANDIDATE}
    assert late == set(DeadlineKind.values)
    assert set(Amendment.objects.values_list("subject", flat=True)) == {"terms", "hours"}
    assert AdviceMeeting.objects.filter(held_at__gt=AT, participants__isnull=False).count() == 2
    assert camille.advice_meetings.unnoted(AT).count() == 1
    assert PublicCard.objects.exclude(picture="").count() == 3
    assert ReceivedDocument.objects.exclude(file="").count() == 1
    assert IssuedDocument.objects.count() == int(pdf.is_available())
    assert OutcomeInquiry.objects.unanswered(today).exists()


def test_every_account_signs_in_and_has_its_role(told):
    verified = EmailAddress.objects.filter(verified=True, primary=True).values_list("email", flat=True)
    roles = {user.email: user.roles for user in User.objects.all()}

    assert set(addresses().values()) <= set(verified)
    assert roles[addresses()["conseillère"]] == {Role.ADVISOR}
    assert roles[addresses()["directrice"]] == {Role.MANAGER}
    assert roles[addresses()["élue de Béthune"]] == {Role.OFFICIAL}
    assert roles[addresses()["lectrice"]] == {Role.READER}
    assert User.objects.get(email=addresses()["membre"]).person_links.get().person.member in Member.objects.present()
    coming = Booking.objects.standing().filter(slot__starts_at__gt=AT, person__email=addresses()["candidate"])
    assert coming.count() == 1


def test_nobody_has_an_address_or_a_phone_that_exists(told):
    assert not Person.objects.exclude(email="").exclude(email__endswith=f"@{DOMAIN}").exists()
    assert not Person.objects.exclude(phone__startswith="+3335301").exists()
    assert not Person.objects.values("name_key").annotate(rows=Count("pk")).filter(rows__gt=1).exists()
    assert Person.objects.filter(email="").count() == 1


def test_the_history_names_an_author(told):
    history = apps.get_model("members", "MemberHistory")
    authors = set(history.objects.values_list("pgh_context__metadata__user", flat=True))

    assert authors == {User.objects.get(email=addresses()["conseillère"]).pk}


def test_the_same_day_tells_the_same_story():
    assert bookings_told() == bookings_told()


def bookings_told() -> list[tuple]:
    """Load the demo, return its appointments and undo it all."""
    with transaction.atomic():
        load(at=AT)
        bookings = Booking.objects.order_by("form_token")
        rows = list(bookings.values_list("form_token", "slot__starts_at", "outcome", "person__email", "cancelled_at"))
        transaction.set_rollback(True)
    assert len(rows) > 100
    return rows


def test_loading_twice_changes_nothing(told, capsys):
    before = Booking.objects.count(), Person.objects.count()

    assert not load(at=datetime(2027, 3, 1, tzinfo=UTC))
    call_command("load_demo")

    assert (Booking.objects.count(), Person.objects.count()) == before
    assert "déjà chargée" in capsys.readouterr().out


def test_a_demo_in_which_somebody_has_booked_is_left_alone(told):
    BookingFactory()

    assert not load(at=AT)


@pytest.mark.parametrize(
    "make",
    [PersonFactory, UserFactory, TerritoryFactory, OrganisationFactory, BookingFactory, MessageFactory],
)
def test_a_database_that_holds_anything_is_refused(make, settings):
    make()
    settings.DEBUG = True
    held = held_data()

    with pytest.raises(ValidationError) as refusal:
        load(at=AT)
    with pytest.raises(CommandError, match="contient déjà des données"):
        call_command("load_demo", force_empty=True)

    assert refusal.value.code == "real_data"
    assert (held_data(), Business.objects.count()) == (held, 0)


def test_reference_data_is_completed_and_not_overwritten():
    ThemeFactory(key="ess", label="ESS", definition="La nôtre.")
    CommuneFactory(insee_code="62119", name="Béthune")

    assert load(at=AT)

    assert Theme.objects.get(key="ess").definition == "La nôtre."


def test_out_of_development_an_empty_database_needs_a_word_more(settings, capsys):
    settings.DEBUG = False

    with pytest.raises(CommandError, match="--force-empty"):
        call_command("load_demo")
    assert not User.objects.exists()

    call_command("load_demo", force_empty=True)
    assert "est chargée" in capsys.readouterr().out


def test_the_addresses_are_said_once_it_is_loaded(capsys):
    with pytest.raises(CommandError, match="pas chargée"):
        call_command("load_demo", accounts=True)
    load(at=AT)

    call_command("load_demo", accounts=True)

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(ACCOUNTS)
    assert lines[0] == f"conseillère\u202f: conseillere@{DOMAIN}"
