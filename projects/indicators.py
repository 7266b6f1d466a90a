"""What projects measure. A holder's profile is told by choice: shares are of those who answered, and are masked."""

from django.db.models import Avg, Count, Exists, F, FloatField, OuterRef, Q, QuerySet
from django.db.models.functions import Cast, NullIf, TruncDate

from coopconnexion.partnerships.indicators import Flow, Scope, in_days, in_percent, register
from projects.enums import Hardship, Source, Stage
from projects.models import Integration, Project, StageChange

NO_TEST = "hors projets d’essai"
PROFILE = "holder__candidate_profile"
TOLD_SITUATION = Q(**{f"{PROFILE}__situations__len__gt": 0})
TOLD_DISTRICT = Q(**{f"{PROFILE}__in_priority_district__isnull": False})


def counted(scope: Scope) -> QuerySet:
    return scope.within(Project.objects.counted())


def integrated(scope: Scope) -> QuerySet:
    return counted(scope).filter(stage=Stage.INTEGRATED)


def coming_from(source: Source):
    def rows(scope: Scope) -> QuerySet:
        return counted(scope).filter(source=source)

    return rows


def reaching(stage: Stage):
    """The first step of each project to ``stage``: who comes back to it is not counted again."""

    def rows(scope: Scope) -> QuerySet:
        earlier = Q(changed_at__lt=OuterRef("changed_at")) | Q(changed_at=OuterRef("changed_at"), pk__lt=OuterRef("pk"))
        before = StageChange.objects.filter(earlier, project=OuterRef("project"), to_stage=stage)
        steps = StageChange.objects.filter(to_stage=stage, project__is_test=False)
        return scope.within(steps.exclude(Exists(before)), "project__territory")

    return rows


def integrations(scope: Scope) -> QuerySet:
    standing = Integration.objects.filter(undone_at=None, project__is_test=False)
    return scope.within(standing, "project__territory")


def holders(condition: Q | None = None) -> Count:
    """Count people, once each however many projects they hold."""
    return Count("holder", distinct=True, filter=condition)


def share_of_holders(key: str, label: str, definition: str, *, part: Q, whole: Q | None = None) -> Flow:
    """Register a share of the people behind the projects of a period; masked where it tells of fewer than five."""
    some, every = holders(part), holders(whole)
    indicator = Flow(
        key=key,
        label=label,
        unit="%",
        definition=definition,
        rows=counted,
        day=TruncDate("created_at"),
        measure=Cast(some, FloatField()) / NullIf(Cast(every, FloatField()), 0.0),
        read=in_percent,
        nothing=None,
        sensitive=True,
        groups=(some, every, every - some),
    )
    return register(indicator)


register(
    Flow(
        key="projects.created",
        label="projets accueillis",
        unit="projets",
        definition="Projets ouverts dans la période, quelle que soit leur provenance, hors projets d’essai.",
        rows=counted,
        day=TruncDate("created_at"),
    )
)
for source in Source:
    register(
        Flow(
            key=f"projects.created_from_{source.value}",
            label=f"projets accueillis, provenance\u202f: {source.label}",
            unit="projets",
            definition=(
                "Projets ouverts dans la période dont la provenance notée à l’accueil est"
                f" «\u202f{source.label}\u202f», {NO_TEST}."
            ),
            rows=coming_from(source),
            day=TruncDate("created_at"),
        )
    )
register(
    Flow(
        key="projects.assessed",
        label="diagnostics faits",
        unit="projets",
        definition=(
            "Projets passés pour la première fois à l’étape «\u202fdiagnostic\u202f» dans la période. Un projet qui y"
            f" revient ne compte pas de nouveau, {NO_TEST}."
        ),
        rows=reaching(Stage.ASSESSMENT),
        day=TruncDate("changed_at"),
    )
)
register(
    Flow(
        key="projects.supported",
        label="accompagnements commencés",
        unit="projets",
        definition=(
            f"Projets passés pour la première fois à l’étape «\u202faccompagnement\u202f» dans la période, {NO_TEST}."
        ),
        rows=reaching(Stage.SUPPORT),
        day=TruncDate("changed_at"),
    )
)
register(
    Flow(
        key="projects.days_to_assessment",
        label="délai entre premier contact et diagnostic",
        unit="jours",
        definition=(
            "Durée moyenne, en jours, entre l’ouverture d’un projet et son premier passage à l’étape"
            f" «\u202fdiagnostic\u202f», pour les projets qui y passent dans la période, {NO_TEST}."
        ),
        rows=reaching(Stage.ASSESSMENT),
        day=TruncDate("changed_at"),
        measure=Avg(F("changed_at") - F("project__created_at")),
        read=in_days,
        nothing=None,
    )
)
register(
    Flow(
        key="projects.integrated",
        label="projets intégrés",
        unit="projets",
        definition="Projets dont la date d’intégration à la coopérative tombe dans la période, hors projets d’essai.",
        rows=integrated,
        day="integrated_on",
    )
)
register(
    Flow(
        key="projects.integrated_businesses",
        label="entreprises intégrées",
        unit="entreprises",
        definition=(
            "Entreprises entrées dans la coopérative par l’intégration d’un projet dans la période. Deux personnes qui"
            f" portent la même entreprise en font une\u202f; une intégration annulée ne compte pas, {NO_TEST}."
        ),
        rows=integrations,
        day="integrated_on",
        measure=Count("business", distinct=True),
    )
)
share_of_holders(
    "projects.profiles_answered",
    "porteurs de projet ayant dit leur situation",
    "Part des personnes dont un projet s’est ouvert dans la période et qui ont répondu, en tout ou partie, aux"
    f" questions facultatives sur leur situation. Chaque personne compte une fois, {NO_TEST}.",
    part=TOLD_SITUATION | TOLD_DISTRICT,
)
for hardship in Hardship:
    share_of_holders(
        f"projects.share_{hardship.value}",
        f"porteurs de projet\u202f: {hardship.label}",
        f"Part des personnes qui disent être «\u202f{hardship.label}\u202f» parmi celles qui ont dit leur situation et"
        f" dont un projet s’est ouvert dans la période. Plusieurs situations peuvent valoir à la fois, {NO_TEST}.",
        part=Q(**{f"{PROFILE}__situations__contains": [hardship.value]}),
        whole=TOLD_SITUATION,
    )
share_of_holders(
    "projects.share_priority_district",
    "porteurs de projet d’un quartier prioritaire",
    "Part des personnes qui disent habiter un quartier prioritaire de la politique de la ville parmi celles qui ont"
    f" répondu à cette question et dont un projet s’est ouvert dans la période, {NO_TEST}.",
    part=Q(**{f"{PROFILE}__in_priority_district": True}),
    whole=TOLD_DISTRICT,
)
