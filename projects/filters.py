"""Which projects a list, a board or an export shows: all of it stands in the address."""

from datetime import timedelta

from django import forms
from django.db.models import Case, Exists, F, OuterRef, QuerySet, Value, When
from django.utils import timezone
from django_filters import BooleanFilter, CharFilter, ChoiceFilter, FilterSet, NumberFilter

from coopconnexion.accounts.models import USER_WORDS, User
from coopconnexion.backoffice.tables import FilterForm, options
from coopconnexion.db import folded
from coopconnexion.territories.models import Territory, Theme
from projects.enums import CLOSED_STAGES, OPEN_STAGES, Source, Stage
from projects.models import Project, ProjectObserver
from projects.search import answering

OPEN, OVER = "ouverts", "termines"
ME, WATCHED, NOBODY = "moi", "observe", "personne"
MINE = [(ME, "Moi"), (WATCHED, "Moi, en observation"), (NOBODY, "Personne")]
KEPT, ARCHIVED, BOTH = "", "archives", "tous"
WITHOUT_TESTS, ONLY_TESTS = "sans", "seuls"
LONGEST_SILENCE = 3650  # days
STAGE_RANK = Case(*(When(stage=stage, then=Value(rank)) for rank, stage in enumerate(Stage)))
SORTS = {
    "titre": folded(F("title")),
    "porteur": folded(F("holder__last_name")),
    "etape": STAGE_RANK,
    "referent": folded(F("advisor__name")),
    "prochaine": F("next_step_on"),
    "suivi": F("touched_at"),
    "cree": F("created_at"),
}
NEWEST_FIRST = "-cree"


def capitalised(choices) -> list[tuple[str, str]]:
    return [(value, label[:1].upper() + label[1:]) for value, label in choices]


def in_order(rows: QuerySet[Project], sort: str) -> QuerySet[Project]:
    """Order by the name of a column, backwards after a « - »; empty values last."""
    backwards, key = sort.startswith("-"), SORTS.get(sort.removeprefix("-"))
    if key is None:
        return in_order(rows, NEWEST_FIRST)
    if key is SORTS["cree"] and backwards:
        return rows.order_by("-created_at", "-pk")  # as the index has it
    by = key.desc if backwards else key.asc
    return rows.order_by(by(nulls_last=True), "pk")


class ProjectFilter(FilterSet):
    """The filters of the list and of the board; what cannot be read finds nothing, and says why."""

    q = CharFilter(label="Chercher", method="search", max_length=100)
    etape = ChoiceFilter(
        label="Étape",
        method="of_stage",
        empty_label="Toutes",
        choices=[(OPEN, "En cours"), (OVER, "Terminés"), *capitalised(Stage.choices)],
    )
    theme = ChoiceFilter(label="Thème", field_name="themes", empty_label="Tous")
    territoire = ChoiceFilter(label="Territoire", field_name="territory", empty_label="Tous")
    referent = ChoiceFilter(label="Référent·e", method="followed_by", empty_label="Tout le monde")
    provenance = ChoiceFilter(
        label="Provenance", field_name="source", empty_label="Toutes", choices=capitalised(Source.choices)
    )
    sans_suivi = NumberFilter(
        label="Sans suivi depuis (jours)", method="silent_for", min_value=1, max_value=LONGEST_SILENCE, decimal_places=0
    )
    retard = BooleanFilter(label="Étape en retard", method="late", widget=forms.CheckboxInput)
    archives = ChoiceFilter(
        label="Archives",
        method="archived",
        empty_label="Non archivés",
        choices=[(ARCHIVED, "Archivés"), (BOTH, "Archivés ou non")],
    )
    essais = ChoiceFilter(
        label="Projets d’essai",
        method="tests",
        empty_label="Avec",
        choices=[(WITHOUT_TESTS, "Sans"), (ONLY_TESTS, "Seulement")],
    )
    tri = ChoiceFilter(
        method="keep_sort",
        widget=forms.HiddenInput,
        choices=[(sign + key, key) for key in SORTS for sign in ("", "-")],
    )

    class Meta:
        form = FilterForm

    def __init__(self, data, *, user: User, unused: tuple[str, ...] = ()):
        super().__init__(data, Project.objects.visible_to(user))
        self.user, self.today = user, timezone.localdate()
        for name in unused:
            del self.filters[name]
        for name, choices in options(
            theme=(Theme.objects.all(), F("label")),
            territoire=(Territory.objects.staffed_by(user), F("name")),
            referent=(User.objects.filter(pk__in=followers(user)), USER_WORDS),
        ).items():
            self.filters[name].extra["choices"] = MINE * (name == "referent") + choices

    @property
    def rows(self) -> QuerySet[Project]:
        """The projects that answer, in order; none when a filter cannot be read."""
        if not self.form.is_valid():
            return Project.objects.none()
        rows = self.filter_queryset(self.queryset)
        if not self.form.cleaned_data.get("archives"):
            rows = rows.not_archived()
        return in_order(rows, self.sort)

    @property
    def sort(self) -> str:
        return (self.form.is_valid() and self.form.cleaned_data.get("tri")) or NEWEST_FIRST

    def search(self, rows, name, value):
        return answering(rows, value, user=self.user)

    def of_stage(self, rows, name, value):
        return rows.filter(stage__in={OPEN: OPEN_STAGES, OVER: CLOSED_STAGES | {Stage.INTEGRATED}}.get(value, [value]))

    def followed_by(self, rows, name, value):
        if value == WATCHED:
            return rows.filter(Exists(ProjectObserver.objects.filter(project=OuterRef("pk"), user=self.user)))
        return rows.filter(advisor={ME: self.user.pk, NOBODY: None}.get(value, value))

    def silent_for(self, rows, name, value):
        return rows.filter(touched_at__lt=timezone.now() - timedelta(days=int(value)))

    def late(self, rows, name, value):
        return rows.filter(next_step_on__lt=self.today) if value else rows

    def archived(self, rows, name, value):
        return rows.archived() if value == ARCHIVED else rows

    def tests(self, rows, name, value):
        return rows.filter(is_test=value == ONLY_TESTS)

    def keep_sort(self, rows, name, value):
        return rows


def followers(user: User) -> QuerySet:
    """Whoever follows a project that ``user`` may see."""
    return Project.objects.visible_to(user).filter(advisor__isnull=False).values("advisor")
