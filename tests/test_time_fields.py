import pytest
from django.core.exceptions import ValidationError

from coopconnexion.time_fields import DelayField, DelaysField, delay_words, read_delay


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("7 j", 10080),
        ("7j", 10080),
        ("1 jour", 1440),
        ("2 semaines", 20160),
        ("2 h", 120),
        ("2\u202fheures", 120),
        ("1 h 30", 90),
        ("1h30 min", 90),
        ("45 min", 45),
        ("45", 45),
    ],
)
def test_a_delay_is_read_as_staff_type_it(text, minutes):
    assert read_delay(text) == minutes


@pytest.mark.parametrize("text", ["", "demain", "h", "1 j 30", "-2 h", "2 h 3 j", "1,5 h"])
def test_anything_else_is_no_delay(text):
    with pytest.raises(ValueError, match="not a delay"):
        read_delay(text)


@pytest.mark.parametrize("minutes", [0, 45, 60, 90, 1440, 1500, 10080])
def test_what_is_shown_is_read_back(minutes):
    assert read_delay(delay_words(minutes)) == minutes


def test_reminders_are_read_in_any_order_once_each_longest_first():
    assert DelaysField().clean("2 h, 7 j ; 1 j et 120 min") == [10080, 1440, 120]


def test_no_reminder_at_all_is_a_choice():
    assert DelaysField(required=False).clean(" ") == []


@pytest.mark.parametrize(
    ("text", "code"), [("1 j, bientôt", "delay"), ("61 j", "delay"), ("1,2,3,4,5,6,7", "too_many")]
)
def test_reminders_that_cannot_be_read_are_refused(text, code):
    with pytest.raises(ValidationError) as refusal:
        DelaysField().clean(text)
    assert refusal.value.code == code


def test_no_notice_is_written_as_zero():
    assert DelayField().clean("0") == 0
    with pytest.raises(ValidationError):
        DelayField().clean("")
