"""Read the mails that the sink has stored, as their readers would see them."""

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.utils import timezone


@dataclass(frozen=True)
class Part:
    filename: str
    content_type: str
    content: bytes

    @property
    def text(self) -> str:
        """What can be read of it, for calendars and plain texts."""
        return self.content.decode("utf-8", "replace") if self.content_type.startswith("text/") else ""


@dataclass(frozen=True)
class Mail:
    name: str
    received_at: datetime
    recipient: str
    subject: str
    headers: list[tuple[str, str]]
    text: str
    html: str
    parts: list[Part]


def list_names(folder: Path) -> list[str]:
    """Return the names of the mails, newest first; those half written are not there yet."""
    return sorted((file.stem for file in folder.glob("[!.]*.eml")), reverse=True) if folder.is_dir() else []


def read_mail(folder: Path, name: str) -> Mail | None:
    """Return a mail; ``None`` when there is none of that name. A malformed one shows what can be read."""
    if name not in list_names(folder):
        return None
    message = message_from_bytes((folder / f"{name}.eml").read_bytes(), policy=policy.default)
    return Mail(
        name=name,
        received_at=_instant(name),
        recipient=str(message["X-Envelope-To"] or message["To"] or ""),
        subject=str(message["Subject"] or "(sans objet)"),
        headers=[(header, str(value)) for header, value in message.items()],
        text=_body(message, "plain"),
        html=_body(message, "html"),
        parts=[_part(part) for part in message.walk() if _is_file(part)],
    )


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
    except LookupError:
        return content.decode("utf-8", "replace")


def _is_file(part: EmailMessage) -> bool:
    return not part.is_multipart() and (bool(part.get_filename()) or part.get_content_type() == "text/calendar")


def _part(part: EmailMessage) -> Part:
    filename = part.get_filename() or "invitation.ics"
    return Part(filename, part.get_content_type(), part.get_payload(decode=True) or b"")
