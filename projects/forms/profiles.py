"""What a holder says of themselves, noted by staff: nothing is asked twice, nothing is mandatory."""

from django import forms

from coopconnexion.accounts.models import Person
from coopconnexion.backoffice import EditedMeanwhile
from coopconnexion.territories.forms import CommuneField
from projects.enums import Hardship
from projects.models import CandidateProfile

DISTRICT = {"": None, "yes": True, "no": False}


class ProfileForm(EditedMeanwhile, forms.Form):
    """Left as it opens, it says that the person prefers not to answer."""

    situations = forms.MultipleChoiceField(
        label="Situation",
        choices=Hardship.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Plusieurs choix possibles. Rien de coché\u202f: la personne préfère ne pas répondre.",
        error_messages={"invalid_choice": "Choisissez les situations dans la liste."},
    )
    in_priority_district = forms.TypedChoiceField(
        label="Habite un quartier prioritaire",
        choices=[("", "préfère ne pas répondre"), ("yes", "oui"), ("no", "non")],
        required=False,
        coerce=DISTRICT.get,
        empty_value=None,
        widget=forms.RadioSelect,
    )
    commune = CommuneField(required=False, help_text="Où elle habite\u202f: « Béthune » ou « 62400 ».")

    @staticmethod
    def told(person: Person) -> dict:
        """Return what the form shows of ``person`` when it opens."""
        profile = CandidateProfile.objects.filter(person=person).first() or CandidateProfile(person=person)
        words = {value: word for word, value in DISTRICT.items()}
        return {
            "situations": profile.situations,
            "in_priority_district": words[profile.in_priority_district],
            "commune": person.commune_id,
        }
