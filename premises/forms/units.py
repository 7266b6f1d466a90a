"""What staff type to register a unit, or to correct what is known of it; nothing said is « inconnu », not « non »."""

from django import forms
from django.db.models import F, Value

from coopconnexion.backoffice import EditedMeanwhile
from coopconnexion.db import NameKey
from coopconnexion.territories.forms import CommuneField
from coopconnexion.territories.models import Activity, NafCode, Territory
from premises.enums import Availability, Condition, ErpType, OccupancyState
from premises.forms.unit_actions import PreciseDayField
from premises.models import Unit
from premises.rules.dates import typed

YES_NO = [("", "Inconnu"), ("true", "Oui"), ("false", "Non")]
SETS = (
    (
        "L’adresse",
        ("territory", "commune", "number", "repetition", "street", "building", "floor", "door", "postal_code"),
    ),
    ("Où, plus précisément", ("sector", "street_section", "parcel", "latitude", "longitude", "reference")),
    ("Occupation", ("state", "since", "availability", "sign_name", "activity_label", "activity", "naf", "surveyed_on")),
    (
        "Le local",
        (
            *("floor_area_m2", "sales_area_m2", "frontage_m", "condition", "erp_type", "step_free", "extraction"),
            *("shop_window", "water"),
        ),
    ),
    ("Loyer", ("monthly_rent", "monthly_charges", "rent_is_public")),
    ("Propriétaire, gardé pour l’équipe", ("owner_name", "owner_contact")),
    ("Pour le public", ("public_note",)),
)
"""The fields in their fieldsets, in the order of the form."""
TOLD = (
    *(
        "number",
        "repetition",
        "street",
        "building",
        "floor",
        "door",
        "postal_code",
        "sector",
        "street_section",
        "parcel",
    ),
    *("latitude", "longitude", "reference", "state", "availability", "sign_name", "activity_label"),
    *("activity", "naf", "surveyed_on", "floor_area_m2", "sales_area_m2", "frontage_m", "condition", "erp_type"),
    *(
        "step_free",
        "extraction",
        "shop_window",
        "water",
        "monthly_rent",
        "monthly_charges",
        "rent_is_public",
        "owner_name",
    ),
    *("owner_contact", "public_note", "commune"),
)
"""The fields that a correction may write."""


def capitalised(choices) -> list[tuple[str, str]]:
    return [(value, str(label)[:1].upper() + str(label)[1:]) for value, label in choices]


class YesNoField(forms.TypedChoiceField):
    """Yes, no, or unknown, which is ``None``."""

    def __init__(self, **kwargs):
        words = {"choices": YES_NO, "required": False, "empty_value": None}
        super().__init__(**words | {"coerce": lambda value: value == "true"} | kwargs)

    def prepare_value(self, value):
        return {True: "true", False: "false", None: ""}.get(value, value)


class AmountField(forms.DecimalField):
    """A number with a comma or a point."""

    def __init__(self, **kwargs):
        widget = forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(**{"required": False, "min_value": 0, "widget": widget} | kwargs)

    def to_python(self, value):
        text = "".join(str(value or "").replace("\u202f", " ").split()).rstrip("€m²").replace(",", ".")
        return super().to_python(text)


class NafField(forms.CharField):
    """A code of NAF rév. 2, with or without its point."""

    def clean(self, value):
        text = super().clean(value).replace(" ", "").upper()
        if not text:
            return None
        code = text if "." in text else f"{text[:2]}.{text[2:]}"
        found = NafCode.objects.filter(pk=code).first()
        if found is None:
            raise forms.ValidationError("Ce n’est pas un code NAF rév. 2, comme 47.11B.", code="naf_unknown")
        return found


class UnitFields(forms.Form):
    """What is known of a unit."""

    commune = CommuneField()
    number = forms.IntegerField(label="Numéro", required=False, min_value=1, max_value=99999)
    repetition = forms.CharField(label="bis, ter…", required=False, max_length=10)
    street = forms.CharField(label="Voie", max_length=150)
    building = forms.CharField(label="Bâtiment", required=False, max_length=50)
    floor = forms.CharField(label="Étage", required=False, max_length=30)
    door = forms.CharField(label="Porte", required=False, max_length=30)
    postal_code = forms.RegexField(
        r"^\d{5}$", label="Code postal", required=False, error_messages={"invalid": "Un code postal a cinq chiffres."}
    )
    sector = forms.CharField(label="Secteur", required=False, max_length=100)
    street_section = forms.CharField(label="Linéaire", required=False, max_length=100)
    parcel = forms.CharField(label="Parcelle", required=False, max_length=20)
    latitude = forms.FloatField(label="Latitude", required=False, min_value=-90, max_value=90)
    longitude = forms.FloatField(label="Longitude", required=False, min_value=-180, max_value=180)
    reference = forms.CharField(label="Référence", required=False, max_length=60)
    state = forms.ChoiceField(label="Occupation", choices=capitalised(OccupancyState.choices))
    since = PreciseDayField(
        label="Vide depuis",
        required=False,
        max_length=20,
        help_text="Un jour (12/03/2026), un mois (mars 2026 ou 03/2026) ou une année (2026).",
    )
    availability = forms.ChoiceField(label="Disponibilité", choices=capitalised(Availability.choices))
    sign_name = forms.CharField(label="Enseigne", required=False, max_length=150)
    activity_label = forms.CharField(label="Activité exercée, ou la dernière", required=False, max_length=200)
    activity = forms.ModelChoiceField(
        Activity.objects.none(), label="Activité de la liste", required=False, empty_label="Inconnue ou autre"
    )
    naf = NafField(label="Code NAF rév. 2", required=False, max_length=8)
    surveyed_on = forms.DateField(
        label="Vue le", required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    floor_area_m2 = AmountField(label="Surface (m²)", max_digits=8, decimal_places=2)
    sales_area_m2 = AmountField(label="Surface de vente (m²)", max_digits=8, decimal_places=2)
    frontage_m = AmountField(label="Longueur de vitrine (m)", max_digits=6, decimal_places=2)
    condition = forms.ChoiceField(label="État", choices=capitalised(Condition.choices))
    erp_type = forms.ChoiceField(label="Type d’ERP", required=False, choices=[("", "Inconnu"), *ErpType.choices])
    step_free = YesNoField(label="Accès de plain-pied (PMR)")
    extraction = YesNoField(label="Extraction (cuisine)")
    shop_window = YesNoField(label="Vitrine sur rue")
    water = YesNoField(label="Point d’eau")
    monthly_rent = AmountField(label="Loyer mensuel hors taxes et charges (€)", max_digits=9, decimal_places=2)
    monthly_charges = AmountField(label="Charges mensuelles (€)", max_digits=9, decimal_places=2)
    rent_is_public = forms.BooleanField(label="Montrer le loyer au public", required=False)
    owner_name = forms.CharField(label="Propriétaire", required=False, max_length=200)
    owner_contact = forms.CharField(
        label="Contact du propriétaire", required=False, max_length=1000, widget=forms.Textarea({"rows": 2})
    )
    public_note = forms.CharField(
        label="Présentation publique",
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text="Ce que liront les porteurs de projet, quand la cellule est publiée.",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"label_suffix": ""} | kwargs)
        self.fields["activity"].queryset = Activity.objects.active().order_by("label", "pk")

    def fieldsets(self) -> list[tuple[str, list]]:
        """The fields in their sets, those that the form has."""
        return [(title, [self[name] for name in names if name in self.fields]) for title, names in SETS]

    def clean(self):
        data = super().clean() or self.cleaned_data
        if (data.get("latitude") is None) != (data.get("longitude") is None):
            self.add_error("latitude", "Donnez la latitude et la longitude, ou aucune des deux.")
        if data.get("state") == OccupancyState.OCCUPIED and data.get("since"):
            self.add_error(
                "since", "Une cellule occupée n’est pas vide\u202f: effacez cette date, ou changez l’occupation."
            )
        if "since" in data:
            since = data.pop("since") or (None, "")
            data["vacant_since"], data["vacant_since_precision"] = since
        return data


class UnitAddForm(UnitFields):
    """A unit that nobody registered yet; one at the same address is asked about once."""

    territory = forms.ModelChoiceField(Territory.objects.none(), label="Territoire", empty_label=None)
    seen_same = forms.CharField(required=False, widget=forms.HiddenInput, max_length=1)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user, self.same = user, []
        self.fields["territory"].queryset = Territory.objects.offered_to(user).order_by("name", "pk")

    def clean(self):
        data = super().clean()
        data.pop("seen_same", None)
        self.same = self.at_the_same_address(data)
        if self.same and not self.data.get(self.add_prefix("seen_same")):
            self.data = self.data.copy()
            self.data[self.add_prefix("seen_same")] = "1"
            raise forms.ValidationError(
                "Une cellule est déjà enregistrée à cette adresse\u202f: est-ce la même\u202f? Sinon, dites ce qui les "
                "distingue (bâtiment, étage, porte ou référence), et enregistrez de nouveau.",
                code="same_address",
            )
        return data

    def at_the_same_address(self, data: dict) -> list[Unit]:
        """Return the standing units of the same number and street that the user may see."""
        if not data.get("street") or not data.get("commune"):
            return []
        rows = Unit.objects.visible_to(self.user).standing().filter(commune=data["commune"], number=data.get("number"))
        keys = {"key": NameKey(F("street")), "part": NameKey(F("repetition"))}
        wanted = {"key": NameKey(Value(data["street"])), "part": NameKey(Value(data.get("repetition", "")))}
        return list(rows.alias(**keys).filter(**wanted).order_by("pk")[:5])


class UnitChangeForm(EditedMeanwhile, UnitFields):
    """A unit as it stands; who saves second reads what the first saved."""


def told_of(unit: Unit) -> dict:
    """Return what a correction shows of ``unit`` before anything is typed."""
    shown = {name: getattr(unit, name) for name in TOLD} | {"naf": unit.naf_id or ""}
    return shown | {"since": typed(unit.vacant_since, unit.vacant_since_precision)}
