"""Writing a message: a row in the transaction that causes it, sent after commit."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.text import Truncator

from coopconnexion import jobs
from coopconnexion.accounts.models import Person
from coopconnexion.notices import emails, rules
from coopconnexion.notices.models import Attachment, Message


@dataclass(frozen=True, kw_only=True)
class File:
    """A file to attach; a ``text/calendar; method=…`` becomes an invitation that mail programs show."""

    filename: str
    content_type: str
    content: bytes


@transaction.atomic
def write_message(
    *,
    key: str,
    kind: str,
    to_email: str,
    to_name: str,
    person: Person | None,
    template: str,
    context: dict,
    at: datetime,
    secrets: Iterable[str] = (),
    attachments: Iterable[File] = (),
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> Message:
    """Render ``template``.txt and .html and have them sent; a message of the same ``key`` is returned unchanged.

    :raises ValidationError: no_address, when there is nobody to write to
    """
    subject, text, html = emails.render(template, context)
    return store_message(
        key=key,
        kind=kind,
        to_email=to_email,
        to_name=to_name,
        person=person,
        subject=subject,
        text=text,
        html=html,
        secrets=secrets,
        attachments=attachments,
        at=at,
        due_at=due_at,
        expires_at=expires_at,
    )


@transaction.atomic
def store_message(
    *,
    key: str,
    kind: str,
    to_email: str,
    to_name: str,
    person: Person | None,
    subject: str,
    text: str,
    html: str,
    at: datetime,
    secrets: Iterable[str] = (),
    attachments: Iterable[File] = (),
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> Message:
    """Store a message whose words are ready and have it sent; see :func:`write_message`."""
    if not to_email.strip():
        raise ValidationError("Cette personne n’a pas de courriel : prévenez-la par téléphone.", code="no_address")
    message = Message(
        key=key,
        kind=kind,
        to_email=to_email.strip().lower(),
        to_name=Truncator(rules.one_line(to_name)).chars(200),
        person=person,
        subject=Truncator(rules.one_line(subject)).chars(200),
        text=text,
        html=html,
        secrets=[secret for secret in secrets if secret],
        message_id=f"<{uuid4()}@{settings.MAIL_DOMAIN}>",
        created_at=at,
        due_at=due_at or at,
        expires_at=expires_at,
    )
    try:
        with transaction.atomic():
            message.save(force_insert=True)
    except IntegrityError:  # written meanwhile, under the same key
        return Message.objects.get(key=key)
    _attach(message, attachments)
    if message.due_at <= at:
        jobs.enqueue("notices.send_message", message_id=message.pk)
    return message


def _attach(message: Message, files: Iterable[File]) -> None:
    Attachment.objects.bulk_create(
        Attachment(message=message, filename=file.filename, content_type=file.content_type, content=file.content)
        for file in files
    )


def may_write_to(*, email: str, kinds: Iterable[str], at: datetime) -> bool:
    """Tell whether an anonymous visitor may cause one more message of these kinds: nobody is flooded through us."""
    messages = Message.objects.lately_to(email, since=at - timedelta(days=1)).filter(kind__in=kinds)
    return messages.count() < rules.MAX_MESSAGES_PER_DAY
