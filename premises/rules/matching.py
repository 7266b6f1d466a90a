"""What a project asks of a unit, of the inventory and of those who are there already: pure, the same answer each time.

A criterion that nobody noted is neither met nor missed: it is said to be unknown, with what to ask.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from coopconnexion.french import NARROW, NBSP, date_words

EQUIPMENT = {
    "step_free": ("accès de plain-pied", "pas d’accès de plain-pied", "l’accès de plain-pied"),
    "shop_window": ("vitrine", "pas de vitrine", "la vitrine"),
    "water": ("point d’eau", "pas de point d’eau", "le point d’eau"),
    "extraction": ("extraction pour cuisiner", "pas d’extraction pour cuisiner", "l’extraction"),
}
"""The names of the fields that a need (``needs_…``) and a unit share: said there, said absent, with their article."""

WEIGHTS = {"area": 3, "rent": 3, "extraction": 3, "step_free": 2, "shop_window": 2, "water": 2, "when": 1, "offer": 1}
"""A wall is not moved, nor a rent paid twice; extraction is rarely allowed later; the rest can be arranged."""

REACH = Decimal("1.25")
"""Beyond a quarter more, or less, a unit is not even close: it is not proposed."""

ASKED_BY_TRADE = (
    ("10.7", ("extraction", "water"), "on y cuit"),
    ("56.1", ("extraction", "water"), "on y cuisine"),
    ("56.3", ("water",), "on y sert à boire"),
    ("96.01", ("water",), "on y lave"),
    ("96.02", ("water",), "on y lave les cheveux ou la peau"),
    ("47", ("shop_window",), "on y vend au détail"),
)
"""What a trade asks of any unit, by the beginning of its NAF codes: a rule of thumb of the house, always said aloud."""


class Answer(StrEnum):
    FITS = "fits"
    MISSES = "misses"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Need:
    """What a project looks for; None is « it does not say », and False « it can do without »."""

    min_area: Decimal | int | None = None
    max_area: Decimal | int | None = None
    max_rent: Decimal | None = None
    step_free: bool | None = None
    shop_window: bool | None = None
    water: bool | None = None
    extraction: bool | None = None
    wanted_from: date | None = None

    @property
    def unsaid(self) -> list[str]:
        """What would make the comparison better, to ask of who carries the project."""
        silent = []
        if self.min_area is None and self.max_area is None:
            silent.append("la surface")
        if self.max_rent is None:
            silent.append("le loyer qu’il peut payer")
        return silent + [known for name, (_, _, known) in EQUIPMENT.items() if getattr(self, name) is None]


@dataclass(frozen=True)
class Facts:
    """What is known of a unit; None is unknown, which is not « no ».

    :param free_from: the day its occupant leaves; None when it is empty, or when nobody knows
    :param is_to_let: None when nobody knows
    """

    area: Decimal | None = None
    rent: Decimal | None = None
    step_free: bool | None = None
    shop_window: bool | None = None
    water: bool | None = None
    extraction: bool | None = None
    is_empty: bool = True
    free_from: date | None = None
    is_to_let: bool | None = True


@dataclass(frozen=True)
class Criterion:
    """One thing that was compared; ``ask`` is what to find out when the answer is unknown."""

    name: str
    answer: Answer
    words: str
    ask: str = ""


@dataclass(frozen=True)
class Match:
    criteria: tuple[Criterion, ...] = ()

    def _words(self, answer: Answer) -> list[str]:
        return [each.words for each in self.criteria if each.answer == answer]

    @property
    def fits(self) -> list[str]:
        return self._words(Answer.FITS)

    @property
    def misses(self) -> list[str]:
        return self._words(Answer.MISSES)

    @property
    def unknown(self) -> list[str]:
        return self._words(Answer.UNKNOWN)

    @property
    def missing(self) -> list[str]:
        """What to find out before anybody decides."""
        return [each.ask for each in self.criteria if each.ask]

    @property
    def score(self) -> int:
        """Out of 100: what fits counts whole, what is unknown half; 50 where there is nothing to compare."""
        weights = {Answer.FITS: 2, Answer.UNKNOWN: 1, Answer.MISSES: 0}
        most = sum(2 * WEIGHTS[each.name] for each in self.criteria)
        return 100 * sum(weights[each.answer] * WEIGHTS[each.name] for each in self.criteria) // most if most else 50

    @property
    def rank(self) -> tuple[int, int, int]:
        """Those that miss nothing first, then the best score, then the best known."""
        return len(self.misses), -self.score, len(self.unknown)


def match(need: Need, facts: Facts, *, seeks: str = "le projet cherche", hidden_rent: bool = False) -> Match:
    """Compare a unit with what a project looks for; what the project does not ask is not compared.

    :param seeks: the subject of the sentences, « vous cherchez » to who carries the project
    :param hidden_rent: whether an unknown rent is only kept from the reader
    """
    found = [
        _area(need, facts, seeks),
        _rent(need, facts, hidden_rent),
        *(_equipment(name, facts) for name in EQUIPMENT if getattr(need, name)),
        _when(need, facts),
        _offer(facts),
    ]
    return Match(tuple(each for each in found if each))


def _area(need: Need, facts: Facts, seeks: str) -> Criterion | None:
    low, high = need.min_area, need.max_area
    if low is None and high is None:
        return None
    if facts.area is None:
        return Criterion("area", Answer.UNKNOWN, "la surface n’est pas connue", "mesurer la surface")
    fits = (low is None or facts.area >= low) and (high is None or facts.area <= high)
    words = f"{square_metres(facts.area)}, {seeks} {_between(low, high)}"
    return Criterion("area", Answer.FITS if fits else Answer.MISSES, words)


def _between(low, high) -> str:
    if low is None:
        return f"jusqu’à {square_metres(high)}"
    if high is None:
        return f"au moins {square_metres(low)}"
    return f"{number(low)} à {square_metres(high)}"


def _rent(need: Need, facts: Facts, hidden: bool) -> Criterion | None:
    if need.max_rent is None:
        return None
    if facts.rent is None:
        words = "le loyer n’est pas affiché" if hidden else "le loyer n’est pas connu"
        return Criterion("rent", Answer.UNKNOWN, words, "demander le loyer")
    fits = facts.rent <= need.max_rent
    words = f"{number(facts.rent)}{NBSP}€ par mois hors charges, pour {number(need.max_rent)}{NBSP}€ au plus"
    return Criterion("rent", Answer.FITS if fits else Answer.MISSES, words)


def _equipment(name: str, facts: Facts) -> Criterion:
    there, absent, known = EQUIPMENT[name]
    has = getattr(facts, name)
    if has is None:
        return Criterion(name, Answer.UNKNOWN, f"{there}{NARROW}: personne ne l’a noté", f"vérifier {known}")
    return Criterion(name, Answer.FITS, there) if has else Criterion(name, Answer.MISSES, absent)


def _when(need: Need, facts: Facts) -> Criterion | None:
    if need.wanted_from is None or facts.is_empty:
        return None
    if facts.free_from is None:
        words = "occupée, sans date de départ connue"
        return Criterion("when", Answer.UNKNOWN, words, "demander quand elle se libère")
    fits = facts.free_from <= need.wanted_from
    words = f"libre le {date_words(facts.free_from)}, voulue pour le {date_words(need.wanted_from)}"
    return Criterion("when", Answer.FITS if fits else Answer.MISSES, words)


def _offer(facts: Facts) -> Criterion | None:
    if facts.is_to_let is None:
        return Criterion(
            "offer", Answer.UNKNOWN, "vide, sans qu’on sache si elle est à louer", "demander si elle est à louer"
        )
    return None


def asked_by_trade(naf_codes: Iterable[str]) -> tuple[dict[str, bool], str]:
    """Return the equipment that a trade asks for, and why; nothing for one that asks for none."""
    codes = sorted(naf_codes)
    for start, equipment, why in ASKED_BY_TRADE:
        if any(code.startswith(start) for code in codes):
            return dict.fromkeys(equipment, True), why
    return {}, ""


def square_metres(value: Decimal | int) -> str:
    return f"{number(value)}{NBSP}m²"


def number(value: Decimal | int) -> str:
    """« 1 250 », « 612,50 »."""
    text = f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
    return text.replace(",", NARROW).replace(".", ",")


# --- trades ----------------------------------------------------------------------------------------------------------

EMPTY_WORDS = frozenset(
    [
        *("a", "au", "aux", "avec", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "ou", "par", "pour"),
        *("sur", "un", "une", "article", "articles", "boutique", "commerce", "commerces", "magasin", "personne"),
        *("personnel", "personnels", "personnes", "produit", "produits", "vente"),
    ]
)
STEM = 6
"""Letters that make two words the same: « restaurant » and « restauration », not « presse » and « pressing »."""


@dataclass(frozen=True)
class Trade:
    """What is known of a trade: activities of our list, codes, and the words in which it is told."""

    activities: frozenset[str] = field(default_factory=frozenset)
    naf: frozenset[str] = field(default_factory=frozenset)
    types: frozenset[str] = field(default_factory=frozenset)
    text: str = ""


def stems(text: str) -> frozenset[str]:
    """Fold a text to the beginnings of its words, without accents, plurals and the words that say nothing."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe"))
    words = re.findall(r"[a-z0-9]+", "".join(each for each in plain if not unicodedata.combining(each)))
    return frozenset(stem(word) for word in words if word not in EMPTY_WORDS)


def stem(word: str) -> str:
    return (word[:-1] if len(word) > 3 and word[-1] in "sx" else word)[:STEM]


def names(label: str) -> list[frozenset[str]]:
    """The names of a trade that a label lists: « Fleuriste, jardinerie, animalerie » is three."""
    parts = re.split(r"\s*[,;/]\s*|\s+et\s+|-", re.sub(r"\(.*?\)", "", label))
    return [found for part in parts if (found := stems(part))]


def is_named(label: str, told: str) -> bool:
    """Whether ``told`` names the trade that ``label`` calls by one of its names, whole."""
    words = stems(told)
    return any(name <= words for name in names(label))


def activities_named(told: str, labels: dict[str, str]) -> list[str]:
    """Return the keys of the ``labels`` whose trade ``told`` names, the most precise first, then by key."""
    words = stems(told)
    found = {
        key: max((len(name) for name in names(label) if name <= words), default=0) for key, label in labels.items()
    }
    return sorted((key for key, length in found.items() if length), key=lambda key: (-found[key], key))


def same_trade(one: Trade, other: Trade) -> str:
    """Say why two trades are the same, by the surest evidence; empty when nothing says so.

    ``other`` is the one whose label lists names: a gap, or a shop.
    """
    if one.activities & other.activities:
        return "même activité de la liste"
    if shared := sorted(one.naf & other.naf):
        return f"même code NAF, {shared[0]}"
    if shared := sorted(one.types & other.types):
        return f"même type d’équipement (BPE), {shared[0]}"
    if other.text and is_named(other.text, one.text):
        return "mêmes mots"
    return ""


EVIDENCE = ("même activité", "même code NAF", "même type", "mêmes mots")


def surest(reason: str) -> int:
    """The rank of a reason of ``same_trade``: the surest evidence first."""
    return next((rank for rank, start in enumerate(EVIDENCE) if reason.startswith(start)), len(EVIDENCE))
