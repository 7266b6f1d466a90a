"""One of everything that the premises measure, for the tests of every indicator."""

from datetime import timedelta
from uuid import uuid4

from premises.enums import (
    Availability,
    ClosureReason,
    Finding,
    FollowUpDetail,
    FollowUpStatus,
    GapSource,
    GapStatus,
    InterestOrigin,
    OccupancyState,
)
from premises.models import FollowUp, MissingActivity, Observation, Provision, UnitInterest
from tests.factories import CommuneFactory, PartnershipFactory, SurveyCampaignFactory, UnitFactory

GONE = {"closed_because": ClosureReason.DEMOLISHED}


def story_of_premises(project, at):
    """Five units seen one day, one of them vacant, lent, offered, wanted, let; two gaps, one of them filled."""
    territory, day = project.territory, at.date()
    there = {"territory": territory, "created_at": at - timedelta(days=9), "closed_on": day + timedelta(days=300)}
    there |= GONE | {"published_at": at, "availability": Availability.YES}
    units = [UnitFactory(**there) for _ in range(5)]
    survey(territory, units, at)
    FollowUp.objects.create(
        unit=units[0], status=FollowUpStatus.DONE, detail=FollowUpDetail.VACANCY_ENDED, written_at=at
    )
    Provision.objects.create(
        partnership=PartnershipFactory(territory=territory),
        unit=units[0],
        starts_on=day,
        ends_on=day + timedelta(days=300),
    )
    UnitInterest.objects.create(project=project, unit=units[0], origin=InterestOrigin.PUBLIC, said_at=at)
    gap(territory, day, status=GapStatus.CONFIRMED)
    gap(territory, day, status=GapStatus.FILLED, filled_on=day, status_note="Une boulangerie a ouvert.")


def survey(territory, units, at, **fields):
    """A survey of ``units``, the first of them vacant."""
    fields = {"is_exhaustive": True, "starts_on": at.date(), "closed_at": at + timedelta(hours=3)} | fields
    campaign = SurveyCampaignFactory(territory=territory, opened_at=at, **fields)
    for place, unit in enumerate(units):
        state = OccupancyState.OCCUPIED if place else OccupancyState.VACANT
        told = {"finding": Finding.OPEN, "state_before": OccupancyState.UNKNOWN, "state": state, "seen_at": at}
        Observation.objects.create(campaign=campaign, unit=unit, client_id=uuid4(), **told)
    return campaign


def gap(territory, day, **fields):
    told = {"label": "Boulangerie", "source": GapSource.STUDY, "evidence": "Enquête", "observed_on": day}
    told |= {"territory": territory, "commune": CommuneFactory(), "review_on": day + timedelta(days=365)}
    return MissingActivity.objects.create(**told | fields)
