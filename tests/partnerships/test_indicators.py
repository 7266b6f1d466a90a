from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from uuid import uuid4

import pytest
from django.utils import timezone

from coopconnexion.partnerships import indicators
from coopconnexion.partnerships.indicators import Scope, Step
from members.enums import Outcome as FollowUp
from members.models import Departure, Member, OutcomeInquiry, Statement
from permanences.enums import Outcome
from permanences.models import MissedRequest
from projects.enums import Hardship, Source, Stage
from projects.models import CandidateProfile, Integration, StageChange
from tests.events.story import story_of_events
from tests.factories import (
    BookingFactory,
    BusinessFactory,
    ContractFactory,
    MemberFactory,
    PermanenceFactory,
    ProjectFactory,
    SlotFactory,
    TerritoryFactory,
    WaitingListEntryFactory,
)
from tests.members.reference import exit_reason, kind
from tests.premises.story import story_of_premises

YEAR_2027 = (date(2027, 1, 1), date(2028, 1, 1))
AT = datetime(2027, 1, 4, 9, tzinfo=UTC)


def scope(*territories, period=YEAR_2027):
    ids = frozenset(territory.pk for territory in territories) if territories else None
    return Scope(*period, territory_ids=ids)


def permanence(held_on=date(2027, 5, 6), **values):
    return PermanenceFactory(held_on=held_on, **values)


def booking(on, **values):
    return BookingFactory(slot=SlotFactory(permanence=on), **{"booked_at": AT, **values})


def value(key, scope):
    return indicators.get(key).value(scope)


# --- periods ---------------------------------------------------------------------------------------------------------


def test_the_steps_of_a_period_are_cut_to_it():
    period = Scope(date(2026, 11, 15), date(2027, 2, 10))
    assert period.steps(Step.MONTH) == [
        (date(2026, 11, 15), date(2026, 12, 1)),
        (date(2026, 12, 1), date(2027, 1, 1)),
        (date(2027, 1, 1), date(2027, 2, 1)),
        (date(2027, 2, 1), date(2027, 2, 10)),
    ]
    assert period.steps(Step.QUARTER) == [
        (date(2026, 11, 15), date(2027, 1, 1)),
        (date(2027, 1, 1), date(2027, 2, 10)),
    ]
    assert period.steps(Step.YEAR) == [(date(2026, 11, 15), date(2027, 1, 1)), (date(2027, 1, 1), date(2027, 2, 10))]


# --- every indicator -------------------------------------------------------------------------------------------------

every = pytest.mark.parametrize("indicator", indicators.every(), ids=lambda indicator: indicator.key)


@every
def test_an_indicator_is_defined_in_words(indicator):
    assert all(
        [indicator.label, indicator.unit, indicator.definition.endswith("."), indicator.kind in ("flow", "stock")]
    )


@every
@pytest.mark.django_db
def test_nothing_measured_is_nothing_or_unknown(indicator):
    empty = [(date(2027, month, 1), indicator.nothing) for month in (1, 4, 7, 10)]
    assert (indicator.value(scope()), indicator.series(scope(), Step.QUARTER)) == (indicator.nothing, empty)


@every
@pytest.mark.django_db
@pytest.mark.parametrize("step", Step)
def test_a_series_is_one_query(indicator, step, django_assert_num_queries):
    with django_assert_num_queries(1):
        indicator.series(scope(), step)
    with django_assert_num_queries(1):
        indicator.value(scope())


@every
@pytest.mark.django_db
def test_other_territories_and_other_periods_do_not_count(indicator):
    story(TerritoryFactory(), date(2027, 5, 6))
    own = TerritoryFactory()
    story(own, date(2025, 5, 8))
    assert indicator.value(scope(own)) == indicator.nothing


@every
@pytest.mark.django_db
def test_a_yearly_series_has_the_value_of_the_year(indicator):
    own = TerritoryFactory()
    story(own, date(2027, 5, 6))
    measured = indicator.value(scope(own))
    assert measured != indicator.nothing
    assert indicator.series(scope(own), Step.YEAR) == [(date(2027, 1, 1), measured)]


def story(territory, day):
    """One of everything in ``territory`` around ``day``."""
    at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    on = permanence(day, territory=territory)
    project = ProjectFactory(territory=territory, created_at=at)
    person = project.holder
    booking(
        on, person=person, project=project, outcome=Outcome.NO_SHOW, outcome_at=at, booked_at=at - timedelta(days=3)
    )
    booking(on, project=project, outcome=Outcome.ATTENDED, outcome_at=at, booked_at=at)
    MissedRequest.objects.create(permanence=on, form_token=uuid4(), missed_at=at)
    member = MemberFactory(territory=territory)
    ContractFactory(member=member, starts_on=day, ends_on=day + timedelta(days=300))
    ProjectFactory(
        territory=territory,
        member=member,
        integrated_on=day,
        stage=Stage.INTEGRATED,
        created_at=at,
        holder=member.person,
    )
    story_of_projects(project, at)
    story_of_members(member, day)
    story_of_premises(project, at)
    story_of_events(project, at)


def story_of_members(member, day):
    """A member signs, sells, becomes an associate, leaves, and says each time that the activity goes on."""
    for key in ("cape", "cesa"):
        ContractFactory(
            member=MemberFactory(territory=member.territory),
            kind=kind(key),
            starts_on=day,
            ends_on=day + timedelta(days=300),
            signed_on=day,
        )
    Statement.objects.create(member=member, month=day.replace(day=1), turnover=1200)
    Member.objects.filter(pk=member.pk).update(associated_on=day)
    departure = Departure.objects.create(member=member, left_on=day, reason=exit_reason())
    OutcomeInquiry.objects.bulk_create(
        OutcomeInquiry(
            departure=departure,
            months=months,
            due_on=day,
            outcome=FollowUp.RUNNING,
            answered_at=timezone.now(),
        )
        for months in (12, 24, 36)
    )


def story_of_projects(project, at):
    """One project from each source; the first goes all the way, and its holder tells everything."""
    for source in Source:
        ProjectFactory(territory=project.territory, created_at=at, source=source)
    CandidateProfile.objects.create(person=project.holder, situations=Hardship.values, in_priority_district=True)
    steps = pairwise((Stage.FIRST_CONTACT, Stage.ASSESSMENT, Stage.SUPPORT))
    for hours, (origin, target) in enumerate(steps, start=1):
        StageChange.objects.create(
            project=project, from_stage=origin, to_stage=target, changed_at=at + timedelta(hours=3 * hours)
        )
    Integration.objects.create(
        project=project, from_stage=Stage.SUPPORT, business=BusinessFactory(), integrated_on=timezone.localdate(at)
    )


# --- permanences -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_bookings_are_counted_by_month_of_their_permanence():
    may, june = permanence(), permanence(date(2027, 6, 3))
    booking(may)
    booking(may)
    booking(june)
    booking(june, cancelled=True)
    booking(june, released=True)
    booking(june, project__is_test=True)
    period = scope(period=(date(2027, 5, 1), date(2027, 8, 1)))
    assert indicators.get("permanences.bookings").series(period, Step.MONTH) == [
        (date(2027, 5, 1), 2),
        (date(2027, 6, 1), 1),
        (date(2027, 7, 1), 0),
    ]
    assert value("permanences.bookings", period) == 3


@pytest.mark.django_db
def test_the_last_day_of_a_period_counts_and_the_next_does_not():
    booking(permanence(date(2027, 5, 6)))
    booking(permanence(date(2027, 5, 7)))
    assert value("permanences.bookings", scope(period=(date(2027, 5, 6), date(2027, 5, 7)))) == 1


@pytest.mark.django_db
def test_absences_are_a_share_of_the_known_outcomes_only():
    on = permanence()
    booking(on, no_show=True)
    booking(on, attended=True)
    booking(on, attended=True)
    booking(on, outcome=Outcome.EXCUSED, outcome_at=AT)
    booking(on)  # nobody noted who came: neither present nor absent
    booking(on, no_show=True, project__is_test=True)
    assert (value("permanences.no_show_rate", scope()), value("permanences.attended", scope())) == (Decimal("33.3"), 2)


@pytest.mark.django_db
def test_the_delay_runs_from_the_day_of_the_request_be_it_on_the_waiting_list():
    on = permanence()
    booking(on, booked_at=datetime(2027, 5, 1, 22, 30, tzinfo=UTC))  # already the 2nd in France: 4 days
    served = booking(on, booked_at=datetime(2027, 5, 5, 9, tzinfo=UTC))
    WaitingListEntryFactory(
        permanence=on,
        person=served.person,
        joined_at=datetime(2027, 4, 29, 9, tzinfo=UTC),  # 7 days
        served_at=served.booked_at,
        booking=served,
    )
    assert value("permanences.lead_days", scope()) == Decimal("5.5")


@pytest.mark.django_db
def test_the_fill_rate_counts_open_slots_of_permanences_that_are_held():
    on = permanence()
    booking(on)
    booking(on, cancelled=True)
    booking(on, project__is_test=True)
    SlotFactory(permanence=on)
    SlotFactory(permanence=on, closed_at=AT)
    SlotFactory(permanence=permanence(cancelled_at=AT))
    assert value("permanences.fill_rate", scope()) == Decimal("25.0")


@pytest.mark.django_db
def test_unmet_demand_counts_each_request_left_without_a_slot_once():
    on = permanence()
    token = uuid4()
    WaitingListEntryFactory(permanence=on, form_token=token)
    MissedRequest.objects.create(permanence=on, form_token=token, missed_at=AT)  # the same form joined the list
    MissedRequest.objects.create(permanence=on, form_token=uuid4(), missed_at=AT)
    MissedRequest.objects.create(permanence=on, form_token=uuid4(), missed_at=AT, served_at=AT)
    WaitingListEntryFactory(permanence=on, left_at=AT)
    WaitingListEntryFactory(permanence=on, person=booking(on).person)  # found a slot by themselves
    WaitingListEntryFactory(permanence=on, project__is_test=True)
    assert value("permanences.unmet_demand", scope()) == 3


# --- projects and members --------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_projects_count_on_the_french_day_they_were_opened():
    ProjectFactory(created_at=datetime(2026, 12, 31, 23, 30, tzinfo=UTC))  # 1 January in France
    ProjectFactory(created_at=datetime(2027, 12, 31, 23, 30, tzinfo=UTC))
    ProjectFactory(created_at=AT, is_test=True)
    assert value("projects.created", scope()) == 1


@pytest.mark.django_db
def test_integrated_projects_count_on_the_day_of_integration():
    values = {"stage": Stage.INTEGRATED, "integrated_on": date(2027, 3, 1)}
    ProjectFactory(member=MemberFactory(), **values)
    ProjectFactory(member=MemberFactory(), is_test=True, **values)
    ProjectFactory()
    assert value("projects.integrated", scope()) == 1


@pytest.mark.django_db
def test_contracts_are_a_stock_on_the_last_day():
    ContractFactory(starts_on=date(2026, 3, 1), ends_on=date(2027, 3, 1))
    ContractFactory(starts_on=date(2027, 2, 1), ends_on=None)
    ContractFactory(starts_on=date(2027, 12, 31), ends_on=date(2028, 12, 31))
    contracts = indicators.get("members.active_contracts")
    assert contracts.series(scope(), Step.QUARTER) == [
        (date(2027, 1, 1), 1),
        (date(2027, 4, 1), 1),
        (date(2027, 7, 1), 1),
        (date(2027, 10, 1), 2),
    ]
    assert contracts.series(scope(period=(date(2027, 1, 1), date(2027, 3, 1))), Step.MONTH) == [
        (date(2027, 1, 1), 1),
        (date(2027, 2, 1), 2),
    ]


def test_two_indicators_never_share_a_key():
    with pytest.raises(ValueError, match="Two indicators"):
        indicators.register(indicators.get("projects.created"))
