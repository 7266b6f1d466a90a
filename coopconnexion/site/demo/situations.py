"""Members whose situation asks for something today: late, between two contracts, amended, met, given a paper."""

from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from coopconnexion import pdf
from coopconnexion.recurrence import at_wall_time
from coopconnexion.site.demo.businesses import COUPLE
from coopconnexion.site.demo.story import Story, days
from members import services
from members.enums import AmendmentSubject, IssuedKind, MeetingMode
from members.models import Contract, DocumentKind, Member, PublicCard

LATE, BETWEEN = "Encre et Papier", "Le Savoir-fer"
AMENDED, SHORTER_WEEK = "Le Vrac du Beffroi", "Numérik 62"
TOGETHER, UNNOTED = ("Graines de rue", "La Table de Nour"), "Savons de la Lawe"
PROGRAMME = (
    "Préparation : étude de la clientèle, prix de revient, premiers essais de vente.\n"
    "La coopérative apporte un accompagnement mensuel, l’assurance et la tenue des comptes."
)
AWNINGS = (("#1f5a4a", "#f3e9d8"), ("#c4602b", "#f6efe2"), ("#3b5b8c", "#eef1f6"))
WIDTH, HEIGHT, STRIPE = 900, 600, 90


def tell(story: Story) -> None:
    _leave_undecided(story)
    _say_more()
    _amend(story)
    _meet(story)
    _exchange_papers(story)
    _draw_pictures(story)


def _leave_undecided(story: Story) -> None:
    """One is past the three years and no associate; the contract of another ended and nothing follows."""
    Member.objects.filter(pk=story.members[LATE].pk).update(associated_on=None, share_count=None, share_amount=None)
    member = story.members[BETWEEN]
    for contract in member.contracts.filter(kind__key="cesa"):
        member.statements.filter(month__gte=contract.starts_on).delete()
        contract.delete()


def _say_more() -> None:
    contracts = Contract.objects.filter(renewal_rank=0)
    contracts.filter(kind__key="cape").update(programme=PROGRAMME)
    contracts.filter(kind__key="cesa").update(objective_amount=Decimal(18_000), objective_months=12)
    contracts.filter(kind__key="cdi").update(weekly_hours=Decimal(28))


def _amend(story: Story) -> None:
    """A rate that goes down, a week that gets shorter."""
    since = story.months_ago(8).replace(day=1)
    for business, subject, text, changes in (
        (
            AMENDED,
            AmendmentSubject.TERMS,
            "Contribution ramenée à 10 %, part fixe portée à 300 €.",
            {"contribution_rate": Decimal(10), "fixed_pay": Decimal(300)},
        ),
        (SHORTER_WEEK, AmendmentSubject.HOURS, "Passage à 24 heures par semaine.", {"weekly_hours": Decimal(24)}),
    ):
        contract = story.members[business].contracts.on(story.today).get()
        signed = {"effective_on": since, "signed_on": since - days(10)}
        services.amend_contract(contract=contract, subject=subject, text=text, **signed, **changes)


def _meet(story: Story) -> None:
    """Two members meet together next week; nobody has noted yet whether another came."""
    advisor = story.users["conseillere"]
    for names, day, topics in (
        (TOGETHER, story.today + days(8), ""),
        ((UNNOTED,), story.today - days(4), "Relire le devis du nouvel atelier"),
    ):
        services.record_meeting(
            members=[story.members[name] for name in names],
            advisors=[advisor],
            held_at=_at_two(day),
            by=advisor,
            at=story.at,
            mode=MeetingMode.ON_SITE,
            minutes=90,
            topics=topics,
        )


def _at_two(day: date) -> datetime:
    """Nobody meets on a week-end: the Friday before."""
    return at_wall_time(day - days(max(0, day.weekday() - 4)), time(14))


def _exchange_papers(story: Story) -> None:
    """A member sent a picture of a card, and was given an attestation where PDFs can be made."""
    member, by = story.members[COUPLE[1]], story.users["conseillere"]
    services.receive_document(
        member=member,
        kind=DocumentKind.objects.filter(validity_months=None, contract_kind=None).order_by("position", "pk")[0],
        received_on=story.today - days(12),
        by=by,
        at=story.at,
        note="Renouvelée cette année",
        upload=SimpleUploadedFile("carte.jpg", _drawn(*AWNINGS[2], "JPEG"), "image/jpeg"),
    )
    if pdf.is_available():
        services.issue_document(member=member, kind=IssuedKind.ASSOCIATION, by=by, at=story.at)


def _draw_pictures(story: Story) -> None:
    cards = PublicCard.objects.published(story.today).select_related("business").order_by("business")
    for card, colours in zip(cards[: len(AWNINGS)], AWNINGS, strict=True):
        services.edit_card(
            business=card.business,
            description=card.description,
            website=card.website,
            picture=ContentFile(_drawn(*colours, "WEBP")),
            picture_description=f"Dessin : le store rayé de {card.business.name}, au-dessus de sa vitrine",
            at=card.updated_at,
        )


def _drawn(dark: str, light: str, kind: str) -> bytes:
    """Return a shop front: a striped awning over a window and a door."""
    image = Image.new("RGB", (WIDTH, HEIGHT), light)
    pen = ImageDraw.Draw(image)
    for left in range(0, WIDTH, STRIPE):
        colour = dark if left // STRIPE % 2 == 0 else "#ffffff"
        pen.rectangle((left, 40, left + STRIPE, 180), fill=colour)
        pen.ellipse((left, 140, left + STRIPE, 220), fill=colour)
    pen.rectangle((70, 270, 560, 520), fill="#ffffff", outline=dark, width=10)
    pen.rectangle((640, 260, 830, HEIGHT), fill=dark)
    file = BytesIO()
    image.save(file, kind)
    return file.getvalue()
