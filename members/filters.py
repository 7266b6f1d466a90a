"""Which members a list or an export shows: all of it stands in the address."""

from django import forms
from django.db.models import Case, Exists, F, OuterRef, QuerySet, Value, When
from django.utils import timezone
from django_filters import CharFilter, ChoiceFilter, FilterSet

from coopconnexion.accounts.models import USER_WORDS, User
from coopconnexion.backoffice.tables import FilterForm, options
from coopconnexion.db import folded
from coopconnexion.territories.models import Territory, Theme
from members.careers import with_situation
from members.checklist import something_to_chase
from members.enums import Situation
from members.models import Business, Contract, ContractKind, Member
from members.search import answering

ME, NOBODY = "moi", "personne"
MINE = [(ME, "Moi"), (NOBODY, "Personne")]
PRESENT, GONE = "presents", "sortis"
LACKING, COMPLETE = "a-demander", "completes"
SITUATION_RANK = Case(*(When(situation=each, then=Value(rank)) for rank, each in enumerate(Situation)))
SORTS = {
    "nom": F("person__name_key"),
    "situation": SITUATION_RANK,
    "territoire": folded(F("territory__name")),
    "referent": folded(F("advisor__name")),
    "associe": F("associated_on"),
    "numero": F("pk"),
}
BY_NAME = "nom"


def in_order(rows: QuerySet[Member], sort: str) -> QuerySet[Member]:
    """Order by the name of a column, backwards after a « - »; empty values last."""
    key = SORTS.get(sort.removeprefix("-"), SORTS[BY_NAME])
    if key is SORTS[BY_NAME]:  # no name is empty: the index has this order
        return rows.order_by("-person__name_key", "-pk") if sort.startswith("-") else rows.order_by(key, "pk")
    by = key.desc if sort.startswith("-") else key.asc
    return rows.order_by(by(nulls_last=True), "pk")


class MemberFilter(FilterSet):
    """The filters of the list; what cannot be read finds nothing, and says why."""

    q = CharFilter(label="Chercher", method="search", max_length=100)
    situation = ChoiceFilter(
        label="Situation",
        method="in_situation",
        empty_label="Toutes",
        choices=[(value, label.capitalize()) for value, label in Situation.choices],
    )
    referent = ChoiceFilter(label="Référent·e", method="followed_by", empty_label="Tout le monde")
    territoire = ChoiceFilter(label="Territoire", field_name="territory", empty_label="Tous")
    contrat = ChoiceFilter(label="Contrat en cours", method="under_contract", empty_label="Tous")
    theme = ChoiceFilter(label="Thème de l’entreprise", method="of_theme", empty_label="Tous")
    presence = ChoiceFilter(
        label="Présence",
        method="still_here",
        empty_label="Présents et sortis",
        choices=[(PRESENT, "Présents"), (GONE, "Sortis")],
    )
    pieces = ChoiceFilter(
        label="Pièces",
        method="with_documents",
        empty_label="Toutes",
        choices=[(LACKING, "À demander"), (COMPLETE, "Toutes reçues")],
    )
    tri = ChoiceFilter(
        method="keep_sort",
        widget=forms.HiddenInput,
        choices=[(sign + key, key) for key in SORTS for sign in ("", "-")],
    )

    class Meta:
        form = FilterForm

    def __init__(self, data, *, user: User):
        self.user, self.today = user, timezone.localdate()
        super().__init__(data, with_situation(Member.objects.visible_to(user), self.today))
        for name, choices in options(
            contrat=(ContractKind.objects.all(), F("label")),
            theme=(Theme.objects.all(), F("label")),
            territoire=(Territory.objects.staffed_by(user), F("name")),
            referent=(User.objects.filter(pk__in=followers(user)), USER_WORDS),
        ).items():
            self.filters[name].extra["choices"] = MINE * (name == "referent") + choices

    @property
    def rows(self) -> QuerySet[Member]:
        """The members that answer, in order; none when a filter cannot be read."""
        if not self.form.is_valid():
            return Member.objects.none()
        return in_order(self.filter_queryset(self.queryset), self.sort)

    @property
    def sort(self) -> str:
        return (self.form.is_valid() and self.form.cleaned_data.get("tri")) or BY_NAME

    def search(self, rows, name, value):
        return answering(rows, value, user=self.user)

    def in_situation(self, rows, name, value):
        return rows.filter(situation=value)

    def followed_by(self, rows, name, value):
        return rows.filter(advisor={ME: self.user.pk, NOBODY: None}.get(value, value))

    def under_contract(self, rows, name, value):
        theirs = Contract.objects.on(self.today).filter(member=OuterRef("pk"), kind=value)
        return rows.filter(Exists(theirs))

    def of_theme(self, rows, name, value):
        theirs = Business.objects.on(self.today).filter(members=OuterRef("pk"), themes=value)
        return rows.filter(Exists(theirs))

    def still_here(self, rows, name, value):
        return rows.departed() if value == GONE else rows.present()

    def with_documents(self, rows, name, value):
        lacks = something_to_chase(self.today)
        return rows.present().filter(lacks if value == LACKING else ~lacks)

    def keep_sort(self, rows, name, value):
        return rows


def followers(user: User) -> QuerySet:
    """Whoever follows a member that ``user`` may see."""
    return Member.objects.visible_to(user).filter(advisor__isnull=False).values("advisor")
