"""A refusal of a service is shown at its field, or above the form, each with its code."""

from django import forms
from django.core.exceptions import ValidationError

from coopconnexion.refusals import add_refusal, refusal_at


class DayForm(forms.Form):
    day = forms.CharField(required=False)


def shown(refusal) -> dict:
    form = DayForm({})
    add_refusal(form, refusal)
    return {name: [(each.message, each.code) for each in errors] for name, errors in form.errors.as_data().items()}


def test_a_refusal_at_a_field_of_the_form_is_shown_there():
    assert shown(refusal_at("day", "Trop tôt.", "early")) == {"day": [("Trop tôt.", "early")]}


def test_a_refusal_at_a_field_that_the_form_lacks_is_shown_above():
    assert shown(refusal_at("place", "Trop loin.", "far")) == {"__all__": [("Trop loin.", "far")]}


def test_several_refusals_are_all_shown_above():
    both = ValidationError([ValidationError("Un.", code="one"), ValidationError("Deux.", code="two")])
    assert shown(both) == {"__all__": [("Un.", "one"), ("Deux.", "two")]}
