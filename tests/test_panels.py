from collections import defaultdict

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import engines
from django.test import RequestFactory

from coopconnexion import panels
from coopconnexion.panels import Panel, panels_for, register
from tests.factories import UserFactory


@pytest.fixture(autouse=True)
def empty_register(monkeypatch):
    monkeypatch.setattr(panels, "_entries", defaultdict(list))


@pytest.fixture
def request_of():
    def build(user=None):
        request = RequestFactory().get("/")
        request.user = user or AnonymousUser()
        return request

    return build


def test_panels_come_in_the_order_of_their_positions(request_of):
    @register("home", panels.anyone, position=20)
    def second(request, subject):
        return Panel("b.html")

    @register("home", panels.anyone, position=10)
    def first(request, subject):
        return Panel("a.html", {"subject": subject})

    assert panels_for("home", request_of(), "Béthune") == [Panel("a.html", {"subject": "Béthune"}), Panel("b.html")]


def test_a_panel_with_nothing_to_show_is_left_out(request_of):
    register("home", panels.anyone)(lambda request, subject: None)
    assert panels_for("home", request_of()) == []


@pytest.mark.django_db
def test_a_panel_is_not_even_built_for_those_outside_its_audience(request_of):
    built = []
    register("my_space", panels.staff)(lambda request, subject: built.append(request.user))
    register("my_space", panels.signed_in)(lambda request, subject: Panel("signed_in.html"))
    advisor, candidate = UserFactory(advisor=True), UserFactory()
    shown = {user: panels_for("my_space", request_of(user), None) for user in (None, candidate, advisor)}
    assert (shown, built) == (
        {None: [], candidate: [Panel("signed_in.html")], advisor: [Panel("signed_in.html")]},
        [advisor],
    )


def test_a_place_that_no_page_has_is_a_mistake(request_of):
    with pytest.raises(ValueError, match="attic"):
        register("attic", panels.anyone)
    with pytest.raises(ValueError, match="attic"):
        panels_for("attic", request_of())


def test_the_tag_renders_each_panel_with_its_own_context_only(request_of, settings, tmp_path):
    (tmp_path / "one.html").write_text("<p>{{ who }}, {{ request.path }}, {{ secret|default:'rien' }}</p>")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    register("home", panels.anyone)(lambda request, subject: Panel("one.html", {"who": subject, "secret": ""}))
    page = engines["django"].from_string('{% panels "home" who %}')
    assert page.render({"who": "<Zoé>", "secret": "secret"}, request_of()) == "<p>&lt;Zoé&gt;, /, rien</p>"
