from premises.models.counts import CountedCommune, CountImport, CountSet, EstablishmentCount, ReferenceGroup
from premises.models.follow_up import FollowUp, UnitNote
from premises.models.gaps import MissingActivity
from premises.models.imports import UnitImport, UnitReference, UnitSource
from premises.models.occupancies import Occupancy, OccupancyAlert, Provision, UnitInterest
from premises.models.surveys import CampaignPass, Observation, SurveyCampaign
from premises.models.unit_groups import UnitGroup
from premises.models.units import Unit, UnitDocument, UnitPhoto
from premises.models.venues import Venue

__all__ = [
    "CampaignPass",
    "CountImport",
    "CountSet",
    "CountedCommune",
    "EstablishmentCount",
    "FollowUp",
    "MissingActivity",
    "Observation",
    "Occupancy",
    "OccupancyAlert",
    "Provision",
    "ReferenceGroup",
    "SurveyCampaign",
    "Unit",
    "UnitDocument",
    "UnitGroup",
    "UnitImport",
    "UnitInterest",
    "UnitNote",
    "UnitPhoto",
    "UnitReference",
    "UnitSource",
    "Venue",
]
