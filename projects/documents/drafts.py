"""The summary of a draft, step by step, as its page shows it."""

from datetime import date
from decimal import Decimal

from django.utils.dates import MONTHS
from phonenumber_field.phonenumber import to_python

from coopconnexion.french import NBSP, phone_words
from coopconnexion.territories.models import Territory, Theme
from projects.models import PremisesNeed, ProjectDraft

Facts = list[tuple[str, str]]
PREMISES = {"yes": "oui", "no": "non", "unknown": "je ne sais pas encore"}


def summary(draft: ProjectDraft) -> list[dict]:
    """Return the answers of each step, those left empty aside, with the page where each is changed."""
    data = draft.data
    parts = (
        ("Vous", "projects:draft_start", _contact(data["contact"])),
        ("Votre projet", "projects:draft_project", _project(data["project"])),
        ("Vos besoins", "projects:draft_needs", _needs(data["needs"])),
    )
    return [{"title": title, "url": url, "facts": [each for each in facts if each[1]]} for title, url, facts in parts]


def _contact(told: dict) -> Facts:
    phone = phone_words(to_python(told["phone"])) if told["phone"] else ""
    return [("Nom", f"{told['first_name']} {told['last_name']}"), ("Courriel", told["email"]), ("Téléphone", phone)]


def _project(told: dict) -> Facts:
    themes = Theme.objects.filter(pk__in=told["themes"]).order_by("position", "label", "pk")
    return [
        ("Projet", told["title"]),
        ("Territoire", str(Territory.objects.filter(pk=told["territory"]).first() or "")),
        ("Présentation", told["pitch"]),
        ("Activité", told["intended_activity"]),
        ("Thèmes", ", ".join(map(str, themes))),
    ]


def _needs(told: dict) -> Facts:
    return [
        ("Un local", PREMISES[told["premises"]]),
        *(_premises(told) if told["premises"] == "yes" else []),
        ("Vous nous avez connus par", told["heard_from"]),
    ]


def _premises(told: dict) -> Facts:
    features = [PremisesNeed._meta.get_field(name).verbose_name for name in told["features"]]
    rent, day = told["max_monthly_rent"], told["wanted_from"] and date.fromisoformat(told["wanted_from"])
    return [
        ("Surface", _area(told["min_area_m2"], told["max_area_m2"])),
        ("Loyer maximal", f"{_euros(Decimal(rent))} par mois" if rent else ""),
        ("Il faut", ", ".join(map(str, features))),
        ("À partir de", f"{MONTHS[day.month]} {day.year}" if day else ""),
        ("Précisions", told["note"]),
    ]


def _euros(amount: Decimal) -> str:
    digits = f"{amount:.0f}" if amount == amount.to_integral_value() else f"{amount:.2f}".replace(".", ",")
    return f"{digits}{NBSP}€"


def _area(least: int | None, most: int | None) -> str:
    if least and most:
        return f"de {least} à {most}{NBSP}m²"
    if least or most:
        return f"{'au moins' if least else 'au plus'} {least or most}{NBSP}m²"
    return ""
