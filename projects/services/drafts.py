"""A project that its holder writes on the site: kept at each step, relaunched once, then sent or dropped.

``data`` holds the answers by step, in values that JSON knows; beside them ``typed`` keeps what is not valid yet.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from coopconnexion import jobs
from coopconnexion.db import joined, lock_name
from coopconnexion.notices.models import Message
from coopconnexion.notices.services import may_write_to, new_link
from projects.emails import drafts as emails
from projects.models import DraftLink, ProjectDraft

CONTACT, PROJECT, NEEDS = "contact", "project", "needs"
STEPS = (CONTACT, PROJECT, NEEDS)
IDLE = timedelta(days=3)
"""Unfinished for so long, a project is relaunched, once."""

LAST_CHANCE = timedelta(days=14)
"""After the relaunch, untouched for so long, it is dropped."""

LINKS_OF_SENT = timedelta(days=30)
"""How long the links of a project that was sent still say so."""


@transaction.atomic
def start_draft(*, contact: dict, form_token: UUID, at: datetime, suspicious: bool = False) -> tuple[ProjectDraft, str]:
    """Begin a project with who writes it; return it with the token that opens it in this browser.

    The link goes by mail too, unless too much was written to that address today or the network is ``suspicious``. A
    double submit finds the same draft.
    """
    lock_name(f"draft:{form_token}")
    same = ProjectDraft.objects.unfinished().filter(email=contact["email"], data__form_token=str(form_token))
    draft = same.order_by("pk").first()
    if draft is None:
        draft = ProjectDraft.objects.create(
            email=contact["email"],
            data={"form_token": str(form_token), CONTACT: contact},
            step=2,
            created_at=at,
            updated_at=at,
        )
        send_link(draft=draft, at=at, suspicious=suspicious)
    return draft, new_link(DraftLink, at=at, expires_at=None, draft=draft)


@joined
def send_link(*, draft: ProjectDraft, at: datetime, suspicious: bool = False) -> bool:
    """Send the link of ``draft`` to its address; ``False`` when too much was written there today, or from there."""
    may_write = not suspicious and may_write_to(email=draft.email, kinds=emails.UNSOLICITED_KINDS, at=at)
    if may_write:
        emails.write_started(draft, at=at)
    draft.data["is_link_sent"] = may_write
    draft.save(update_fields=["data"])
    return may_write


@transaction.atomic
def save_step(*, draft: ProjectDraft, step: str, answers: dict, at: datetime) -> ProjectDraft:
    """Keep the answers of a step.

    :raises ValidationError: draft_over
    """
    draft = lock_open(draft)
    draft.data = draft.data | {step: answers, "typed": _without(draft.data.get("typed", {}), step)}
    draft.step = max(draft.step, STEPS.index(step) + 2)
    draft.updated_at = at
    draft.save(update_fields=["data", "step", "updated_at"])
    return draft


@transaction.atomic
def save_contact(
    *, draft: ProjectDraft, contact: dict, at: datetime, suspicious: bool = False
) -> tuple[ProjectDraft, str]:
    """Correct who writes; another address closes every link sent to the former one and gets its own.

    Return the draft and the new token of this browser, empty when the former one still opens.

    :raises ValidationError: draft_over
    """
    draft = save_step(draft=draft, step=CONTACT, answers=contact, at=at)
    if draft.email == contact["email"]:
        return draft, ""
    draft.links.filter(revoked_at=None).update(revoked_at=at)
    draft.email = contact["email"]
    draft.data["is_confirmed"] = False
    draft.save(update_fields=["email", "data"])
    send_link(draft=draft, at=at, suspicious=suspicious)
    return draft, new_link(DraftLink, at=at, expires_at=None, draft=draft)


@transaction.atomic
def keep_typed(*, draft: ProjectDraft, step: str, typed: dict, at: datetime) -> ProjectDraft:
    """Keep what was typed in a step that is not valid yet, for who turns back.

    :raises ValidationError: draft_over
    """
    draft = lock_open(draft)
    draft.data["typed"] = draft.data.get("typed", {}) | {step: typed}
    draft.updated_at = at
    draft.save(update_fields=["data", "updated_at"])
    return draft


@transaction.atomic
def resume_draft(*, link: DraftLink, at: datetime) -> str:
    """Open a draft by the link of a message, here and nowhere else any more; return the token of this browser.

    :raises ValidationError: draft_over
    """
    draft = lock_open(link.draft)
    draft.links.filter(revoked_at=None).exclude(pk=link.pk).update(revoked_at=at)
    draft.data["is_confirmed"] = True
    draft.updated_at = at
    draft.save(update_fields=["data", "updated_at"])
    return new_link(DraftLink, at=at, expires_at=None, draft=draft)


@transaction.atomic
def drop_draft(*, draft: ProjectDraft, at: datetime) -> ProjectDraft:
    """Wipe a draft that its holder gives up; one that is over stays as it is."""
    draft = _lock(draft.pk)
    if draft.submitted_at is None and draft.dropped_at is None:
        close_draft(draft=draft, at=at, dropped_at=at)
    return draft


@joined
def close_draft(*, draft: ProjectDraft, at: datetime, **ending) -> None:
    """Wipe what ``draft`` holds, hold back its messages and its links, and note its ``ending``."""
    about = Message.objects.filter(key__startswith=f"draft:{draft.pk}:")
    about.pending().filter(kind__in=("draft-started", "draft-relaunch")).update(expired_at=at)
    dies_at = at + LINKS_OF_SENT if "submitted_at" in ending else at
    draft.links.filter(revoked_at=None).update(expires_at=dies_at)
    wiped = {"email": "", "data": {}, "updated_at": at} | ending
    for name, value in wiped.items():
        setattr(draft, name, value)
    draft.save(update_fields=list(wiped))


# --- those left aside ------------------------------------------------------------------------------------------------


def enqueue_idle_drafts(*, at: datetime, limit: int = 500) -> None:
    """Fan out one task per draft to relaunch or to drop; what does not fit comes with the next beat."""
    idle = Q(reminded_at=None, updated_at__lte=at - IDLE)
    lost = Q(reminded_at__lte=at - LAST_CHANCE, updated_at__lte=at - LAST_CHANCE)
    drafts = ProjectDraft.objects.unfinished().filter(idle | lost).order_by("updated_at", "pk")
    for pk in drafts.values_list("pk", flat=True)[:limit]:
        jobs.enqueue("projects.tend_draft", draft_id=pk)


@transaction.atomic
def tend_draft(*, draft_id: int, at: datetime) -> None:
    """Relaunch a draft that nobody touched for ``IDLE``, once; drop it ``LAST_CHANCE`` later. Safe to run twice."""
    draft = ProjectDraft.objects.unfinished().select_for_update(of=("self",)).filter(pk=draft_id).first()
    if draft is None:
        return
    if draft.reminded_at is None:
        if draft.updated_at <= at - IDLE:
            draft.reminder, draft.reminded_at = _relaunch(draft, at=at), at
            draft.save(update_fields=["reminder", "reminded_at"])
    elif max(draft.reminded_at, draft.updated_at) <= at - LAST_CHANCE:
        close_draft(draft=draft, at=at, dropped_at=at)


def _relaunch(draft: ProjectDraft, *, at: datetime) -> Message | None:
    """Write once; nothing when many drafts bear one address, which need not be that of who typed it."""
    may_write = may_write_to(email=draft.email, kinds=emails.UNSOLICITED_KINDS, at=at)
    return emails.write_relaunch(draft, at=at, dropped_on=at + LAST_CHANCE) if may_write else None


# --- rows ------------------------------------------------------------------------------------------------------------


def lock_open(draft: ProjectDraft) -> ProjectDraft:
    """Return ``draft`` as it is now, locked.

    :raises ValidationError: draft_over, when it was sent or dropped meanwhile
    """
    draft = _lock(draft.pk)
    if draft.submitted_at or draft.dropped_at:
        raise ValidationError(
            "Ce projet a déjà été envoyé ou effacé : vous pouvez en commencer un autre.", code="draft_over"
        )
    return draft


def _lock(pk: int) -> ProjectDraft:
    return ProjectDraft.objects.select_for_update(of=("self",)).get(pk=pk)


def _without(typed: dict, step: str) -> dict:
    return {name: value for name, value in typed.items() if name != step}
