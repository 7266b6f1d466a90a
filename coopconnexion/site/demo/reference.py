"""The ground of the story: communes, territories, themes, organisations."""

import csv
from collections.abc import Iterator
from pathlib import Path

from coopconnexion.accounts.enums import OrganisationKind
from coopconnexion.accounts.models import Organisation
from coopconnexion.site.demo.story import DOMAIN, Story
from coopconnexion.territories.models import Commune, Territory, Theme
from coopconnexion.territories.services import load_reference_data

DATA = Path(__file__).resolve().parent.parent / "data"

TERRITORIES = {"bethune": ("Béthune", ["Béthune"]), "lens": ("Lens", ["Lens", "Liévin"])}

THEMES = {
    "ess": (
        "Économie sociale et solidaire",
        "Entreprises dont la gestion est démocratique et les bénéfices limités ou réinvestis : coopératives, "
        "associations, mutuelles, fondations, et sociétés qui suivent les principes de la loi du 31 juillet 2014.",
    ),
    "circuits-courts": (
        "Circuits courts",
        "Vente directe du producteur au consommateur, ou avec un seul intermédiaire au plus.",
    ),
    "developpement-local": (
        "Développement local et durable",
        "Activités qui répondent à un besoin des habitants, créent de l’emploi sur place et ménagent les ressources.",
    ),
    "economie-circulaire": (
        "Économie circulaire",
        "Réemploi, réparation, location, recyclage : faire durer les objets et les matières au lieu de les jeter.",
    ),
    "commerce": (
        "Commerce",
        "Vente ou service au public, en boutique, sur les marchés ou en tournée, qui anime un centre-ville ou un "
        "quartier.",
    ),
}

ORGANISATIONS = {
    "bethune": ("Ville de Béthune", OrganisationKind.CITY, "Béthune"),
    "lens": ("Ville de Lens", OrganisationKind.CITY, "Lens"),
    "agglo": ("Communauté d’agglomération de Béthune-Bruay", OrganisationKind.CITY, "Béthune"),
    "coop": ("CoopConnexion", OrganisationKind.COOPERATIVE, "Lens"),
    "france-travail": ("France Travail Béthune", OrganisationKind.REFERRER, "Béthune"),
    "france-travail-lens": ("France Travail Lens", OrganisationKind.REFERRER, "Lens"),
    "mission-locale": ("Mission locale de l’Artois", OrganisationKind.REFERRER, "Béthune"),
    "cci": ("CCI de l’Artois", OrganisationKind.OTHER, "Béthune"),
    "commercants": ("Les Vitrines du Beffroi", OrganisationKind.ASSOCIATION, "Béthune"),
    "ressourcerie": ("La Ressourcerie des Faubourgs", OrganisationKind.ASSOCIATION, "Béthune"),
    "amap": ("Les Paniers de la Lawe", OrganisationKind.ASSOCIATION, "Beuvry"),
    "jardins": ("Les Jardins du Terril", OrganisationKind.ASSOCIATION, "Loos-en-Gohelle"),
    "imprimerie": ("Imprimerie Vandamme et filles", OrganisationKind.COMPANY, "Béthune"),
    "brasserie": ("Brasserie du Chevalement", OrganisationKind.COMPANY, "Lens"),
    "expert": ("Artois Comptabilité Conseil", OrganisationKind.COMPANY, "Nœux-les-Mines"),
    "banque": ("Crédit solidaire des Flandres", OrganisationKind.COMPANY, "Lens"),
}
PEOPLE = {
    "bethune": ("Isabelle Marchandise", "adjointe au commerce et à l’artisanat"),
    "france-travail": ("Patrick Delobel", "conseiller création d’entreprise"),
    "mission-locale": ("Leïla Mansouri", "conseillère emploi"),
    "cci": ("Bertrand Queval", "conseiller commerce"),
    "commercants": ("Odile Tassin", "présidente"),
    "ressourcerie": ("Gaëtan Lheureux", "coordinateur"),
    "brasserie": ("Marion Devillers", "gérante"),
}


def read(filename: str) -> Iterator[dict[str, str]]:
    """Yield the rows of one of our copies of open data."""
    with (DATA / filename).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def tell(story: Story) -> None:
    load_reference_data()
    codes = [row["code_insee"] for row in read("communes.csv")]
    story.communes |= {each.name: each for each in Commune.objects.filter(pk__in=codes)}
    for slug, (name, communes) in TERRITORIES.items():
        story.territories[slug] = territory = Territory.objects.create(name=name, slug=slug)
        territory.communes.set(story.communes[each] for each in communes)
    for position, (key, (label, definition)) in enumerate(THEMES.items(), start=1):
        story.themes[key], _ = Theme.objects.get_or_create(
            key=key, defaults={"label": label, "definition": definition, "position": position}
        )


def tell_organisations(story: Story) -> None:
    for key, (name, kind, commune) in ORGANISATIONS.items():
        story.organisations[key] = Organisation.objects.create(
            name=name, kind=kind, commune=story.communes[commune], email=f"{key}@{DOMAIN}"
        )
    for key, (name, title) in PEOPLE.items():
        person = story.person(name, since=story.moment(story.months_ago(30), 10))
        story.organisations[key].affiliations.create(person=person, title=title)
