"""Forms of people and accounts."""

import hashlib
import json

from allauth.account.adapter import get_adapter
from allauth.account.forms import ConfirmLoginCodeForm, RequestLoginCodeForm
from allauth.core import context, ratelimit
from django import forms
from django.core.exceptions import ValidationError

from coopconnexion.accounts.models import Person, User
from coopconnexion.addresses import AddressField
from coopconnexion.french import phone_words

KEPT, GONE = "kept", "gone"
EMPTY_VALUE = "(vide)"


class PersonForm(forms.ModelForm):
    class Meta:
        model = Person
        fields = ["first_name", "last_name", "email", "phone", "commune"]
        field_classes = {"email": AddressField}


class UserForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["email", "name"]
        field_classes = {"email": AddressField}


class MergeForm(forms.Form):
    """Which of two rows is right, field by field; asks only where they differ.

    ``version`` stands for the values shown: whoever chooses among others is told, and shown the present ones.
    """

    GROUPS = {
        "name": ("Nom", ("first_name", "last_name")),
        "email": ("Courriel", ("email",)),
        "phone": ("Téléphone", ("phone",)),
        "commune": ("Commune", ("commune",)),
    }

    version = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, kept: Person, gone: Person, **kwargs):
        super().__init__(*args, **kwargs)
        self.rows = {KEPT: kept, GONE: gone}
        self.current = self._fingerprint()
        self.fields["version"].initial = self.current
        for name, (label, columns) in self.GROUPS.items():
            values = {side: self._words(row, columns) for side, row in self.rows.items()}
            if values[KEPT] != values[GONE]:
                self.fields[name] = forms.ChoiceField(
                    label=label,
                    choices=[
                        (side, f"{value or EMPTY_VALUE} · fiche n°\u00a0{self.rows[side].pk}")
                        for side, value in values.items()
                    ],
                    initial=KEPT if values[KEPT] else GONE,
                    widget=forms.RadioSelect,
                )

    @property
    def same(self) -> list[tuple[str, str]]:
        """What both rows say, as pairs (label, value)."""
        kept = self.rows[KEPT]
        known = [
            (label, self._words(kept, columns))
            for name, (label, columns) in self.GROUPS.items()
            if name not in self.fields
        ]
        return [(label, value) for label, value in known if value]

    def clean_version(self):
        if self.cleaned_data["version"] != self.current:
            self.data = {**self.data.dict(), "version": self.current}
            raise ValidationError(
                "L’une des deux fiches a changé depuis que cette page est ouverte. Relisez-les, puis choisissez de"
                " nouveau.",
                code="changed_meanwhile",
            )
        return self.current

    def chosen(self) -> dict[str, object]:
        """Return the value chosen for each column of a row; what both say is left out."""
        return {
            column: getattr(self.rows[self.cleaned_data[name]], column)
            for name, (_, columns) in self.GROUPS.items()
            if name in self.fields
            for column in columns
        }

    def _choice(self, side: str, value: str) -> str:
        return f"{value or EMPTY_VALUE} · fiche n°\u00a0{self.rows[side].pk}"

    @staticmethod
    def _words(row: Person, columns: tuple[str, ...]) -> str:
        values = [getattr(row, column) for column in columns]
        if columns == ("phone",):
            return phone_words(values[0])
        return " ".join(str(value) for value in values if value)

    def _fingerprint(self) -> str:
        groups = [columns for _, columns in self.GROUPS.values()]
        values = [[row.pk, *(self._words(row, columns) for columns in groups)] for row in self.rows.values()]
        return hashlib.md5(json.dumps(values).encode(), usedforsecurity=False).hexdigest()


# --- signing in ------------------------------------------------------------------------------------------------------


def lock_keys(email: str) -> dict[str, str]:
    """Return what counts wrong codes: soon from one place, later from everywhere, so that nobody locks others out."""
    place = get_adapter().get_client_ip(context.request)
    return {"login_code_failed": f"{email.lower()}|{place}", "login_code_failed_anywhere": email.lower()}


def refuse_locked(email: str) -> None:
    """Refuse an address for which too many wrong codes were typed lately, whether it has an account or not."""
    for action, key in lock_keys(email).items():
        if not ratelimit.consume(context.request, action=action, key=key, dry_run=True):
            raise get_adapter().validation_error("too_many_wrong_codes")


class CodeRequestForm(RequestLoginCodeForm):
    """Ask for a code by e-mail, unless too many wrong ones were typed."""

    def clean_email(self) -> str:
        if email := self.cleaned_data["email"]:
            refuse_locked(email)
        return super().clean_email()


class CodeForm(ConfirmLoginCodeForm):
    """Type the code of the message; each wrong one counts."""

    def clean_code(self) -> str:
        email = context.request._login_stage.state.get("email") or ""
        refuse_locked(email)
        try:
            return super().clean_code()
        except ValidationError:
            for action, key in lock_keys(email).items():
                ratelimit.consume(context.request, action=action, key=key)
            raise
