"""What staff type about advice meetings, and what their list is filtered by."""

import re

from django import forms
from django.db.models import Q, Value

from coopconnexion.accounts.models import User
from coopconnexion.backoffice import EditedMeanwhile
from coopconnexion.db import NameKey
from coopconnexion.text_fields import LongTextField, OneLineField
from members.enums import Attendance, MeetingMode
from members.forms.contracts import day_field, last_day_field
from members.models import AdviceMeeting, MeetingParticipant, Member
from members.services import members_worked_with

LONGEST = 20_000
REFERENCE = re.compile(r"m?\s*(\d{1,9})", re.IGNORECASE)
REMOVED = "removed"


class MomentInput(forms.DateTimeInput):
    def __init__(self, **kwargs):
        super().__init__({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M", **kwargs)


def text_field(label: str, rows: int) -> LongTextField:
    return LongTextField(label=label, longest=LONGEST, required=False, widget=forms.Textarea({"rows": rows}))


class MembersField(OneLineField):
    """Members by reference (« M45 ») or whole name, separated by commas, among ``members``."""

    def __init__(self, **kwargs):
        self.members = Member.objects.none()
        super().__init__(**kwargs)

    def clean(self, value):
        typed = [each.strip() for each in re.split(r"[,;]", super().clean(value))]
        return [self.find(each) for each in typed if each]

    def find(self, typed: str) -> Member:
        reference = REFERENCE.fullmatch(typed)
        same = Q(pk=reference[1]) if reference else Q(person__name_key=NameKey(Value(typed)))
        found = list(self.members.filter(same).select_related("person").order_by("pk")[:5])
        if len(found) == 1:
            return found[0]
        if not found:
            raise forms.ValidationError(
                f"Aucun membre « {typed} » : écrivez son prénom et son nom, ou sa référence.", code="member_unknown"
            )
        choices = ", ".join(each.reference for each in found)
        raise forms.ValidationError(
            f"Plusieurs membres s’appellent « {typed} » : écrivez une référence, {choices}.", code="member_ambiguous"
        )


class MeetingForm(forms.Form):
    """A meeting, held or planned."""

    held_at = forms.DateTimeField(label="Quand", widget=MomentInput)
    mode = forms.ChoiceField(label="Comment", choices=MeetingMode)
    minutes = forms.IntegerField(label="Durée (minutes)", required=False, min_value=1, max_value=600)
    advisors = forms.ModelMultipleChoiceField(
        User.objects.none(), label="Animé par", widget=forms.CheckboxSelectMultiple
    )
    others = MembersField(
        label="Autres participant·es",
        required=False,
        max_length=500,
        help_text="Noms ou références (M45), séparés par des virgules.",
    )
    financed_action = OneLineField(label="Action financée", max_length=200, required=False)
    topics = text_field("Points abordés", 6)
    objectives = text_field("Objectifs", 3)
    notes = text_field("Notes", 3)
    is_open_to_team = forms.BooleanField(
        label="Lisible par les collègues",
        required=False,
        help_text="Sinon, ils voient qu’il a eu lieu, pas ce qui s’est dit.",
    )
    is_shared = forms.BooleanField(
        label="Partager avec les participant·es",
        required=False,
        help_text="Points, objectifs et notes se lisent alors dans leur espace.",
    )
    next_at = forms.DateTimeField(
        label="Prochain rendez-vous",
        required=False,
        widget=MomentInput,
        help_text="Avec les mêmes personnes, attendues ; son contenu reste à écrire.",
    )

    def __init__(self, *args, user, member: Member, today, **kwargs):
        super().__init__(*args, **kwargs)
        advisors = User.objects.advisors_of(member.territory_id, today)
        self.fields["advisors"].queryset = advisors.order_by("name", "email", "pk")
        self.fields["others"].members = members_worked_with(user)


class MeetingAddForm(MeetingForm):
    attendance = forms.ChoiceField(
        label="Présence", choices=Attendance, help_text="De chacun·e ; une seule se change ensuite, d’un clic."
    )

    field_order = ["held_at", "mode", "minutes", "attendance", "advisors", "others"]


class SeatedForm(MeetingForm):
    """A meeting with its people: whoever led it stays possible, each participant may be taken away."""

    def __init__(self, *args, meeting: AdviceMeeting, participants, **kwargs):
        super().__init__(*args, **kwargs)
        self.participants = list(participants)
        former = User.objects.filter(pk__in=meeting.advisors.values("pk"))
        advisors = self.fields["advisors"].queryset | former
        self.fields["advisors"].queryset = advisors.order_by("name", "email", "pk")
        choices = [*Attendance.choices, (REMOVED, "n’y participe pas")]
        names = {seat_name(seat): f"Présence : {seat.member}" for seat in self.participants}
        for name, label in names.items():
            self.fields[name] = forms.ChoiceField(label=label, choices=choices)
        self.order_fields(["held_at", "mode", "minutes", "advisors", *names, "others"])

    def clean(self):
        cleaned_data = super().clean() or self.cleaned_data
        told = {seat.member_id: cleaned_data.pop(seat_name(seat), None) for seat in self.participants}
        cleaned_data["attendances"] = {pk: None if value == REMOVED else value for pk, value in told.items()}
        return cleaned_data


class MeetingChangeForm(EditedMeanwhile, SeatedForm):
    """The same, unless somebody changed it meanwhile."""


def seat_name(seat: MeetingParticipant) -> str:
    """Return the name of the field that says whether this participant came."""
    return f"presence_{seat.member_id}"


class MeetingFilterForm(forms.Form):
    """Advisors are those who lead a meeting that the user sees."""

    advisor = forms.ModelChoiceField(User.objects.none(), label="Animé par", required=False, empty_label="tou·tes")
    q = OneLineField(label="Membre", required=False, max_length=100)
    since = day_field("Du", required=False)
    until = last_day_field("Au", required=False)
    to_note = forms.BooleanField(label="Présence à noter", required=False)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        seen = AdviceMeeting.objects.visible_to(user).order_by().values("advisors")
        self.fields["advisor"].queryset = User.objects.filter(pk__in=seen).order_by("name", "email", "pk")

    def clean(self):
        cleaned_data = super().clean()
        since, until = cleaned_data.get("since"), cleaned_data.get("until")
        if since and until and until <= since:
            self.add_error("until", forms.ValidationError("La fin vient avant le début.", code="period_reversed"))
        return cleaned_data


def matching(query: str) -> Q:
    """Return what finds a member by a part of their name, or by their reference."""
    reference = REFERENCE.fullmatch(query)
    named = Q(member__person__name_key__contains=NameKey(Value(query)))
    return named | Q(member=reference[1]) if reference else named
