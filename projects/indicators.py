from django.db.models import QuerySet
from django.db.models.functions import TruncDate

from coopconnexion.partnerships.indicators import Flow, Scope, register
from projects.enums import Stage
from projects.models import Project


def counted(scope: Scope) -> QuerySet:
    return scope.within(Project.objects.counted())


def integrated(scope: Scope) -> QuerySet:
    return counted(scope).filter(stage=Stage.INTEGRATED)


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
