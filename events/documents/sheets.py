"""What is printed of an event: the sheets that people sign, the certificates of who came."""

from datetime import timedelta
from pathlib import Path

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

from coopconnexion.pdf import render_pdf
from events.documents.presence import by_name
from events.enums import Outcome
from events.models import Event, EventSession, Registration

EMPTY_LINES = range(8)
"""On each sheet, for those who come by without having registered."""


def sign_in_pdf(event: Event, sessions: list[EventSession]) -> bytes:
    """The sheets of these sessions in one document, a new page each.

    :raises PdfUnavailableError: when Pango is not installed
    """
    people = list(by_name(event.registrations.seated()))
    context = {"event": event, "sessions": sessions, "people": people, "empty_lines": EMPTY_LINES}
    return _pdf("events/documents/sign_in.html", context)


def certificates_pdf(event: Event, registrations: list[Registration]) -> bytes:
    """The certificates of these people in one document, a page each; those who came to nothing have none.

    :raises PdfUnavailableError: when Pango is not installed
    """
    pages = [page for registration in registrations if (page := _certificate(registration))["sessions"]]
    return _pdf("events/documents/certificates.html", {"event": event, "pages": pages})


def has_certificate(registration: Registration) -> bool:
    return registration.attendances.filter(outcome=Outcome.ATTENDED).exists()


def _certificate(registration: Registration) -> dict:
    came = registration.attendances.filter(outcome=Outcome.ATTENDED).select_related("session__venue")
    sessions = [each.session for each in came.order_by("session__starts_at")]
    spent = sum((each.ends_at - each.starts_at for each in sessions), timedelta())
    return {"person": registration.person, "sessions": sessions, "minutes": int(spent.total_seconds() // 60)}


def _pdf(template: str, context: dict) -> bytes:
    css = Path(finders.find("css/sheet.css")).read_text()
    return render_pdf(render_to_string(template, context), css=css)
