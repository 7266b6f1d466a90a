"""Ideas of activities, as the public reads them: what a town lacks, why we say so, and the units that would fit."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.db.models import QuerySet
from django.template.loader import render_to_string

from coopconnexion.pdf import render_pdf
from premises.documents.matching import Fitting, Lexicon, offers_for_gaps
from premises.documents.offers import kept_once
from premises.enums import GapSource
from premises.models import MissingActivity

WHO_SAYS = {
    GapSource.COMPUTED: "Calculé d’après les statistiques de l’INSEE\u202f: un écart à la référence, pas une preuve.",
    GapSource.SURVEY: "Dit par des habitants, dans une enquête.",
    GapSource.ELECTED: "Signalé par la ville.",
    GapSource.PERMANENCE: "Entendu pendant nos permanences.",
    GapSource.STUDY: "Constaté dans une étude.",
    GapSource.OTHER: "Signalé par un partenaire.",
}
PDF_KEPT_FOR = 60 * 60 * 24  # seconds


@dataclass(frozen=True)
class Idea:
    """A published gap in words; ``fitting`` are the units on offer that its trade could use."""

    gap: MissingActivity
    fitting: Fitting

    @property
    def place(self) -> str:
        return ", ".join(filter(None, (self.gap.sector, str(self.gap.commune.name))))

    @property
    def who_says(self) -> str:
        return WHO_SAYS[GapSource(self.gap.source)]

    @property
    def measured(self) -> dict[str, str]:
        """What was counted, where the gap is one to a reference: counted, expected, compared with."""
        told = self.gap.figures or {}
        names = ("comptés", "attendus", "groupe", "statistiques", "licence")
        return {name: told[name] for name in names if told.get(name) not in (None, "")} if "attendus" in told else {}


def published(today: date) -> QuerySet[MissingActivity]:
    return MissingActivity.objects.published(today).select_related("commune", "activity").order_by("label", "pk")


def ideas_of(gaps: Iterable[MissingActivity]) -> list[Idea]:
    """Bring gaps together with the units on offer that suit them: five queries, however many."""
    rows = list(gaps)
    fits = offers_for_gaps(rows, lexicon=Lexicon()) if rows else {}
    return [Idea(gap, fits[gap.pk]) for gap in rows]


# --- on paper --------------------------------------------------------------------------------------------------------


def sheet_html(idea: Idea, *, next_day, address: str) -> str:
    context = {
        "idea": idea,
        "next_day": next_day,
        "address": address,
        "coop_phone": settings.COOP_PHONE,
        "coop_email": settings.COOP_EMAIL,
    }
    return render_to_string("premises/ideas/sheet.html", context)


def sheet_pdf(idea: Idea, *, next_day, address: str) -> bytes:
    """Return the one page to hand out; kept a day, for as long as it would say the same.

    However many ask for it at once, it is drawn once.

    :raises PdfUnavailableError: when Pango is not installed
    """
    html = sheet_html(idea, next_day=next_day, address=address)
    key = f"ideas:sheet:{sha256(html.encode()).hexdigest()}"
    css = Path(finders.find("css/idea_sheet.css")).read_text()
    return kept_once(key, lambda: render_pdf(html, css=css), seconds=PDF_KEPT_FOR)
