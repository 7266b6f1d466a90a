"""The real statistics of the shops of Béthune and of towns like it."""

from coopconnexion.site.demo.reference import DATA
from coopconnexion.site.demo.story import Story
from premises import services
from premises.enums import CountKind
from premises.models import ReferenceGroup

FILE = "bpe2020_commerces_59_62.csv"
GROUP = "Villes comparables à Béthune"
TOWNS = (
    *("62498", "62041", "59178", "62510", "62178", "59295"),  # Lens, Arras, Douai, Liévin, Bruay, Hazebrouck
    *("62765", "59122", "59392", "59017", "62427"),  # Saint-Omer, Cambrai, Maubeuge, Armentières, Hénin-Beaumont
)


def tell(story: Story) -> None:
    director = story.users["directrice"]
    with (DATA / FILE).open("rb") as file:
        services.import_counts(
            file=file,
            filename=FILE,
            kind=CountKind.BPE,
            vintage=2020,
            label="BPE, commerces (Nord et Pas-de-Calais)",
            by=director,
            at=story.moment(story.months_ago(3), 10),
        )
    group = ReferenceGroup.objects.create(name=GROUP, made_by=director, made_at=story.at)
    group.communes.set(TOWNS)
