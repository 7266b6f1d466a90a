"""Requests that found no slot: counted, without personal data."""

from datetime import datetime
from uuid import UUID

from coopconnexion.db import joined
from permanences.models import MissedRequest, Permanence


@joined
def miss_request(*, permanence: Permanence, form_token: UUID, at: datetime) -> None:
    """Note that the form ``form_token`` found its slot gone; once, however often it is sent."""
    missed = MissedRequest(permanence=permanence, form_token=form_token, missed_at=at)
    MissedRequest.objects.bulk_create([missed], ignore_conflicts=True)


@joined
def serve_missed_request(*, form_token: UUID, at: datetime) -> None:
    """Note that the form ``form_token`` got a slot after all; a form that missed nothing passes."""
    MissedRequest.objects.filter(form_token=form_token, served_at=None).update(served_at=at)
