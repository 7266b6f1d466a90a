"""Where people meet."""

from coopconnexion.partnerships.models import Partnership
from coopconnexion.site.demo.story import Story
from premises.models import Provision, Venue

VENUES = {
    "bethune": {
        "name": "La Fabrique",
        "street": "6 rue Sadi-Carnot",
        "commune": "Béthune",
        "postal_code": "62400",
        "access": (
            "À dix minutes à pied de la gare. Entrez par la grande porte, puis montez au premier étage par l’escalier "
            "ou l’ascenseur : l’accueil est en face. Parking gratuit derrière le bâtiment."
        ),
        "step_free": True,
    },
    "lens": {
        "name": "Siège de CoopConnexion",
        "street": "18 rue Victor-Picard",
        "commune": "Lens",
        "postal_code": "62300",
        "access": "À cinq minutes à pied de la gare. Sonnez à « CoopConnexion » : on vient vous ouvrir.",
        "step_free": False,
    },
}


def tell(story: Story, partnership: Partnership) -> None:
    for slug, venue in VENUES.items():
        commune = story.communes[venue["commune"]]
        story.venues[slug] = Venue.objects.create(territory=story.territories[slug], **{**venue, "commune": commune})
    Provision.objects.create(partnership=partnership, venue=story.venues["bethune"], starts_on=partnership.starts_on)
