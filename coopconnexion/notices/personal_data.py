"""What messages hold about a person: words sent to an address."""

from datetime import datetime

from django.db.models import Q, QuerySet

from coopconnexion.accounts.models import User
from coopconnexion.accounts.personal_data import DELETE, register
from coopconnexion.notices.models import Attachment, Message


def sent_to_account(user: User) -> Q:
    """Sign-in codes and warnings, which are about no person."""
    return Q(person=None, to_email__iexact=user.email)


def hold_back(messages: QuerySet, at: datetime) -> None:
    """What has not left does not leave any more."""
    messages.filter(sent_at=None, failed_at=None, expired_at=None).update(expired_at=at)


register(
    Message,
    person="person",
    user=sent_to_account,
    export={
        "objet": "subject",
        "destinataire": "to_email",
        "texte": "shown_text",
        "écrit le": "created_at",
        "envoyé le": "sent_at",
    },
    erase={
        "to_email": "",
        "to_name": "",
        "subject": "Message effacé",
        "text": "",
        "html": "",
        "secrets": [],
        "last_error": "",
    },
    stamp=hold_back,
)
register(Attachment, person="message__person", export={"nom": "filename"}, erase=DELETE)
