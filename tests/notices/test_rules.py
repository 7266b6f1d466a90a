from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings

from coopconnexion.notices import rules, tasks

PARIS = ZoneInfo("Europe/Paris")
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def paris(*args) -> datetime:
    return datetime(*args, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("lead", "hours"),
    [
        (30 * DAY, 24),
        (7 * DAY + SECOND, 24),
        (7 * DAY, 12),
        (2 * DAY + SECOND, 12),
        (2 * DAY, 4),
        (DAY + SECOND, 4),
        (DAY, 1),
        (6 * HOUR + SECOND, 1),
        (6 * HOUR, None),
        (-HOUR, None),
    ],
)
def test_a_freed_slot_is_kept_for_less_time_as_the_day_comes_near(lead, hours):
    assert rules.offer_lifetime(lead) == (hours and timedelta(hours=hours))


@pytest.mark.parametrize(
    ("deadline", "answer_by"),
    [
        (paris(2027, 1, 6, 8, 0), paris(2027, 1, 6, 8, 0)),
        (paris(2027, 1, 6, 22, 0), paris(2027, 1, 6, 22, 0)),
        (paris(2027, 1, 6, 22, 1), paris(2027, 1, 7, 8, 0)),
        (paris(2027, 1, 6, 7, 59), paris(2027, 1, 6, 8, 0)),
        (paris(2027, 3, 28, 1, 30), paris(2027, 3, 28, 8, 0)),
        (datetime(2026, 12, 31, 22, 30, tzinfo=UTC), paris(2027, 1, 1, 8, 0)),
    ],
)
def test_a_deadline_in_the_night_waits_for_the_morning(deadline, answer_by):
    assert rules.after_the_night(deadline) == answer_by


@pytest.mark.parametrize(
    ("lead", "hours"),
    [
        (7 * DAY + SECOND, 48),
        (7 * DAY, 24),
        (2 * DAY + SECOND, 24),
        (2 * DAY, 6),
        (DAY + SECOND, 6),
        (DAY, 2),
        (HOUR, 2),
    ],
)
def test_an_unconfirmed_booking_has_less_time_as_the_day_comes_near(lead, hours):
    assert rules.unconfirmed_grace(lead) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("starts_at", "minutes", "due_at"),
    [
        (paris(2027, 6, 3, 14, 0), 7 * 1440, paris(2027, 5, 27, 14, 0)),
        (paris(2027, 4, 1, 9, 30), 7 * 1440, paris(2027, 3, 25, 9, 30)),  # 169 hours… same time on the clock
        (paris(2027, 11, 4, 9, 30), 7 * 1440, paris(2027, 10, 28, 9, 30)),
        (paris(2027, 3, 28, 9, 0), 1440, paris(2027, 3, 27, 9, 0)),  # 23 hours before
        (paris(2027, 10, 31, 9, 0), 1440, paris(2027, 10, 30, 9, 0)),  # 25 hours before
        (paris(2027, 6, 3, 14, 0), 120, paris(2027, 6, 3, 12, 0)),
        (paris(2027, 3, 28, 4, 0), 120, paris(2027, 3, 28, 1, 0)),  # two hours that pass, not two on the clock
    ],
)
def test_a_reminder_is_due_at_the_same_time_of_an_earlier_day(starts_at, minutes, due_at):
    assert rules.reminder_due_at(starts_at, minutes) == due_at
    assert rules.reminder_due_at(starts_at.astimezone(UTC), minutes) == due_at


@pytest.mark.parametrize(
    ("starts_at", "minutes", "until"),
    [
        (paris(2027, 4, 1, 9, 30), 1440, paris(2027, 4, 1, 0, 0)),
        (paris(2027, 3, 28, 9, 30), 1440, paris(2027, 3, 28, 0, 0)),  # the clock jumps at 2
        (paris(2027, 10, 31, 9, 30), 1440, paris(2027, 10, 31, 0, 0)),
        (paris(2027, 3, 29, 9, 30), 1440, paris(2027, 3, 29, 0, 0)),
        (paris(2027, 3, 29, 9, 30), 7 * 1440, paris(2027, 3, 27, 0, 0)),
        (paris(2027, 11, 1, 9, 30), 7 * 1440, paris(2027, 10, 30, 0, 0)),
        (paris(2027, 6, 3, 14, 0), 2 * 1440, paris(2027, 6, 2, 0, 0)),
        (paris(2027, 6, 3, 14, 0), 3 * 1440, paris(2027, 6, 1, 0, 0)),
        (paris(2027, 6, 3, 14, 0), 36 * 60, paris(2027, 6, 3, 0, 0)),
        (paris(2027, 6, 3, 14, 0), 120, paris(2027, 6, 3, 14, 0)),
        (paris(2027, 1, 1, 0, 30), 1440, paris(2027, 1, 1, 0, 0)),
    ],
)
def test_a_reminder_that_would_say_tomorrow_of_today_is_useless(starts_at, minutes, until):
    assert rules.reminder_useful_until(starts_at.astimezone(UTC), minutes) == until
    assert rules.reminder_due_at(starts_at, minutes) < until


def test_a_retry_waits_longer_each_time_and_gives_up_after_two_days():
    delays = [rules.retry_delay(attempts) for attempts in range(1, rules.MAX_ATTEMPTS)]
    assert delays == sorted(delays)
    assert timedelta(days=1) < sum(delays, timedelta()) < timedelta(days=3)
    assert rules.retry_delay(1000) == delays[-1]


def test_a_worker_gives_up_on_a_slow_server_before_its_claim_goes_stale():
    assert timedelta(seconds=settings.EMAIL_TIMEOUT) < rules.CLAIM_LIFETIME
    assert timedelta(seconds=tasks.send_message.time_limit) < rules.CLAIM_LIFETIME


def test_a_secret_is_blanked_even_folded_over_two_lines_of_a_calendar():
    assert rules.blanked("URL:https://x/abc\r\n defgh/\r\n", ["abcdefgh"]) == "URL:https://x/•••/\r\n"
    assert rules.blanked_bytes(b"\xff abcd", ["abcd"]) == b"\xff " + "•••".encode()


def test_a_header_is_one_line_and_keeps_its_french_spaces():
    assert rules.one_line(" Léa\r\nBcc: x@example.org\x00\u2028 ?\u202f! ") == "Léa Bcc: x@example.org ?\u202f!"
