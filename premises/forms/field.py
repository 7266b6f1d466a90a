"""What a phone sends of a unit: a tap, and perhaps a sign, a note, a photo."""

from django import forms

from coopconnexion.text_fields import OneLineField
from coopconnexion.uploads import PictureField
from premises.enums import Finding, OccupancyState


class SightForm(forms.Form):
    """``seen_at`` and ``sent_at`` are by the clock of the phone; ``sign_before`` is what its page showed."""

    client_id = forms.UUIDField()
    finding = forms.ChoiceField(label="Ce que vous voyez", choices=Finding.choices)
    sign_name = OneLineField(label="Enseigne", max_length=150, required=False)
    sign_before = forms.CharField(required=False)
    note = forms.CharField(label="Remarque", max_length=2000, required=False, widget=forms.Textarea({"rows": 2}))
    photo = PictureField(label="Photo", required=False)
    seen_at = forms.DateTimeField(required=False)
    sent_at = forms.DateTimeField(required=False)

    def clean(self):
        data = super().clean()
        data.pop("sign_before", None)
        if "sign_name" not in self.data or data.get("sign_name") == self.data.get("sign_before", "").strip():
            data["sign_name"] = None
        data["finding"] = Finding(data["finding"]) if "finding" in data else None
        return data

    def told(self, at) -> dict:
        """Return what the service is told, seen now unless the phone says when."""
        return self.cleaned_data | {"seen_at": self.cleaned_data["seen_at"] or at}


class LookForm(SightForm):
    state_before = forms.ChoiceField(choices=[("", ""), *OccupancyState.choices], required=False)

    def clean_state_before(self):
        return OccupancyState(self.cleaned_data["state_before"]) if self.cleaned_data["state_before"] else None


class FoundForm(SightForm):
    number = forms.IntegerField(label="Numéro", min_value=1, max_value=99_999, required=False)
    repetition = OneLineField(label="Bis, ter…", max_length=10, required=False)
    door = OneLineField(label="Porte ou repère", max_length=30, required=False)

    field_order = ["number", "repetition", "door", "sign_name", "note", "photo"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["finding"].choices = [choice for choice in Finding.choices if choice[0] != Finding.UNCHANGED]

    def clean(self):
        data = super().clean()
        data["sign_name"] = data["sign_name"] or ""
        return data
