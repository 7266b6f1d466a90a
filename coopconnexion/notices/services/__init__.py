"""Writing messages, delivering them, and the links they carry."""

from coopconnexion.notices.services.access import accounts_with_access, invite, write_access_reviews
from coopconnexion.notices.services.delivery import (
    claim_message,
    deliver_message,
    enqueue_due_messages,
    expire_outdated_messages,
    forget_secret_messages,
)
from coopconnexion.notices.services.links import absolute_url, new_link
from coopconnexion.notices.services.reminders import (
    enqueue_due_reminders,
    lay_reminders,
    send_due_reminder,
    stop_reminders,
)
from coopconnexion.notices.services.staff import mark_failure_seen, resend_message
from coopconnexion.notices.services.writing import File, may_write_to, store_message, write_message

__all__ = [
    "File",
    "absolute_url",
    "accounts_with_access",
    "claim_message",
    "deliver_message",
    "enqueue_due_messages",
    "enqueue_due_reminders",
    "expire_outdated_messages",
    "forget_secret_messages",
    "invite",
    "lay_reminders",
    "mark_failure_seen",
    "may_write_to",
    "new_link",
    "resend_message",
    "send_due_reminder",
    "stop_reminders",
    "store_message",
    "write_access_reviews",
    "write_message",
]
