"""What staff type to move a project through the pipeline, to say what comes next, to hand it over."""

from django import forms

from coopconnexion.accounts.models import User
from coopconnexion.french import NARROW
from projects.enums import CLOSED_STAGES, OPEN_STAGES, ReasonKind, Stage
from projects.models import ClosingReason, Project
from projects.rules import BACKWARD

DAY = {"type": "date"}
LONGEST_STEP, LONGEST_REASON = 200, 200
TELL = "Prévenir la personne par courriel"
TELL_HELP = f"Quelques mots sans le motif{NARROW}: le suivi se referme, la porte reste ouverte."


class DayInput(forms.DateInput):
    """The browser's own calendar."""

    def __init__(self, **kwargs):
        super().__init__({"type": "date"}, format="%Y-%m-%d", **kwargs)


class NextStepForm(forms.Form):
    """What comes next, and when."""

    next_step = forms.CharField(
        label="Prochaine étape",
        max_length=LONGEST_STEP,
        error_messages={"required": "Dites ce qui vient ensuite : « rappeler », « rendez-vous à la banque »…"},
    )
    next_step_on = forms.DateField(
        label="Pour le", widget=DayInput, error_messages={"required": "Indiquez le jour de la prochaine étape."}
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"label_suffix": ""} | kwargs)


class StepForm(NextStepForm):
    """What the step ``to`` asks for, and nothing else."""

    to = forms.ChoiceField(widget=forms.HiddenInput, choices=Stage.choices)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)
    closing_reason = forms.ModelChoiceField(
        label="Motif",
        queryset=ClosingReason.objects.none(),
        empty_label="Choisir…",
        error_messages={"required": "Choisissez un motif."},
    )
    reason = forms.CharField(label="Pourquoi", max_length=LONGEST_REASON)
    wakes_on = forms.DateField(
        label="À reprendre le",
        widget=DayInput,
        help_text="Aucune relance d’ici là.",
        error_messages={"required": "Indiquez le jour où reprendre ce projet."},
    )

    tells_holder = forms.BooleanField(label=TELL, required=False, help_text=TELL_HELP)

    field_order = ["to", "seen", "closing_reason", "reason", "tells_holder", "wakes_on", "next_step", "next_step_on"]

    def __init__(self, *args, project: Project, to: Stage, **kwargs):
        super().__init__(*args, **kwargs)
        is_closing = to in CLOSED_STAGES
        if is_closing:
            reasons = ClosingReason.objects.active().filter(kind=ReasonKind(to.value))
            self.fields["closing_reason"].queryset = reasons.order_by("position", "label", "pk")
        else:
            del self.fields["closing_reason"]
        if not is_closing or not project.holder.email:
            del self.fields["tells_holder"]
        if to != Stage.POOL:
            del self.fields["wakes_on"]
        self._ask_reason(is_needed=to == Stage.POOL or to in BACKWARD.get(project.stage, ()), is_closing=is_closing)
        if to not in OPEN_STAGES or to == Stage.POOL:  # who sleeps is called again when they wake
            del self.fields["next_step"], self.fields["next_step_on"]

    def _ask_reason(self, *, is_needed: bool, is_closing: bool) -> None:
        field = self.fields["reason"]
        field.required = is_needed
        if is_closing:
            field.label = "Précisions"
        field.error_messages["required"] = "Dites pourquoi en quelques mots : l’équipe le relira."

    @property
    def wishes(self) -> dict:
        """The arguments of ``change_stage`` that the form knows."""
        names = ("reason", "closing_reason", "tells_holder", "wakes_on", "next_step", "next_step_on")
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}


class EndField(forms.ModelChoiceField):
    """A reason, after the end it is for."""

    def label_from_instance(self, reason: ClosingReason) -> str:
        return f"{reason.get_kind_display().capitalize()}{NARROW}: {reason.label}"


class CloseForm(forms.Form):
    """Why several projects end."""

    closing_reason = EndField(
        label="Motif",
        queryset=ClosingReason.objects.none(),
        empty_label="Choisir…",
        error_messages={"required": "Choisissez un motif."},
    )
    reason = forms.CharField(label="Précisions", max_length=LONGEST_REASON, required=False)
    tells_holder = forms.BooleanField(
        label="Prévenir chaque personne par courriel", required=False, help_text=TELL_HELP
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"label_suffix": ""} | kwargs)
        reasons = ClosingReason.objects.active()
        self.fields["closing_reason"].queryset = reasons.order_by("kind", "position", "label", "pk")


class HandOverForm(forms.Form):
    """To whom, and what they should know."""

    to = forms.ModelChoiceField(
        label="Confier à",
        queryset=User.objects.none(),
        empty_label="Choisir…",
        error_messages={
            "required": "Choisissez à qui confier.",
            "invalid_choice": "Cette personne n’accompagne plus sur ce territoire : choisissez quelqu’un d’autre.",
        },
    )
    note = forms.CharField(
        label="À savoir", max_length=300, required=False, widget=forms.Textarea({"rows": 3, "maxlength": 300})
    )

    def __init__(self, *args, advisors, **kwargs):
        super().__init__(*args, **{"label_suffix": ""} | kwargs)
        self.fields["to"].queryset = advisors
