"""Register of what can be found from the back office's search box: each app contributes, scoped to the user."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import and_

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Case, Expression, F, FloatField, Lookup, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Concat, Greatest
from django.db.models.lookups import Contains
from django.urls import reverse

from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.models import Organisation, Person, User
from coopconnexion.accounts.permissions import can_reach, can_see_contacts, is_reader_beside
from coopconnexion.db import NameKey
from coopconnexion.french import phone_words

SHORTEST_QUERY = 2
SHORTEST_PHONE = 4  # digits
WHOLE_PHONE = 9  # digits, without the leading zero
LONGEST_QUERY = 100
CANDIDATES = 150  # rows of each way that are ranked: past it the words are too common to tell rows apart

REFERENCE, EXACT, PREFIX, WORD, WORD_START, WITHIN, TYPO = 1.2, 1.0, 0.9, 0.8, 0.7, 0.6, 0.5
"""How well a row answers: what is typed is its reference, its whole name, the beginning of it, words of it…"""


@dataclass(frozen=True)
class Found:
    """A row that answers a search; ``kind`` in French, ``detail`` tells two namesakes apart; a high ``rank`` first."""

    kind: str
    label: str
    detail: str
    url: str
    rank: float = 0.0


Finder = Callable[[User, str, int], Iterable[Found]]


@dataclass(frozen=True)
class Kind:
    """What one finder finds: its name, singular and plural, as the page of results says it."""

    position: int
    name: str
    plural: str
    finder: Finder


_kinds: dict[str, Kind] = {}


def register(*, position: int, kind: str, plural: str = "") -> Callable[[Finder], Finder]:
    """Add the rows of this ``kind`` that the decorated function finds for ``(user, query, limit)``, best first.

    Between rows of one rank, the lowest ``position`` comes first. ``ranked`` does the work of a finder.
    """

    def add(finder: Finder) -> Finder:
        _kinds[kind] = Kind(position, kind, plural or f"{kind}s", finder)
        return finder

    return add


def kinds() -> list[Kind]:
    return sorted(_kinds.values(), key=lambda kind: (kind.position, kind.name))


def asked(query: str) -> str:
    """Return ``query`` as it is searched: single spaces, and no more of it than a name needs."""
    return " ".join(query.replace("\0", "").split())[:LONGEST_QUERY]


def is_too_short(query: str) -> bool:
    return len(asked(query)) < SHORTEST_QUERY


def find(user: User, query: str, limit: int = 20, kind: str = "") -> list[Found]:
    """Return at most ``limit`` rows of each kind, or of ``kind``, that this user may see, those that fit best first."""
    if is_too_short(query):
        return []
    chosen = [each for each in kinds() if not kind or each.name == kind]
    found = [row for each in chosen for row in each.finder(user, asked(query), limit)]
    return sorted(found, key=lambda row: -row.rank)


# --- what finders are made of ----------------------------------------------------------------------------------------

NOTHING = Q(pk__in=[])


def joined(*parts: Expression) -> Concat:
    return Concat(*parts, output_field=TextField())


def words_of(query: str) -> list[str]:
    return [word for word in query.split() if any(letter.isalnum() for letter in word)]


def holding(word: str, path: str) -> Q:
    """Match a folded name that holds ``word``; one or two letters must begin a word, as an index finds no less."""
    key = NameKey(Value(word))
    if len(word) > SHORTEST_QUERY:
        return Q(**{f"{path}__contains": key})
    return Q(**{f"{path}__startswith": key}) | Q(**{f"{path}__contains": joined(Value(" "), key)})


def named(query: str, path: str = "name_key") -> Q:
    """Match rows whose folded name at ``path`` holds every word of ``query``, or a word much like it."""
    words = words_of(query)
    if not words:
        return NOTHING
    every_word = reduce(and_, (holding(word, path) for word in words))
    return every_word | Q(**{f"{path}__trigram_word_similar": NameKey(Value(query))})


def phone_digits(query: str) -> str:
    """Return the digits of a phone typed in whatever format, without prefix; nothing when it is no phone."""
    typed_as_phone = re.fullmatch(r"[\d\s.+\-()/]+", query)
    digits = re.sub(r"^(0033|33(?=\d{9})|0)", "", re.sub(r"\D", "", query))
    return digits if typed_as_phone and len(digits) >= SHORTEST_PHONE else ""


def phoned(query: str, path: str = "phone") -> Q:
    """Match rows whose phone at ``path`` holds the digits typed, in whatever format; nothing when they are too few."""
    digits = phone_digits(query)
    return Q(**{f"{path}__contains": digits}) if digits else NOTHING


def referenced(query: str, letter: str) -> int | None:
    """Return the number of the public reference typed: « P123 », « p 123 »."""
    typed = re.fullmatch(rf"{letter}\s?(\d{{1,15}})", query, re.IGNORECASE | re.ASCII)
    return typed and int(typed[1])


def name_rank(query: str, path: str) -> Case:
    """Say how well the folded name at ``path`` answers ``query``, from ``EXACT`` down to ``TYPO``."""
    key = NameKey(Value(query))
    keys = [NameKey(Value(word)) for word in words_of(query)]
    padded = joined(Value(" "), F(path), Value(" "))
    return Case(
        When(**{path: key}, then=EXACT),
        When(**{f"{path}__startswith": key}, then=PREFIX),
        When(all_of(Contains(padded, joined(Value(" "), each, Value(" "))) for each in keys), then=WORD),
        When(all_of(Contains(padded, joined(Value(" "), each)) for each in keys), then=WORD_START),
        When(all_of(Contains(F(path), each) for each in keys), then=WITHIN),
        default=Value(TYPO) * TrigramWordSimilarity(key, path),
        output_field=FloatField(),
    )


def all_of(conditions: Iterable[Lookup]) -> Q:
    return reduce(and_, map(Q, conditions))


def email_rank(query: str, path: str) -> Case:
    steps = {"iexact": EXACT, "istartswith": PREFIX, "icontains": WITHIN}
    return Case(*(When(**{f"{path}__{lookup}": query}, then=rank) for lookup, rank in steps.items()), default=0.0)


@dataclass(frozen=True)
class Arm:
    """One way to answer a query: which rows, and how well each does."""

    rows: Q
    rank: Expression


def arms(
    query: str, *, names: dict[str, float], email: str, phone: str, reference: str, among: Q | None = None
) -> list[Arm]:
    """Return the ways that make sense for ``query``: a number is no name, a name holds no digits.

    ``among``: the only rows that an e-mail or a phone finds.
    """
    among = Q() if among is None else among
    found = []
    if reference and (pk := referenced(query, reference)):
        found.append(Arm(Q(pk=pk), Case(When(pk=pk, then=REFERENCE), default=0.0)))
    if phone and (digits := phone_digits(query)):
        rank = EXACT if len(digits) >= WHOLE_PHONE else WITHIN
        found.append(Arm(phoned(query, phone) & among, Case(When(phoned(query, phone), then=rank), default=0.0)))
    if email and " " not in query and len(query) > SHORTEST_QUERY:
        found.append(Arm(Q(**{f"{email}__icontains": query}) & among, email_rank(query, email)))
    if words_of(query):
        found += [Arm(named(query, path), Value(weight) * name_rank(query, path)) for path, weight in names.items()]
    return found


def answers(rows: QuerySet, ways: list[Arm], most: int | None = None) -> QuerySet:
    """Return the keys of ``rows`` that answer in one of ``ways``, each searched through its own index."""
    first, *others = (rows.filter(way.rows).order_by().values("pk")[:most] for way in ways)
    return first.union(*others) if others else first


def ranked(
    rows: QuerySet,
    query: str,
    *,
    names: dict[str, float],
    email: str = "",
    phone: str = "",
    reference: str = "",
    among: Q | None = None,
) -> QuerySet:
    """Return those of ``rows`` that answer ``query``, annotated with ``rank``, best first.

    ``names``: paths to folded names (``NameKey``), each with the weight of what it finds. ``email`` and ``phone``:
    paths, given only for who may see contacts, of the rows ``among`` (``reach``). ``reference``: the letter of the
    public reference.
    One query; when too many rows answer to tell them apart, those that begin as the query are sure to be there.
    """
    ways = arms(query, names=names, email=email, phone=phone, reference=reference, among=among)
    if not ways:
        return rows.none().annotate(rank=Value(0.0))
    ranks = [way.rank for way in ways]
    best = Greatest(*ranks, output_field=FloatField()) if len(ranks) > 1 else ranks[0]
    if words_of(query):
        key = NameKey(Value(query))
        ways += [Arm(Q(**{f"{path}__startswith": key}), Value(PREFIX)) for path in names]
    return rows.filter(pk__in=answers(rows, ways, CANDIDATES)).annotate(rank=best).order_by("-rank")


class QuickSearch:
    """Mixin of admins: the box of the list finds what the search of the back office finds, through the same indexes.

    ``search_names`` and ``search_reference`` are those of ``ranked``; ``search_person`` is the path to the person whose
    e-mail and phone answer, ``None`` when nobody's do.
    """

    search_names: tuple[str, ...] = ("name_key",)
    search_reference = ""
    search_person: str | None = None

    def search_rows(self, queryset: QuerySet) -> QuerySet:
        """Add the folded names that are no columns."""
        return queryset

    def get_search_results(self, request, queryset, search_term):
        query = asked(search_term)
        if not query:
            return queryset, False
        contacts = {} if self.search_person is None else reach(request.user, self.search_person)
        paths = {"email": "", "phone": "", "reference": self.search_reference, **contacts}
        ways = arms(query, names=dict.fromkeys(self.search_names, 1.0), **paths)
        if not ways:
            return queryset.none(), False
        rows = self.search_rows(self.model._default_manager.all())
        return queryset.filter(pk__in=answers(rows, ways)), False


def reach(user: User, path: str = "") -> dict[str, str | Q]:
    """Return ``email``, ``phone``, ``among`` of ``ranked`` for who may see contacts; ``path`` leads to the person."""
    if not can_see_contacts(user):
        return {}
    start = f"{path}__" if path else ""
    found = {"email": f"{start}email", "phone": f"{start}phone"}
    if is_reader_beside(user):
        found["among"] = Q(**{f"{path or 'pk'}__in": Person.objects.worked_by(user).values("pk")})
    return found


def contacts(user: User, row: Person | Organisation) -> str:
    """Say how to reach a person or an organisation, to who may know it."""
    return " · ".join(filter(None, [phone_words(row.phone), row.email])) if can_reach(user, row) else ""


# --- what the ground floor holds -------------------------------------------------------------------------------------


@register(position=10, kind="personne")
def people(user: User, query: str, limit: int) -> list[Found]:
    rows = ranked(Person.objects.visible_to(user), query, names={"name_key": 1.0}, **reach(user))
    return [
        Found(
            kind="personne",
            label=str(person),
            detail=contacts(user, person),
            url=reverse("admin:accounts_person_change", args=[person.pk]),
            rank=person.rank,
        )
        for person in rows.order_by("-rank", "name_key", "pk")[:limit]
    ]


@register(position=60, kind="organisation")
def organisations(user: User, query: str, limit: int) -> list[Found]:
    rows = Organisation.objects.alias(name_key=NameKey("name")).select_related("commune")
    paths = {"email": "email", "phone": "phone"} if can_see_contacts(user) else {}
    rows = ranked(rows, query, names={"name_key": 1.0}, **paths)
    return [
        Found(
            kind="organisation",
            label=organisation.name,
            detail=" · ".join(filter(None, [organisation.get_kind_display(), str(organisation.commune or "")])),
            url=reverse("admin:accounts_organisation_change", args=[organisation.pk]),
            rank=organisation.rank,
        )
        for organisation in rows.order_by("-rank", "name_key", "pk")[:limit]
    ]


@register(position=70, kind="compte")
def accounts(user: User, query: str, limit: int) -> list[Found]:
    """Accounts are the direction's business."""
    if Role.MANAGER not in user.roles:
        return []
    rows = ranked(User.objects.alias(name_key=NameKey("name")), query, names={"name_key": 1.0}, email="email")
    return [
        Found(
            kind="compte",
            label=str(account),
            detail=account.email if account.is_active else f"{account.email} · fermé",
            url=reverse("admin:accounts_user_change", args=[account.pk]),
            rank=account.rank,
        )
        for account in rows.order_by("-rank", "email", "pk")[:limit]
    ]
