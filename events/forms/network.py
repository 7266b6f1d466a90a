"""What staff type about the network."""

from django import forms

from coopconnexion.accounts.enums import OrganisationKind
from coopconnexion.accounts.models import Organisation, User
from coopconnexion.backoffice import EditedMeanwhile
from coopconnexion.territories.forms import CommuneField
from coopconnexion.territories.models import Territory, Theme
from coopconnexion.text_fields import OneLineField
from events.enums import ActorRole, ExchangeKind, LinkRole
from events.forms.office import DayField
from events.models import Event, NetworkActor
from projects.models import Project

NOT_OURS = (OrganisationKind.COOPERATIVE,)


class ActorFields(forms.Form):
    """What an addition and a correction share."""

    role = forms.ChoiceField(label="Rôle dans le réseau", choices=ActorRole.choices)
    territory = forms.ModelChoiceField(
        Territory.objects.none(), label="Territoire", required=False, empty_label="Tous les territoires"
    )
    commune = CommuneField(required=False)
    themes = forms.ModelMultipleChoiceField(
        Theme.objects.none(), label="Thèmes", required=False, widget=forms.CheckboxSelectMultiple
    )
    offer = forms.CharField(
        label="Ce qu’il ou elle apporte",
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text="En clair\u202f: l’annuaire le montre, si l’accord est donné.",
    )

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["territory"].queryset = Territory.objects.offered_to(user).order_by("name", "pk")
        self.fields["themes"].queryset = Theme.objects.active().order_by("position", "label", "pk")


class ActorAddForm(ActorFields):
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label="Organisation déjà connue", required=False, empty_label="Une nouvelle"
    )
    name = OneLineField(label="Nom de la nouvelle organisation", required=False, max_length=200)
    kind = forms.ChoiceField(label="Nature de la nouvelle organisation", choices=OrganisationKind.choices)

    field_order = ["organisation", "name", "kind", "role", "territory", "commune", "themes", "offer"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        free = Organisation.objects.filter(network_actor=None, retired_at=None)
        self.fields["organisation"].queryset = free.order_by("name", "pk")
        kinds = [each for each in OrganisationKind.choices if each[0] not in NOT_OURS]
        self.fields["kind"].choices = kinds

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("organisation") and not cleaned.get("name"):
            self.add_error("name", "Choisissez une organisation connue, ou nommez la nouvelle.")
        return cleaned


class ActorEditForm(EditedMeanwhile, ActorFields):
    pass


class ConsentForm(forms.Form):
    on = DayField(label="Accord donné le")
    note = OneLineField(
        label="Comment", max_length=200, help_text="«\u202fPar courriel\u202f», «\u202fde vive voix\u202f»…"
    )


class ExchangeForm(forms.Form):
    happened_on = DayField(label="Le")
    kind = forms.ChoiceField(label="Par", choices=ExchangeKind.choices)
    note = forms.CharField(label="Ce qui s’est dit", max_length=4000, widget=forms.Textarea({"rows": 4}))


class LinkForm(forms.Form):
    """Whom an actor helped; offered are the projects and events of the user's territories."""

    role = forms.ChoiceField(label="Rôle", choices=LinkRole.choices)
    project = forms.ModelChoiceField(Project.objects.none(), label="Projet", required=False, empty_label="Aucun")
    event = forms.ModelChoiceField(Event.objects.none(), label="Évènement", required=False, empty_label="Aucun")
    happened_on = DayField(label="Le")
    note = OneLineField(label="Précision", required=False, max_length=300)

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        projects = Project.objects.visible_to(user).not_archived()
        self.fields["project"].queryset = projects.order_by("title", "pk")
        self.fields["event"].queryset = Event.objects.visible_to(user).order_by("-starts_at", "pk")


class ActorLinkForm(forms.Form):
    """The same, from the page of a project or of an event: who helped it."""

    actor = forms.ModelChoiceField(NetworkActor.objects.none(), label="Acteur", empty_label=None)
    role = forms.ChoiceField(label="Rôle", choices=LinkRole.choices)
    happened_on = DayField(label="Le")
    note = OneLineField(label="Précision", required=False, max_length=300)

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        actors = NetworkActor.objects.visible_to(user).active().select_related("organisation", "person")
        self.fields["actor"].queryset = actors.order_by("organisation__name", "person__last_name", "pk")
