from django import forms

from coopconnexion.accounts.models import Person, User
from coopconnexion.accounts.rules import normalise_email


class PersonForm(forms.ModelForm):
    class Meta:
        model = Person
        fields = ["first_name", "last_name", "email", "phone", "commune"]

    def clean_email(self):
        return normalise_email(self.cleaned_data["email"])


class UserForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["email", "name"]

    def clean_email(self):
        return normalise_email(self.cleaned_data["email"])
