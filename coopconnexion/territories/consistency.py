from django.db.models import QuerySet

from coopconnexion.backoffice import consistency
from coopconnexion.territories.models import Territory


@consistency.register(
    "Territoires sans commune",
    model=Territory,
    sentence="{row} n’a aucune commune : rien ne peut y être situé.",
    territory="pk",
    position=30,
)
def territories_without_commune(territories: QuerySet) -> QuerySet:
    return territories.filter(communes=None)
