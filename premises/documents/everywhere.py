"""Every town of a set of counts against those of its size: all of them at once, for an export or a command."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from itertools import groupby

from coopconnexion.territories.models import Commune
from premises.documents.comparison import counted, words_of
from premises.models import CountSet
from premises.rules.shortages import FEWEST_TOWNS, Gap, like, ranked, shown

MOST = 12  # towns in a group
HEADER = [
    *("Code INSEE", "Commune", "Département", "Population", "Population de", "Rang", "Code", "Activité", "Comptés"),
    *("Pour 10 000 habitants", "Référence", "Médiane", "Attendus", "Écart à la référence", "Indice"),
    *("Communes qui en ont", "Niveau", "Fragile", "Groupe", "Statistiques"),
]


class Sizes:
    """Towns in the order of their size, to find those nearest to one without going through them all."""

    def __init__(self, populations: Mapping[str, int]):
        self.populations = populations
        self.codes = sorted(populations, key=lambda code: (populations[code], code))
        self.sizes = [populations[code] for code in self.codes]
        self.ranks = {code: rank for rank, code in enumerate(self.codes)}

    def group_of(self, town: str) -> list[str]:
        """Return the towns that :func:`like` proposes, those of the same distance included before it chooses."""
        own, rank = self.populations[town], self.ranks[town]
        around = self.sizes[max(0, rank - MOST) : rank] + self.sizes[rank + 1 : rank + 1 + MOST]
        reach = max(sorted(abs(size - own) for size in around)[:MOST], default=0)
        first, last = bisect_left(self.sizes, own - reach), bisect_right(self.sizes, own + reach)
        near = {code: self.populations[code] for code in self.codes[first:last] if code != town}
        return like(own, near, most=MOST)


def everywhere(count_set: CountSet) -> Iterator[tuple[Commune, list[Commune], list[Gap]]]:
    """Yield every town of a set with its group and its gaps: two or three queries, whatever their number.

    What is held is the counts, not the results. Towns without population, or with too few others of their size, are
    left out; populations of two years are never compared.
    """
    covered = Commune.objects.filter(pk__in=count_set.communes.values("commune"), population__gt=0)
    communes = {each.pk: each for each in covered.order_by("population_year", "pk")}
    counts = counted(count_set, communes)
    for _, of_a_year in groupby(communes.values(), key=lambda each: each.population_year):
        populations = {each.pk: each.population for each in of_a_year}
        sizes = Sizes(populations)
        for code in populations:
            group = sizes.group_of(code)
            if len(group) >= FEWEST_TOWNS:
                gaps = ranked(counts, populations, town=code, group=group)
                yield communes[code], [communes[each] for each in group], gaps


def rows_everywhere(count_set: CountSet) -> Iterator[list]:
    """Yield the lines of :data:`HEADER`, each with its group, its vintage and its source."""
    labels, _ = words_of(count_set)
    source = f"{count_set}, {count_set.licence}"
    for commune, group, gaps in everywhere(count_set):
        names = ", ".join(str(each) for each in group)
        town = [commune.pk, commune.name, commune.department, commune.population, commune.population_year]
        for rank, gap in enumerate(gaps, start=1):
            yield [*town, rank, gap.code, labels.get(gap.code, gap.code), *cells(gap), names, source]


def cells(gap: Gap) -> list:
    """Return a gap as an export shows it: rounded at the last moment."""
    pooled, median = gap.pooled, gap.median
    return [
        gap.number,
        *(shown(gap.density, 2), shown(pooled and pooled.density, 2), shown(median and median.density, 2)),
        *(shown(gap.expected, 1), shown(gap.missing, 1), shown(gap.index, 0)),
        f"{pooled.present} sur {pooled.towns}" if pooled else "",
        *(str(gap.level.label), "oui" if gap.is_fragile else ""),
    ]
