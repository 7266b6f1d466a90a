import pytest
from django.db import connection
from django.urls import reverse

from coopconnexion.accounts import search
from coopconnexion.accounts.models import Person
from coopconnexion.accounts.search import Found, find
from tests.factories import (
    BusinessFactory,
    MemberFactory,
    OrganisationFactory,
    PersonFactory,
    ProjectFactory,
    TerritoryFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def labels(query, user=None):
    return [found.label for found in find(user or UserFactory(manager=True), query)]


@pytest.mark.parametrize(
    "query",
    [
        *("lefevre", "LEFÈVRE", "zoe lefevre", "lefevre  zoé", "jean-charles", "jean charles", "lefevrre"),
        *("zoe@", "EXAMPLE.net"),
        *("06 12 34 56 78", "0612345678", "+33 6 12 34 56 78", "0033612345678", "06.12.34.56.78", "3456"),
    ],
)
def test_a_person_is_found_by_name_phone_or_address(query):
    PersonFactory(first_name="Zoé Jean-Charles", last_name="Lefèvre", email="zoe@example.net", phone="+33612345678")
    PersonFactory(first_name="Paul", last_name="Martin", email="paul@example.org", phone="+33699000000")
    assert labels(query) == ["Zoé Jean-Charles Lefèvre"]


@pytest.mark.parametrize("query", ["", " ", "z", "--", "%", "06", "introuvable"])
def test_too_little_or_nothing_known_finds_nothing(query):
    PersonFactory(first_name="Zoé", last_name="Lefèvre", email="zoe@example.net", phone="+33612345678")
    assert labels(query) == []


def test_a_project_is_found_by_title_and_by_holder():
    project = ProjectFactory(title="Épicerie fine", holder__first_name="Zoé", holder__last_name="Lefèvre")
    ProjectFactory(title="Librairie")
    found = Found(
        kind="projet",
        label="Épicerie fine",
        detail=f"P{project.pk} · Zoé Lefèvre · premier contact",
        url=reverse("projects_staff:project", args=[project.pk]),
        rank=search.PREFIX,
    )
    manager = UserFactory(manager=True)
    assert find(manager, "epicerie") == [found]
    assert ("projet", "Épicerie fine") in [(each.kind, each.label) for each in find(manager, "lefevre")]


def test_other_territories_are_not_searched():
    own = TerritoryFactory()
    ProjectFactory(title="Épicerie d’ici", holder__last_name="Lefèvre", holder__first_name="Zoé", territory=own)
    ProjectFactory(title="Épicerie d’ailleurs", holder__last_name="Lefèvre", holder__first_name="Paul")
    advisor = UserFactory(advisor=True, territory=own)
    assert (labels("lefevre", advisor), labels("epicerie", advisor)) == (
        ["Zoé Lefèvre", "Épicerie d’ici"],
        ["Épicerie d’ici"],
    )


def ranks(query, user=None):
    return [(each.label, round(each.rank, 2)) for each in find(user or UserFactory(manager=True), query)]


def test_what_fits_best_comes_first_whatever_its_kind():
    BusinessFactory(name="Fournil des Halles", activity="Boulangerie")
    ProjectFactory(title="Fournil", holder__first_name="Paul", holder__last_name="Martin")
    ProjectFactory(title="Au bon fournil", holder__first_name="Paul", holder__last_name="Martin")
    PersonFactory(first_name="Zoé", last_name="Fournille")
    PersonFactory(first_name="Ada", last_name="Fourni")
    OrganisationFactory(name="Les Fournils réunis")
    assert ranks("fournil") == [
        ("Fournil", search.EXACT),
        ("Fournil des Halles", search.PREFIX),
        ("Au bon fournil", search.WORD),
        ("Zoé Fournille", search.WORD_START),
        ("Les Fournils réunis", search.WORD_START),
        ("Ada Fourni", 0.38),
    ]


@pytest.mark.parametrize("write", ["P{pk}", "p{pk}", "p {pk}", "P000{pk}"])
def test_a_project_is_found_by_its_reference(write):
    project, _ = ProjectFactory(title="Épicerie"), ProjectFactory(title="Librairie")
    assert ranks(write.format(pk=project.pk))[0] == ("Épicerie", search.REFERENCE)


def test_a_member_is_found_by_name_and_by_reference():
    member = MemberFactory(person__first_name="Zoé", person__last_name="Lefèvre")
    manager = UserFactory(manager=True)
    kinds = [(each.kind, each.label) for each in find(manager, "lefevre zoe")]
    assert kinds == [("personne", "Zoé Lefèvre"), ("membre", "Zoé Lefèvre")]
    assert [each.kind for each in find(manager, f"M{member.pk}")] == ["membre"]


def test_a_whole_phone_and_a_whole_address_are_exact():
    PersonFactory(first_name="Zoé", last_name="Lefèvre", email="zoe@example.net", phone="+33612345678")
    PersonFactory(first_name="Ada", last_name="Morel", email="ada.zoe@example.net")
    assert ranks("06 12 34 56 78") == [("Zoé Lefèvre", search.EXACT)]
    assert ranks("zoe@example.net") == [("Zoé Lefèvre", search.EXACT), ("Ada Morel", search.WITHIN)]


def test_a_reader_finds_nobody_by_phone_or_address_and_reads_neither():
    own = TerritoryFactory()
    project = ProjectFactory(territory=own, holder__first_name="Zoé", holder__last_name="Lefèvre")
    type(project.holder).objects.update(email="zoe@example.net", phone="+33612345678")
    reader, advisor = (UserFactory(territory=own, **role) for role in ({"reader": True}, {"advisor": True}))
    assert [labels(query, reader) for query in ("0612345678", "zoe@example.net")] == [[], []]
    assert "Zoé Lefèvre" in labels("0612345678", advisor)
    details = {user: "".join(found.detail for found in find(user, "lefevre")) for user in (reader, advisor)}
    assert ["example.net" in detail or "12\u00a034" in detail for detail in details.values()] == [False, True]


def test_accounts_are_found_by_the_direction_alone():
    UserFactory(email="alix@example.org", name="Alix Conseil")
    assert labels("alix") == ["Alix Conseil"]
    assert labels("alix", UserFactory(advisor=True)) == []


@pytest.mark.parametrize("query", ["P99999999999999999999", "P", "é" * 5000, "' OR 1=1 --", "%_\\", "\0", "☃☃☃", "P-1"])
def test_whatever_is_typed_breaks_nothing(query):
    ProjectFactory(title="Épicerie")
    assert labels(query) == []


def test_one_kind_alone_can_be_asked_for():
    ProjectFactory(title="Lefèvre et fils", holder__last_name="Lefèvre")
    manager = UserFactory(manager=True)
    assert {each.kind for each in find(manager, "lefevre", kind="projet")} == {"projet"}
    assert find(manager, "lefevre", kind="inconnu") == []


def test_no_more_rows_than_asked_for_and_one_query_per_kind(django_assert_max_num_queries):
    for _ in range(4):
        PersonFactory(last_name="Lefèvre")
    manager = UserFactory(manager=True)
    assert manager.is_staff
    with django_assert_max_num_queries(len(search.kinds())):
        assert len(find(manager, "lefevre", limit=3)) == 3


INDEXES = {
    "lefevre": "accounts_person_name_trgm",
    "lefevrre": "accounts_person_name_trgm",
    "lefevre@example": "accounts_person_email_trgm",
    "0612345678": "accounts_person_phone_trgm",
}


@pytest.fixture
def many_people():
    """As many as an index serves better than reading them all."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(letters[(n * k) % 26] for k in (3, 5, 7, 11, 17, 23)) for n in range(10_000)]
    Person.objects.bulk_create(
        Person(first_name=words[-n], last_name=word, email=f"{word}@{n}.org", phone=f"+336{n:08}")
        for n, word in enumerate(words)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_person")


@pytest.mark.parametrize("query", INDEXES)
def test_people_are_searched_through_an_index(query, many_people):
    manager = UserFactory(manager=True)
    rows = search.ranked(Person.objects.visible_to(manager), query, names={"name_key": 1.0}, **search.reach(manager))
    plan = rows.explain()
    assert (INDEXES[query] in plan, "Seq Scan" in plan) == (True, False)
