"""A survey as the office reads it and takes it away."""

from collections.abc import Iterator
from dataclasses import dataclass

from coopconnexion.french import NARROW
from premises.documents.vacancy import Comparison
from premises.enums import OccupancyState
from premises.models import Observation, SurveyCampaign

HEADER = (
    *("Commune", "Voie", "Numéro", "Bis, ter…", "Bâtiment, étage, porte", "Secteur", "Référence", "Enseigne"),
    *("Tour précédent", "Ce tour", "Évolution", "Vu le", "Vu par", "Remarque", "Désaccord", "Dernier relevé"),
)
WHY = {
    "changed_meanwhile": "Le registre a changé entre le départ du tour et cette observation.",
    "seen_later": "Elle a été vue plus tard que cette observation, arrivée après.",
    "occupied": "Une entreprise de la coopérative l’occupe.",
}


@dataclass(frozen=True)
class Conflict:
    """A sight that the register denied, still to settle: what each says, and why it was not written."""

    observation: Observation

    @property
    def seen(self) -> str:
        return self._said(self.observation.state, self.observation.sign_name)

    @property
    def register(self) -> str:
        told = self.observation.conflict
        return self._said(told["state"], told.get("sign_name"))

    @property
    def register_now(self) -> str:
        """What the register says today, when it moved again."""
        unit = self.observation.unit
        now = self._said(unit.state, unit.sign_name)
        return "" if now == self.register else now

    @property
    def reason(self) -> str:
        return WHY.get(self.observation.conflict["reason"], WHY["changed_meanwhile"])

    @staticmethod
    def _said(state: str, sign_name: str | None) -> str:
        label = OccupancyState(state).label
        return f"{label}, «{NARROW}{sign_name}{NARROW}»" if sign_name else label


def conflicts_of(campaign: SurveyCampaign) -> list[Conflict]:
    """Return what is still to settle, in the order it was seen."""
    rows = campaign.observations.filter(conflict__isnull=False, settled_at=None)
    return [Conflict(row) for row in rows.select_related("unit", "seen_by").order_by("seen_at", "pk")]


def table(comparison: Comparison) -> Iterator[list]:
    """Yield a line of cells for each unit of a survey, seen or not: one query."""
    campaign = comparison.campaign
    seen = {row.unit_id: row for row in campaign.observations.select_related("seen_by").order_by("seen_at", "pk")}
    for row in comparison.rows:
        unit, sight = row.unit, seen.get(row.unit.pk)
        place = (unit.street, unit.number, unit.repetition, unit.place, unit.sector, unit.reference, unit.sign_name)
        told = (sight.seen_at, str(sight.seen_by or ""), sight.note) if sight else (None, "", "")
        yield [str(campaign.commune), *place, *row.words, row.change.label, *told, _denied(sight), unit.surveyed_on]


def _denied(sight: Observation | None) -> str:
    if sight is None or sight.conflict is None:
        return ""
    return "réglé" if sight.settled_at else "à régler"
