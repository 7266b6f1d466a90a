from django.db.models import QuerySet

from coopconnexion.partnerships.indicators import Scope, Stock, register
from members.models import Contract


def contracts(scope: Scope) -> QuerySet:
    return scope.within(Contract.objects.all(), "member__territory")


register(
    Stock(
        key="members.active_contracts",
        label="contrats en cours",
        unit="contrats",
        definition="Contrats en vigueur le dernier jour de la période, toutes natures confondues.",
        rows=contracts,
    )
)
