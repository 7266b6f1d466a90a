from datetime import date

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.template import engines

from coopconnexion.accounts.models import Mandate
from coopconnexion.periods import LastDayField, day_after, last_day


class MandateForm(forms.ModelForm):
    ends_on = LastDayField(required=False)

    class Meta:
        model = Mandate
        fields = ["ends_on"]


def test_the_last_day_is_the_one_before_the_stored_end():
    assert [last_day(date(2028, 3, 1)), last_day(None)] == [date(2028, 2, 29), None]


def test_the_stored_end_is_the_day_after_the_last():
    assert [day_after(date(2027, 12, 31)), day_after(None)] == [date(2028, 1, 1), None]


@pytest.mark.parametrize(
    ("typed", "stored"), [("29/02/2028", date(2028, 3, 1)), ("2027-12-31", date(2028, 1, 1)), ("", None)]
)
def test_the_field_reads_the_last_day_and_gives_the_exclusive_end(typed, stored):
    assert LastDayField(required=False).clean(typed) == stored


@pytest.mark.parametrize("typed", ["31/02/2028", "31/12/9999", "bientôt"])
def test_a_day_that_does_not_exist_is_refused(typed):
    with pytest.raises(ValidationError) as refusal:
        LastDayField().clean(typed)
    assert refusal.value.code == "invalid"


def test_a_form_shows_the_last_day_of_what_is_stored():
    form = MandateForm(instance=Mandate(ends_on=date(2028, 3, 1)))
    assert 'value="29/02/2028"' in str(form["ends_on"])


def test_a_form_shown_again_keeps_what_was_typed():
    form = MandateForm({"ends_on": "29/02/2028"}, instance=Mandate(ends_on=date(2028, 3, 1)))
    assert 'value="29/02/2028"' in str(form["ends_on"])


@pytest.mark.parametrize(("typed", "changed"), [("29/02/2028", []), ("28/02/2028", ["ends_on"])])
def test_a_form_knows_whether_the_end_changed(typed, changed):
    form = MandateForm({"ends_on": typed}, instance=Mandate(ends_on=date(2028, 3, 1)))
    assert form.changed_data == changed


def test_templates_show_the_last_day():
    template = engines["django"].from_string("{{ ends_on|last_day|day_words }}")
    assert template.render({"ends_on": date(2027, 5, 7)}) == "jeudi 6\u00a0mai 2027"
