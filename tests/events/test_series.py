"""Events that come back by a rule."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from coopconnexion.notices.models import Message
from coopconnexion.recurrence import PARIS, Nth, Weekday, weekly_days
from events import services
from events.enums import Frequency
from events.models import Event, EventSeries
from events.rules import series_days
from tests.factories import EventFactory, RegistrationFactory

pytestmark = pytest.mark.django_db

AT = datetime(2027, 3, 1, 9, tzinfo=PARIS)
FIRST = date(2027, 3, 9)  # a Tuesday


@pytest.fixture
def event():
    return EventFactory(title="Café des porteurs", starts_at=datetime(2027, 3, 9, 18, tzinfo=PARIS))


def repeat(event, *, ends_on=date(2027, 5, 1), starts_on=FIRST, **rule):
    rule = {"frequency": Frequency.WEEKLY, "every": 2} | rule
    return services.plan_series(event=event, starts_on=starts_on, ends_on=ends_on, by=None, at=AT, **rule)


def days_of(series):
    return [f"{each.starts_at.astimezone(PARIS):%d/%m %H:%M}" for each in series.events.in_order()]


def refused(call):
    with pytest.raises(ValidationError) as refusal:
        call()
    error = refusal.value
    return next(iter(error.error_dict.values()))[0].code if hasattr(error, "error_dict") else error.code


def test_every_second_tuesday_at_the_same_hour_over_the_clock_change(event):
    laid = repeat(event)
    series = EventSeries.objects.get()
    assert days_of(series) == ["09/03 18:00", "23/03 18:00", "06/04 18:00", "20/04 18:00"]
    assert len(laid) == 3
    assert all(each.published_at for each in laid)


def test_the_first_tuesday_of_the_month(event):
    repeat(event, frequency=Frequency.MONTHLY, nth=Nth.FIRST, weekday=Weekday.TUESDAY, ends_on=date(2027, 7, 1))
    assert days_of(EventSeries.objects.get()) == ["09/03 18:00", "06/04 18:00", "04/05 18:00", "01/06 18:00"]


def test_public_holidays_are_given_up_unless_kept():
    rule = {"frequency": Frequency.WEEKLY, "starts_on": date(2027, 5, 3), "ends_on": date(2027, 5, 25)}
    assert series_days(**rule) == ([date(2027, 5, day) for day in (3, 10, 24)], [date(2027, 5, 17)])
    assert len(series_days(**rule, keeps_holidays=True)[0]) == 4


def test_the_days_of_a_draft_are_drafts(event):
    Event.objects.filter(pk=event.pk).update(published_at=None)
    assert not any(each.published_at for each in repeat(event))


def test_a_second_click_is_refused(event):
    repeat(event)
    assert refused(lambda: repeat(event)) == "in_series"
    assert EventSeries.objects.count() == 1


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"ends_on": date(2027, 3, 10)}, "no_day"),
        ({"ends_on": date(2029, 3, 10), "every": 1}, "too_many_days"),
        ({"starts_on": date(2027, 2, 1)}, "day_past"),
        ({"every": 27}, "rule"),
        ({"frequency": Frequency.MONTHLY}, "rule"),
        ({"ends_on": FIRST}, "period_empty"),
    ],
)
def test_a_rule_that_gives_nothing_or_too_much_is_refused_and_nothing_is_laid(event, rule, code):
    assert refused(lambda: repeat(event, **rule)) == code
    event.refresh_from_db()
    assert (Event.objects.count(), event.series) == (1, None)


def test_a_series_goes_on_like_its_latest_event(event):
    repeat(event)
    series = EventSeries.objects.get()
    latest = series.events.in_order().last()
    services.edit_event(event=latest, capacity=7, by=None, at=AT)
    laid = services.extend_series(series=series, ends_on=date(2027, 6, 1), by=None, at=AT)
    assert [f"{each.starts_at:%d/%m}" for each in laid] == ["04/05", "18/05"]
    assert {each.capacity for each in laid} == {7}
    assert refused(lambda: services.extend_series(series=series, ends_on=date(2027, 6, 1), by=None, at=AT)) == (
        "end_earlier"
    )


def test_the_rest_of_a_series_is_cancelled_and_what_came_before_stays(event):
    laid = repeat(event)
    registration = RegistrationFactory(event=laid[1], joined_at=AT, served_at=AT)
    cancelled = services.cancel_rest_of_series(event=laid[1], reason="Travaux", by=None, at=AT)
    assert [each.pk for each in cancelled] == [each.pk for each in laid[1:]]
    assert Event.objects.held().count() == 2
    assert Message.objects.get().to_email == registration.person.email
    series = EventSeries.objects.get()
    assert series.ends_on == date(2027, 4, 6)


def test_an_event_alone_has_no_rest(event):
    assert refused(lambda: services.cancel_rest_of_series(event=event, reason="", by=None, at=AT)) == "no_series"


def test_a_series_of_cancelled_events_does_not_go_on(event):
    repeat(event)
    event.refresh_from_db()
    services.cancel_rest_of_series(event=event, reason="", by=None, at=AT)
    series = EventSeries.objects.get()
    assert refused(lambda: services.extend_series(series=series, ends_on=date(2027, 9, 1), by=None, at=AT)) == (
        "series_over"
    )


def test_weeks_are_counted_from_one():
    assert list(weekly_days(FIRST, FIRST + timedelta(days=8))) == [FIRST, FIRST + timedelta(days=7)]
    with pytest.raises(ValueError, match="counted from one"):
        list(weekly_days(FIRST, FIRST, every=0))
