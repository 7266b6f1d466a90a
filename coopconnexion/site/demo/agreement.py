"""The agreement with Béthune: signed on 16 December 2019, one amendment a year, objectives of 2020 and of this year."""

from datetime import date

from coopconnexion.partnerships.models import Amendment, Objective, Partnership
from coopconnexion.site.demo.story import Story, days

SIGNED_ON = date(2019, 12, 16)
OBJECTIVES = (
    ("members.businesses_integrated", "Entreprises intégrées", 8),
    ("permanences.people_received", "Personnes reçues en permanence", 60),
    ("projects.opened", "Projets identifiés", 30),
    ("premises.units_lent", "Cellules mises à disposition", 2),
    ("events.held", "Conférences, ateliers et rencontres", 10),
)


def tell(story: Story) -> Partnership:
    partnership = Partnership.objects.create(
        title="Convention de partenariat entre la Ville de Béthune et CoopConnexion",
        territory=story.territories["bethune"],
        signed_on=SIGNED_ON,
        starts_on=SIGNED_ON,
        summary=(
            "Aider les habitants à créer leur entreprise : une permanence mensuelle à La Fabrique, deux cellules "
            "commerciales mises à disposition, un relevé des activités en carence, des conférences et des ateliers."
        ),
    )
    partnership.parties.set([story.organisations["bethune"], story.organisations["coop"]])
    _tell_first_year(partnership)
    for year in range(2021, story.today.year + 1):
        amendment = _amend(partnership, year)
    _set_objectives(partnership, amendment)
    return partnership


def _tell_first_year(partnership: Partnership) -> None:
    Objective.objects.create(
        partnership=partnership,
        indicator="members.businesses_integrated",
        label="Six premières entreprises intégrées",
        target=6,
        starts_on=date(2020, 1, 1),
        ends_on=date(2021, 1, 1),
    )


def _amend(partnership: Partnership, year: int) -> Amendment:
    starts_on = date(year, 1, 1)
    return Amendment.objects.create(
        partnership=partnership,
        number=year - 2020,
        signed_on=starts_on - days(15),
        starts_on=starts_on,
        ends_on=date(year + 1, 1, 1),
        summary=f"Reconduction pour {year} et objectifs de l’année.",
    )


def _set_objectives(partnership: Partnership, amendment: Amendment) -> None:
    Objective.objects.bulk_create(
        Objective(
            partnership=partnership,
            amendment=amendment,
            indicator=indicator,
            label=label,
            target=target,
            starts_on=amendment.starts_on,
            ends_on=amendment.ends_on,
        )
        for indicator, label, target in OBJECTIVES
    )
