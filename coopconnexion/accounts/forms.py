from django import forms

from coopconnexion.accounts.models import Person, User
from coopconnexion.addresses import AddressField


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
