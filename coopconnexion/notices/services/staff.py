"""What staff do about a message that was refused."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from coopconnexion.notices.models import Message
from coopconnexion.notices.services.writing import File, store_message


@transaction.atomic
def resend_message(*, message: Message, at: datetime) -> Message:
    """Send a refused message anew, to the present address of its person; asking twice sends it once.

    :raises ValidationError: not_failed, no_address
    """
    message = Message.objects.select_for_update(of=("self",)).select_related("person").get(pk=message.pk)
    if message.failed_at is None or message.is_secret:
        raise ValidationError("Seul un message refusé peut être renvoyé.", code="not_failed")
    mark_failure_seen(message=message, at=at)
    return store_message(
        key=f"resent:{message.pk}",
        kind=message.kind,
        to_email=message.person.email if message.person else message.to_email,
        to_name=message.to_name,
        person=message.person,
        subject=message.subject,
        text=message.text,
        html=message.html,
        secrets=message.secrets,
        attachments=[
            File(filename=each.filename, content_type=each.content_type, content=bytes(each.content))
            for each in message.attachments.order_by("pk")
        ],
        at=at,
    )


@transaction.atomic
def mark_failure_seen(*, message: Message, at: datetime) -> None:
    """Note that staff know of the failure: it leaves the list of what is to be done."""
    Message.objects.to_see().filter(pk=message.pk).update(seen_at=at)
