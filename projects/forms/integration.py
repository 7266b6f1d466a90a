"""What staff type to integrate a project."""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import F, Q, Value

from coopconnexion.db import NameKey
from coopconnexion.periods import LastDayField
from coopconnexion.territories.forms import CommuneField
from members.models import Business, ContractKind
from projects.services.integration import Signature

DAY = {"type": "date"}


class IntegrationForm(forms.Form):
    """The date, the business (a new one, or one to join) and the first contract when none is in force."""

    integrated_on = forms.DateField(label="Date d’intégration", widget=forms.DateInput(DAY, format="%Y-%m-%d"))
    join = forms.ModelChoiceField(
        label="Entreprise",
        queryset=Business.objects.none(),
        required=False,
        widget=forms.RadioSelect,
        empty_label="Une nouvelle entreprise",
        error_messages={"invalid_choice": "Cette entreprise n’est plus proposée : choisissez-en une autre."},
    )
    business_name = forms.CharField(label="Nom de l’entreprise", max_length=200, required=False)
    activity = forms.CharField(label="Activité", max_length=200, required=False)
    commune = CommuneField(required=False)
    kind = forms.ModelChoiceField(
        label="Premier contrat",
        queryset=ContractKind.objects.none(),
        required=False,
        empty_label="Aucun",
    )
    starts_on = forms.DateField(label="Du", required=False, widget=forms.DateInput(DAY, format="%Y-%m-%d"))
    ends_on = LastDayField(
        label="Dernier jour",
        required=False,
        widget=forms.DateInput(DAY, format="%Y-%m-%d"),
        help_text="Vide pour un contrat sans terme.",
    )
    signed_on = forms.DateField(label="Signé le", required=False, widget=forms.DateInput(DAY, format="%Y-%m-%d"))
    seen_names = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, businesses, member=None, current=None, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.businesses, self.current = businesses, current
        self.fields["kind"].queryset = ContractKind.objects.active().order_by("pk")
        self.offered = self._offered(member)
        self.fields["join"].queryset = self.offered
        if current:
            self.fields["kind"].empty_label = "Aucun : son contrat en cours suffit"

    def _offered(self, member):
        """The member's own businesses, and those of the name typed: somebody's with whom to join."""
        typed = str(self.data.get(self.add_prefix("business_name"), "")).strip()
        wanted = Q(members=member) if member else Q(pk__in=[])
        if typed:
            wanted |= Q(key=NameKey(Value(typed)))
        chosen = str(self.data.get(self.add_prefix("join"), ""))
        if chosen.isdecimal() and len(chosen) < 19:
            wanted |= Q(pk=int(chosen))
        rows = self.businesses.alias(key=NameKey(F("name"))).filter(wanted, closed_on=None)
        return rows.distinct().order_by("name", "pk")

    @property
    def has_choice(self) -> bool:
        return bool(self.offered)

    def clean(self):
        data = super().clean()
        if not data.get("join") and not data.get("business_name") and "business_name" not in self.errors:
            self.add_error("business_name", "Indiquez le nom de l’entreprise, ou choisissez celle qu’elle rejoint.")
        if not data.get("kind") and not self.current:
            self.add_error("kind", "Cette personne n’a pas de contrat : choisissez le premier.")
        if data.get("kind") and not data.get("starts_on") and "starts_on" not in self.errors:
            self.add_error("starts_on", "Indiquez le premier jour du contrat.")
        self._warn_of_namesakes(data)
        return data

    def _warn_of_namesakes(self, data) -> None:
        """Two businesses of one name are often one: asked once, then taken as it is."""
        if data.get("join") or data.get("seen_names") or not self.offered:
            return
        self.data = self.data.copy()
        self.data[self.add_prefix("seen_names")] = "1"
        raise ValidationError(
            "Une entreprise de ce nom existe déjà, ou cette personne en a une : dites si elle la rejoint, ou confirmez "
            "qu’il s’agit d’une nouvelle.",
            code="business_namesake",
        )

    @property
    def wishes(self) -> dict:
        """The arguments of ``integrate_project`` that the form knows."""
        data = self.cleaned_data
        names = ("integrated_on", "join", "business_name", "activity", "commune")
        wishes = {name: data[name] for name in names}
        if data["kind"]:
            periods = {name: data[name] for name in ("starts_on", "ends_on", "signed_on")}
            wishes["signature"] = Signature(kind=data["kind"], **periods)
        return wishes
