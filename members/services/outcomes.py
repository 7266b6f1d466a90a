"""What became of those who left: asked once by mail at 6, 12, 24 and 36 months, or noted by staff."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from coopconnexion import jobs
from coopconnexion.accounts.models import User
from coopconnexion.refusals import refusal_at
from members.emails import write_outcome_question
from members.enums import Outcome
from members.models import OutcomeInquiry
from members.rules import ANSWER_CHANGEABLE

STILL_ASKED = timedelta(days=90)
"""How long after its day a question may still leave by mail: a beat that slept loses nothing, old exits are let be."""

EARLIEST_NOTE = timedelta(days=31)


def to_ask_by_mail(at: datetime) -> QuerySet:
    """Return the questions that leave today: of several due for one departure, the last alone."""
    today = timezone.localdate(at)
    later = OutcomeInquiry.objects.filter(
        departure=OuterRef("departure"), due_on__lte=today, due_on__gt=OuterRef("due_on")
    )
    due = OutcomeInquiry.objects.due(today).filter(~Exists(later), due_on__gt=today - STILL_ASKED)
    return due.exclude(departure__member__person__email="")


def enqueue_due_inquiries(*, at: datetime) -> None:
    """Ask for the questions that are due: one task each."""
    for pk in to_ask_by_mail(at).order_by("due_on", "pk").values_list("pk", flat=True):
        jobs.enqueue("members.ask_outcome", inquiry_id=pk)


@transaction.atomic
def ask_outcome(*, inquiry_id: int, at: datetime) -> None:
    """Write the one message of a question, unless it was asked or answered meanwhile."""
    waiting = to_ask_by_mail(at).filter(pk=inquiry_id).select_for_update(of=("self",))
    inquiry = waiting.select_related("departure__member__person").first()
    if inquiry is None:
        return
    inquiry.message, inquiry.asked_at = write_outcome_question(inquiry, at=at), at
    inquiry.save(update_fields=["message", "asked_at"])


@transaction.atomic
def answer_outcome(
    *, inquiry: OutcomeInquiry, outcome: str, at: datetime, by: User | None = None, note: str = ""
) -> OutcomeInquiry:
    """Record what became of somebody, said by themselves (``by`` is ``None``) or noted by staff.

    An answer by the link may be changed for 30 days; staff may always put it right.

    :raises ValidationError: member_returned, answer_settled, too_early; outcome_missing at its field
    """
    inquiry = OutcomeInquiry.objects.select_for_update(of=("self",)).select_related("departure").get(pk=inquiry.pk)
    if outcome not in Outcome.values:
        raise refusal_at("outcome", "Choisissez une situation.", "outcome_missing")
    if inquiry.departure.returned_on:
        raise ValidationError("Cette personne est revenue dans la coopérative.", code="member_returned")
    if by is None and inquiry.answered_at and at > inquiry.answered_at + ANSWER_CHANGEABLE:
        raise ValidationError("Cette réponse ne peut plus être changée.", code="answer_settled")
    if timezone.localdate(at) < inquiry.due_on - EARLIEST_NOTE:
        raise ValidationError("C’est trop tôt pour répondre à cette question.", code="too_early")
    inquiry.outcome, inquiry.note, inquiry.answered_by = outcome, note.strip(), by
    inquiry.answered_at = inquiry.answered_at or at
    inquiry.save(update_fields=["outcome", "note", "answered_by", "answered_at"])
    return inquiry
