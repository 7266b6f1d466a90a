"""Filters of a list, kept under a name."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from coopconnexion.accounts import services
from coopconnexion.accounts.models import SavedFilter
from tests.conftest import page, sign_in
from tests.factories import ProjectFactory, TerritoryFactory, UserFactory

pytestmark = pytest.mark.django_db

PAGE = "admin:projects_project_changelist"
LIST = reverse(PAGE)
SAVE = reverse("admin:filter_save")


def test_what_the_address_filters_is_kept_under_a_name_and_offered_above_the_list(client, manager):
    typed = {"page": PAGE, "query": "q=épicerie&stage__exact=diagnosis&p=3", "name": "  Mes   épiceries "}
    response = client.post(SAVE, typed)
    saved = SavedFilter.objects.get()
    kept = "q=%C3%A9picerie&stage__exact=diagnosis"
    assert (saved.user, saved.page, saved.name, saved.query) == (manager, PAGE, "Mes épiceries", kept)
    assert response["Location"] == f"{LIST}?{kept}"
    content = page(client, f"{LIST}?{kept}")
    assert f'href="{LIST}?{kept.replace("&", "&amp;")}" aria-current="true">Mes épiceries</a>' in content


def test_an_unfiltered_list_offers_nothing_to_keep(client, manager):
    assert "saved-filters" not in page(client, LIST)
    assert "Enregistrer ces filtres" in page(client, f"{LIST}?q=épicerie")


def test_a_popup_offers_no_filters(client, manager):
    assert "saved-filters" not in page(client, f"{LIST}?q=épicerie&_popup=1")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"page": "site:home"}, "page"),
        ({"page": "admin:index"}, "page"),
        ({"page": "admin:projects_project_add"}, "page"),
        ({"page": "https://ailleurs.example"}, "page"),
        ({"page": "os.system"}, "page"),
        ({"page": ""}, "page"),
        ({"query": ""}, "empty"),
        ({"query": "p=2&_popup=1&csrfmiddlewaretoken=abc"}, "empty"),
        ({"query": "&".join(f"a{n}=1" for n in range(60))}, "query"),
        ({"query": "q=" + "é" * 1000}, "query_long"),
        ({"name": " "}, "name"),
        ({"name": "–"}, "name"),
        ({"name": "x" * 61}, "name_long"),
        ({"name": "À MOI"}, "name_taken"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(changed, code):
    user = UserFactory(manager=True)
    asked = {"user": user, "page": PAGE, "name": "Autre", "query": "stage__exact=diagnosis"}
    services.save_filter(**asked | {"name": "à moi"})
    with pytest.raises(ValidationError) as refusal:
        services.save_filter(**asked | changed)
    assert (refusal.value.code, SavedFilter.objects.count()) == (code, 1)


def test_the_same_name_serves_on_another_page_and_for_a_colleague():
    user = UserFactory(manager=True)
    asked = {"name": "À moi", "query": "q=a"}
    services.save_filter(user=user, page=PAGE, **asked)
    services.save_filter(user=user, page="admin:members_member_changelist", **asked)
    services.save_filter(user=UserFactory(manager=True), page=PAGE, **asked)
    assert SavedFilter.objects.count() == 3


def test_a_refusal_goes_back_to_the_list_with_its_filters(client, manager):
    response = client.post(SAVE, {"page": PAGE, "query": "q=épicerie", "name": ""}, follow=True)
    assert response.redirect_chain[-1][0] == f"{LIST}?q=%C3%A9picerie"
    assert "Donnez un nom à ce filtre." in response.content.decode()


@pytest.mark.parametrize("query", ["//ailleurs.example", "https://ailleurs.example", "next=https://ailleurs.example"])
@pytest.mark.parametrize("target", [PAGE, "https://ailleurs.example", "//ailleurs.example"])
def test_saving_never_leads_elsewhere(target, query, client, manager):
    location = client.post(SAVE, {"page": target, "query": query, "name": "Ailleurs"})["Location"]
    assert location.startswith("/gestion/")


def saved_by(user, **others):
    return services.save_filter(user=user, page=PAGE, name="À moi", query="q=a", **others)


def test_a_filter_is_renamed_shared_and_deleted_by_its_user_alone(client, manager):
    saved, other = saved_by(manager), saved_by(UserFactory(manager=True), is_shared=True)
    client.post(reverse("admin:filter_rename", args=[saved.pk]), {"name": "À nous", "is_shared": "on"})
    saved.refresh_from_db()
    assert (saved.name, saved.is_shared) == ("À nous", True)
    for name in ("filter_rename", "filter_delete"):
        assert client.post(reverse(f"admin:{name}", args=[other.pk]), {"name": "Volé"}).status_code == 404
    client.post(reverse("admin:filter_delete", args=[saved.pk]))
    assert list(SavedFilter.objects.all()) == [other]


def test_colleagues_see_what_is_shared_and_nothing_else(client):
    owner = UserFactory(manager=True, name="Alix Conseil")
    saved_by(owner, is_shared=True)
    services.save_filter(user=owner, page=PAGE, name="Rien qu’à moi", query="q=b")
    sign_in(client, advisor=True, territory=TerritoryFactory())
    content = page(client, LIST)
    assert ("de Alix Conseil" in content, "Rien qu’à moi" in content) == (True, False)


def test_a_reader_keeps_filters_without_sharing_them(client):
    reader = sign_in(client, reader=True, territory=TerritoryFactory())
    client.post(SAVE, {"page": PAGE, "query": "q=a", "name": "À lire", "is_shared": "on"})
    assert list(SavedFilter.objects.values_list("user", "is_shared")) == [(reader.pk, False)]
    assert "Partager" not in page(client, f"{LIST}?q=a")


def test_a_shared_filter_shows_each_their_own_rows(client):
    own = TerritoryFactory()
    ProjectFactory(title="Épicerie d’ici", territory=own)
    ProjectFactory(title="Épicerie d’ailleurs")
    saved = services.save_filter(
        user=UserFactory(manager=True), page=PAGE, name="Épiceries", query="q=épicerie", is_shared=True
    )
    sign_in(client, advisor=True, territory=own)
    content = page(client, f"{LIST}?{saved.query}")
    assert ("Épicerie d’ici" in content, "Épicerie d’ailleurs" in content) == (True, False)
