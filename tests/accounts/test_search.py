import pytest
from django.urls import reverse

from coopconnexion.accounts import search
from coopconnexion.accounts.search import Found, find
from tests.factories import PersonFactory, ProjectFactory, TerritoryFactory, UserFactory

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
        detail="Zoé Lefèvre · premier contact",
        url=reverse("admin:projects_project_change", args=[project.pk]),
    )
    manager = UserFactory(manager=True)
    assert find(manager, "epicerie") == [found]
    assert found in find(manager, "lefevre")


def test_other_territories_are_not_searched():
    own = TerritoryFactory()
    ProjectFactory(title="Épicerie d’ici", holder__last_name="Lefèvre", holder__first_name="Zoé", territory=own)
    ProjectFactory(title="Épicerie d’ailleurs", holder__last_name="Lefèvre", holder__first_name="Paul")
    advisor = UserFactory(advisor=True, territory=own)
    assert (labels("lefevre", advisor), labels("epicerie", advisor)) == (
        ["Zoé Lefèvre", "Épicerie d’ici"],
        ["Épicerie d’ici"],
    )


def test_no_more_rows_than_asked_for_and_one_query_per_kind(django_assert_max_num_queries):
    for _ in range(4):
        PersonFactory(last_name="Lefèvre")
    manager = UserFactory(manager=True)
    assert manager.is_staff
    with django_assert_max_num_queries(len(search._finders)):
        assert len(find(manager, "lefevre", limit=3)) == 3
