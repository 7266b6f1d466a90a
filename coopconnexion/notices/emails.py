"""A message as mail programs want it, rendered from its templates and built from its row."""

import errno
import smtplib
import socket
import ssl
from email.encoders import encode_base64
from email.utils import format_datetime, formataddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context
from django.template.base import Template
from django.template.loader import get_template, render_to_string
from django.template.loader_tags import BLOCK_CONTEXT_KEY, BlockContext, BlockNode, ExtendsNode

from coopconnexion.notices import rules
from coopconnexion.notices.models import Message

UNREACHABLE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN}


def render(template: str, context: dict) -> tuple[str, str, str]:
    """Return the subject, the text and the HTML that ``template`` (without suffix) makes of ``context``."""
    context = {
        **context,
        "site_url": settings.SITE_URL,
        "coop_phone": settings.COOP_PHONE,
        "coop_email": settings.COOP_EMAIL,
    }
    plain = get_template(f"{template}.txt").template
    subject = rules.one_line(_render_block(plain, "subject", Context(context, autoescape=False)))
    text = plain.render(Context(context, autoescape=False))
    return subject, text.strip() + "\n", render_to_string(f"{template}.html", {**context, "subject": subject})


def _render_block(template: Template, name: str, context: Context) -> str:
    """Render one block of a template and of those it extends, without the rest of the page."""
    blocks = BlockContext()
    with context.render_context.push_state(template), context.bind_template(template):
        while extends := next(iter(template.nodelist.get_nodes_by_type(ExtendsNode)), None):
            blocks.add_blocks(extends.blocks)
            template = extends.get_parent(context)
        blocks.add_blocks({node.name: node for node in template.nodelist.get_nodes_by_type(BlockNode)})
        context.render_context[BLOCK_CONTEXT_KEY] = blocks
        return blocks.get_block(name).render(context)


class Envelope(EmailMultiAlternatives):
    """A message whose bytes are the same each time it is sent, with calendars that survive every relay."""

    def __init__(self, *args, boundary: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.boundary = boundary

    def message(self):
        mime = super().message()
        for number, part in enumerate(mime.walk()):
            if part.is_multipart():
                part.set_boundary(f"={self.boundary}-{number}=")
            elif part.get_content_type() == "text/calendar":
                _encode_base64(part)
        return mime


def _encode_base64(part) -> None:
    """Re-encode a part: folded calendar lines must not meet a relay that rewrites line ends."""
    content = part.get_payload(decode=True)
    del part["Content-Transfer-Encoding"]
    part.set_payload(content)
    encode_base64(part)


def build(message: Message) -> Envelope:
    """Return the e-mail of ``message``, with its own Message-ID and date, whenever it is sent."""
    envelope = Envelope(
        subject=message.subject,
        body=message.text,
        to=[formataddr((message.to_name, message.to_email)) if message.to_name else message.to_email],
        reply_to=[settings.REPLY_TO_EMAIL] if settings.REPLY_TO_EMAIL else None,
        headers={
            "Message-ID": message.message_id,
            "Date": format_datetime(message.created_at),
            "Auto-Submitted": "auto-generated",
        },
        boundary=message.message_id.strip("<>").partition("@")[0],
    )
    if message.html:
        envelope.attach_alternative(message.html, "text/html")
    for attachment in message.attachments.order_by("pk"):
        _attach(envelope, attachment.filename, attachment.content_type, bytes(attachment.content))
    return envelope


def _attach(envelope: Envelope, filename: str, content_type: str, content: bytes) -> None:
    """Attach a file; a calendar is an alternative for the programs that show it, and a file for the others."""
    if content_type.startswith("text/calendar"):
        envelope.attach_alternative(content.decode(), content_type)
        content_type = "application/ics"
    envelope.attach(filename, content, content_type)


def is_passing(error: Exception) -> bool:
    """Tell whether a delivery that failed with ``error`` may succeed later without anybody's doing."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return any(code < 500 for code, _ in error.recipients.values())
    if isinstance(
        error,
        # our own account or the server's greeting: nothing that this message could be blamed for
        smtplib.SMTPServerDisconnected
        | smtplib.SMTPConnectError
        | smtplib.SMTPHeloError
        | smtplib.SMTPAuthenticationError,
    ):
        return True
    if isinstance(error, smtplib.SMTPResponseException):
        return 400 <= error.smtp_code < 500
    if isinstance(error, ConnectionError | TimeoutError | socket.gaierror | ssl.SSLError):
        return True
    return isinstance(error, OSError) and error.errno in UNREACHABLE


def is_refusal(error: Exception) -> bool:
    """Tell whether the server said no to this message for good."""
    return isinstance(
        error, smtplib.SMTPRecipientsRefused | smtplib.SMTPResponseException | smtplib.SMTPNotSupportedError
    ) and not is_passing(error)
