"""Read the mails that the sink has stored, as their readers would see them; a malformed one shows what can be read."""

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import lru_cache
from pathlib import Path

from django.utils import timezone

NO_SUBJECT = "(sans objet)"
KEPT_IN_MEMORY = 2000  # heads; a mail that is stored never changes


@dataclass(frozen=True)
class Part:
    filename: str
    content_type: str
    content: bytes

    @property
    def text(self) -> str:
        """What can be read of it: calendars and plain texts."""
        return self.content.decode("utf-8", "replace") if self.content_type.startswith("text/") else ""


@dataclass(frozen=True)
class Head:
    """What a list shows of a mail."""

    name: str
    received_at: datetime
    recipient: str
    subject: str


@dataclass(frozen=True)
class Mail:
    head: Head
    headers: list[tuple[str, str]]
    text: str
    html: str
    parts: list[Part]


def list_heads(folder: Path, *, recipient: str = "") -> list[Head]:
    """Return the mails to an address that contains ``recipient``, newest first; those half written are hidden."""
    names = sorted((file.stem for file in folder.glob("[!.]*.eml")), reverse=True) if folder.is_dir() else []
    heads = [head for name in names if (head := _read_head(folder, name))]
    return [head for head in heads if recipient.lower() in head.recipient.lower()]


def read_mail(folder: Path, name: str) -> Mail | None:
    """Return a mail; ``None`` when there is none of that name."""
    head = _read_head(folder, name)
    if head is None:
        return None
    content = (folder / f"{name}.eml").read_bytes()
    try:
        message = message_from_bytes(content, policy=policy.default)
        return Mail(
            head=head,
            headers=[(header, str(value)) for header, value in message.items()],
            text=_body(message, "plain"),
            html=_body(message, "html"),
            parts=[_part(part) for part in message.walk() if _is_file(part)],
        )
    except Exception:  # the parser of headers breaks in many ways on what is not a mail
        return Mail(head=head, headers=[], text=content.decode("utf-8", "replace"), html="", parts=[])


@lru_cache(maxsize=KEPT_IN_MEMORY)
def _read_head(folder: Path, name: str) -> Head | None:
    try:
        content = (folder / f"{name}.eml").read_bytes().partition(b"\r\n\r\n")[0]
    except OSError:
        return None
    try:
        message = message_from_bytes(content, policy=policy.default)
        recipient = str(message["X-Envelope-To"] or message["To"] or "")
        subject = str(message["Subject"] or NO_SUBJECT)
    except Exception:  # as above
        recipient, subject = "", "(illisible)"
    return Head(name, _instant(name), recipient, subject)


def _instant(name: str) -> datetime:
    digits = name.partition("-")[0]
    seconds = int(digits) / 1e9 if digits.isdecimal() else 0
    return datetime.fromtimestamp(seconds, tz=timezone.get_current_timezone())


def _body(message: EmailMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    return _decode(part) if part is not None else ""


def _decode(part: EmailMessage) -> str:
    content = part.get_payload(decode=True) or b""
    try:
        return content.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:  # a charset that nobody knows
        return content.decode("utf-8", "replace")


def _is_file(part: EmailMessage) -> bool:
    return not part.is_multipart() and (bool(part.get_filename()) or part.get_content_type() == "text/calendar")


def _part(part: EmailMessage) -> Part:
    filename = part.get_filename() or "invitation.ics"
    return Part(filename, part.get_content_type(), part.get_payload(decode=True) or b"")
