"""What a visitor types when a unit interests them: a few words, no account."""

from django import forms

from coopconnexion.identity_form import IdentityForm
from coopconnexion.text_fields import LongTextField, OneLineField
from premises.services.public_interests import Visitor
from projects.models import Project

LONGEST = 2000
OTHER = ""


def title_field(**kwargs) -> OneLineField:
    return OneLineField(
        label="Votre projet en quelques mots",
        max_length=200,
        help_text="Par exemple\u202f: «\u202fépicerie de produits locaux\u202f».",
        **kwargs,
    )


def message_field() -> LongTextField:
    return LongTextField(
        label="Autre chose à nous dire",
        required=False,
        longest=LONGEST,
        widget=forms.Textarea({"rows": 4}),
        help_text="Quand vous aimeriez visiter, ce qu’il vous faut…",
    )


class InterestForm(IdentityForm):
    """Who, how to answer them, and for what project."""

    title = title_field()
    message = message_field()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"].required = False
        self.fields["email"].help_text = "Un courriel ou un téléphone\u202f: l’un des deux suffit."
        self.fields["phone"].help_text = "Pour vous rappeler."

    def clean(self):
        data = super().clean() or self.cleaned_data
        if not (data.get("email") or data.get("phone") or {"email", "phone"} & set(self.errors)):
            self.add_error("email", "Donnez un courriel ou un téléphone\u202f: sinon, comment vous répondre\u202f?")
        return data

    def said(self) -> dict:
        data = self.cleaned_data
        visitor = Visitor(
            first_name=data["first_name"],
            last_name=data["last_name"],
            email=data["email"],
            phone=str(data["phone"] or ""),
        )
        return {"visitor": visitor, "title": data["title"], "message": data["message"]}


class OwnInterestForm(forms.Form):
    """One of the projects of who is signed in, or a new one."""

    error_css_class = "field--invalid"
    is_robot = False

    project = forms.ChoiceField(
        label="Pour quel projet\u202f?",
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Ce projet n’est plus ouvert\u202f: choisissez-en un autre."},
    )
    title = title_field(required=False)
    message = message_field()

    def __init__(self, *args, projects: list[Project], **kwargs):
        super().__init__(*args, **kwargs)
        self.projects = {str(project.pk): project for project in projects}
        self.fields["project"].choices = [
            *((pk, project.title) for pk, project in self.projects.items()),
            (OTHER, "Un autre projet"),
        ]
        self.initial.setdefault("project", next(iter(self.projects)))
        self.fields["title"].help_text = "Seulement pour un autre projet."

    def clean(self):
        data = super().clean() or self.cleaned_data
        if "project" in data and not data["project"] and not data.get("title"):
            self.add_error("title", "Dites-nous en quelques mots quel est cet autre projet.")
        return data

    @property
    def chosen(self) -> Project | None:
        return self.projects.get(self.cleaned_data["project"])

    def said(self) -> dict:
        """What the service of visitors expects, for another project of the same person."""
        holder = next(iter(self.projects.values())).holder
        visitor = Visitor(
            first_name=holder.first_name, last_name=holder.last_name, email=holder.email, phone=str(holder.phone or "")
        )
        return {"visitor": visitor, "title": self.cleaned_data["title"], "message": self.cleaned_data["message"]}
