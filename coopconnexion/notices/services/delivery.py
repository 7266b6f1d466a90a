"""Delivering a message: claimed by one worker, handed to the server outside any transaction, recorded.

A worker may die at any point. Before the server's « 250 » the claim goes stale and another worker sends. Between the
« 250 » and the record, the message leaves twice, with the same Message-ID and the same bytes.
"""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import F

from coopconnexion import jobs
from coopconnexion.notices import emails, rules
from coopconnexion.notices.models import Message

logger = logging.getLogger(__name__)


def deliver_message(*, message_id: int, at: datetime) -> None:
    """Send a due message unless another worker is at it; not atomic, since what the server took cannot be rolled back.

    :raises Exception: whatever is neither a passing error nor a refusal; the claim goes stale, the message is retried
    """
    expire_outdated_messages(at=at, message_ids=[message_id])
    message = claim_message(message_id=message_id, at=at)
    if message is None:
        return
    if message.attempts > rules.MAX_ATTEMPTS:  # workers died of it, or a fault of ours was never mended
        _record_failure(message, message.last_error or "Abandonné après trop de tentatives.", at=at)
        return
    try:
        emails.build(message).send()
    except Exception as error:
        if not _record_error(message, error, at=at):
            raise
    else:
        _record_sent(message, at=at)


def claim_message(*, message_id: int, at: datetime) -> Message | None:
    """Claim a due message in one statement: of several workers, one gets it and the others ``None``."""
    claimed = Message.objects.due(at).filter(pk=message_id).update(claimed_at=at, attempts=F("attempts") + 1)
    return Message.objects.get(pk=message_id) if claimed else None


@transaction.atomic
def _record_sent(message: Message, *, at: datetime) -> None:
    """Note that the server took it: the truth even if our claim has gone or the message was called off meanwhile."""
    Message.objects.filter(pk=message.pk, sent_at=None).update(
        sent_at=at, failed_at=None, expired_at=None, claimed_at=None, last_error=""
    )
    _blank(message)


def _record_error(message: Message, error: Exception, *, at: datetime) -> bool:
    """Note what went wrong; tell whether it was foreseen."""
    words = f"{type(error).__name__}: {error}"[:2000]
    if emails.is_refusal(error) or (emails.is_passing(error) and message.attempts >= rules.MAX_ATTEMPTS):
        _record_failure(message, words, at=at)
        return True
    if emails.is_passing(error):
        retry_at = at + rules.retry_delay(message.attempts)
        _still_ours(message).update(claimed_at=None, due_at=retry_at, last_error=words)
        return True
    _still_ours(message).update(last_error=words)
    return False


@transaction.atomic
def _record_failure(message: Message, words: str, *, at: datetime) -> None:
    logger.warning("message %s failed for good: %s", message.pk, words)
    if _still_ours(message).update(claimed_at=None, failed_at=at, last_error=words) and message.is_secret:
        _blank(message)


def _still_ours(message: Message):
    """The row, unless another worker has claimed it since: the number of attempts tells."""
    return Message.objects.pending().filter(pk=message.pk, attempts=message.attempts)


def _blank(message: Message) -> None:
    """Remove the secrets of a message that needs them no more; all of it where all is secret."""
    if message.is_secret:
        Message.objects.filter(pk=message.pk).update(text="", html="", secrets=[])
        message.attachments.all().delete()
        return
    if not message.secrets:
        return
    for attachment in message.attachments.all():
        content = rules.blanked_bytes(bytes(attachment.content), message.secrets)
        message.attachments.filter(pk=attachment.pk).update(content=content)
    Message.objects.filter(pk=message.pk).update(
        subject=rules.blanked(message.subject, message.secrets),
        text=rules.blanked(message.text, message.secrets),
        html=rules.blanked(message.html, message.secrets),
        secrets=[],
    )


@transaction.atomic
def expire_outdated_messages(*, at: datetime, message_ids: list[int] | None = None, limit: int = 500) -> None:
    """Give up the messages, all or these, that are not worth sending any more and that no worker holds."""
    outdated = Message.objects.pending().unclaimed(at).outdated(at)
    if message_ids is not None:
        outdated = outdated.filter(pk__in=message_ids)
    for message in outdated.select_for_update(of=("self",), skip_locked=True).order_by("pk")[:limit]:
        Message.objects.filter(pk=message.pk).update(expired_at=at, claimed_at=None)
        _blank(message)


def enqueue_due_messages(*, at: datetime, limit: int = 200) -> None:
    """Ask for the messages that nobody has taken up in time: the broker was away, a worker died, a retry is due."""
    waiting = Message.objects.due(at).filter(created_at__lte=at - rules.UNCLAIMED_GRACE)
    for pk in waiting.order_by("due_at", "pk").values_list("pk", flat=True)[:limit]:
        jobs.enqueue("notices.send_message", message_id=pk)


@transaction.atomic
def forget_secret_messages(*, at: datetime) -> None:
    """Delete the trace of old sign-in mails: it serves nobody and names an address."""
    Message.objects.secret().filter(created_at__lt=at - rules.SECRET_RETENTION).delete()
