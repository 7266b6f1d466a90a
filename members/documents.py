"""The documents that the coop gives: the facts of each, as plain data, and the PDF that says them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from django.contrib.staticfiles import finders
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils import timezone

from coopconnexion.french import NARROW
from coopconnexion.pdf import render_pdf
from members.enums import IssuedKind
from members.figures import FIGURES
from members.models import AdviceMeeting, Contract, MeetingParticipant, Member, Statement

MONTHS = 12


def facts(member: Member, kind: str, year: int | None, at: datetime) -> dict:
    """Return what a document says today, fit for JSON: the same facts make the same dictionary.

    :raises ValidationError: no_contract, not_associated, member_left, year_missing, year_to_come, no_statement
    """
    today = timezone.localdate(at)
    about = {
        "kind": str(kind),
        "on": today.isoformat(),
        "name": str(member.person),
        "reference": member.reference,
        "territory": str(member.territory),
    }
    if kind == IssuedKind.YEAR:
        return about | _year(member, year, today)
    return about | FACTS[kind](member, today)


def _membership(member: Member, today: date) -> dict:
    contracts = Contract.objects.on(today).filter(member=member).select_related("kind").order_by("starts_on", "pk")
    if not contracts:
        raise ValidationError(
            "Aucun contrat n’est en cours : l’appartenance ne peut pas être attestée. Enregistrez le contrat d’abord.",
            code="no_contract",
        )
    businesses = member.businesses.on(today).order_by("name", "pk").values_list("name", "activity")
    return {
        "contracts": [
            {
                "label": str(each.kind),
                "starts_on": each.starts_on.isoformat(),
                "last_day": each.last_day and each.last_day.isoformat(),
            }
            for each in contracts
        ],
        "businesses": [list(each) for each in businesses],
    }


def _association(member: Member, today: date) -> dict:
    if member.associated_on is None or member.associated_on > today:
        raise ValidationError(
            "Cette personne n’est pas associée : notez d’abord la date de son association.", code="not_associated"
        )
    if not Member.objects.present().filter(pk=member.pk).exists():
        raise ValidationError(
            "Cette personne a quitté la coopérative : son association ne s’atteste plus.", code="member_left"
        )
    amount = member.share_amount
    return {
        "associated_on": member.associated_on.isoformat(),
        "share_count": member.share_count,
        "share_amount": None if amount is None else str(amount),
    }


FACTS: dict[str, Callable[[Member, date], dict]] = {
    IssuedKind.MEMBERSHIP: _membership,
    IssuedKind.ASSOCIATION: _association,
}


def _year(member: Member, year: int | None, today: date) -> dict:
    if year is None:
        raise ValidationError("Choisissez l’année du relevé.", code="year_missing")
    if year > today.year:
        raise ValidationError(f"L’année {year} n’a pas commencé : choisissez-en une autre.", code="year_to_come")
    rows = {each.month.month: each for each in member.statements.filter(month__year=year)}
    if not rows:
        raise ValidationError(
            f"Aucun relevé mensuel n’est enregistré pour {year}{NARROW}: saisissez-les d’abord.", code="no_statement"
        )
    lines = [(date(year, month, 1).isoformat(), _figures(rows.get(month))) for month in range(1, MONTHS + 1)]
    return {
        "year": year,
        "known": len(rows),
        "lines": [[month, figures] for month, figures in lines],
        "totals": [_total(column) for column in zip(*(figures for _, figures in lines), strict=True)],
    }


def _figures(statement: Statement | None) -> list[str | None]:
    """The figures of a month, as text; what is not known is ``None``."""
    amounts = [getattr(statement, name, None) for name in FIGURES]
    return [None if amount is None else str(amount) for amount in amounts]


def _total(column: tuple[str | None, ...]) -> str | None:
    known = [Decimal(each) for each in column if each is not None]
    return str(sum(known)) if known else None


def years_of(member: Member, today: date) -> list[int]:
    """Return the years that have a statement, the last first."""
    past = member.statements.filter(month__year__lte=today.year)
    return [each.year for each in past.dates("month", "year", order="DESC")]


@dataclass(frozen=True)
class Issuable:
    """A document that may be asked for, and why it cannot be given today, if so; ``years``: those that have one."""

    kind: str
    label: str
    refusal: str = ""
    years: list[int] = field(default_factory=list)


def issuable(member: Member, today: date) -> list[Issuable]:
    """Return every kind of document, with what stands in its way."""
    found = [Issuable(kind.value, kind.label, _refusal(make, member, today)) for kind, make in FACTS.items()]
    years = years_of(member, today)
    refusal = "" if years else "Aucun relevé mensuel n’est enregistré."
    return [*found, Issuable(IssuedKind.YEAR.value, IssuedKind.YEAR.label, refusal, years)]


def _refusal(make: Callable[[Member, date], dict], member: Member, today: date) -> str:
    try:
        make(member, today)
    except ValidationError as refusal:
        return refusal.messages[0]
    return ""


# --- as a file -------------------------------------------------------------------------------------------------------


def html_of(data: dict) -> str:
    """Return the page that says ``data``; it asks nothing of the database."""
    words = data | {name: date.fromisoformat(data[name]) for name in ("on", "associated_on") if name in data}
    if "contracts" in data:
        words["contracts"] = [_dated(each) for each in data["contracts"]]
    if "lines" in data:
        words["lines"] = [(date.fromisoformat(month), figures) for month, figures in data["lines"]]
        words["labels"] = FIGURES.values()
    kind = data["kind"]
    return render_to_string(f"members/pdf/{kind}.html", words)


def _dated(contract: dict) -> dict:
    last = contract["last_day"]
    return {
        "label": contract["label"],
        "starts_on": date.fromisoformat(contract["starts_on"]),
        "last_day": last and date.fromisoformat(last),
    }


def render(data: dict) -> bytes:
    """Return ``data``, as :func:`facts` made it, as a PDF.

    :raises PdfUnavailableError: when Pango is not installed
    """
    return render_pdf(html_of(data), css=letter_css())


def letter_css() -> str:
    """The sheet of the letters and reports on paper."""
    return Path(finders.find("css/letter.css")).read_text()


def meeting_pdf(meeting: AdviceMeeting, seats: list[MeetingParticipant]) -> bytes:
    """Return the report of a meeting; who asks may read it, and sees the participants in ``seats``.

    :raises PdfUnavailableError: when Pango is not installed
    """
    html = render_to_string("members/pdf/meeting.html", {"meeting": meeting, "seats": seats})
    return render_pdf(html, css=letter_css())
