"""Many rows changed at once: preview, limit, all or nothing."""

import pytest
from django import forms
from django.contrib import admin
from django.contrib.messages.storage.base import BaseStorage
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from coopconnexion.backoffice import BulkPage, bulk_action, table_rows
from premises.models import Venue
from tests.factories import TerritoryFactory, UserFactory, VenueFactory

pytestmark = pytest.mark.django_db


class AccessForm(forms.Form):
    access = forms.CharField(label="accès")


class AccessPage(BulkPage):
    title = "Dire l’accès"
    back = "admin:premises_venue_changelist"
    form_class = AccessForm
    limit = 3

    def get_rows(self):
        return table_rows(Venue, self.request)

    def outcome(self, row, values):
        return f"accès : {values.get('access', 'à dire')}"

    def refusal(self, row, values):
        return "Le lieu est fermé." if "fermé" in row.name else ""

    def apply(self, rows, values):
        for row in rows:
            if "piège" in row.name:
                raise ValidationError("Un lieu résiste.")
            Venue.objects.filter(pk=row.pk).update(access=values["access"])


class Heard(BaseStorage):
    def _get(self, *args, **kwargs):
        return [], True

    def _store(self, messages, response, *args, **kwargs):
        return []


@pytest.fixture
def ask(rf):
    user = UserFactory(manager=True)

    def ask(data=None, query="", user=user, method="post"):
        request = getattr(rf, method)(f"/{query}", data or {})
        request.user = user
        request._messages = Heard(request)
        request.told = lambda: [str(message) for message in request._messages._queued_messages]
        response = AccessPage.as_view()(request)
        content = response.render().content.decode() if hasattr(response, "render") else ""
        return response.status_code, content, request.told()

    return ask


def accesses():
    return dict(Venue.objects.values_list("name", "access"))


def test_a_preview_shows_what_changes_and_what_cannot(ask):
    rows = [VenueFactory(name=name, access="") for name in ("Halle", "Ancien dépôt fermé", "Autre")]
    status, content, _ = ask({"row": [rows[0].pk, rows[1].pk]})
    shown = ["1\u00a0ligne va changer", "accès : à dire", "1\u00a0ligne ne change pas", "Le lieu est fermé."]
    assert (status, [each for each in shown if each not in content], "Autre" in content) == (200, [], False)
    assert set(accesses().values()) == {""}


def test_what_was_previewed_is_done_once_confirmed(ask):
    rows = [VenueFactory(name=name, access="") for name in ("Halle", "Autre")]
    status, _, told = ask({"row": [rows[0].pk], "confirm": "1", "access": "À gauche"})
    assert (status, told) == (302, ["C’est fait\u202f: 1\u00a0ligne à jour."])
    assert accesses() == {"Halle": "À gauche", "Autre": ""}


def test_what_is_missing_is_asked_for_and_nothing_changes(ask):
    row = VenueFactory(access="")
    status, content, _ = ask({"row": [row.pk], "confirm": "1", "access": ""})
    assert (status, "Ce champ est obligatoire" in content, accesses()) == (200, True, {"La Fabrique": ""})


def test_all_rows_of_the_filter_and_no_other_are_taken(ask):
    for name in ("Halle haute", "Halle basse", "Autre"):
        VenueFactory(name=name, access="")
    ask({"every": "1", "confirm": "1", "access": "Ici"}, query="?q=halle")
    assert accesses() == {"Halle haute": "Ici", "Halle basse": "Ici", "Autre": ""}


def test_a_row_outside_the_filter_is_not_taken_even_when_asked_for(ask):
    row = VenueFactory(name="Autre", access="")
    status, _, told = ask({"row": [row.pk], "confirm": "1", "access": "Ici"}, query="?q=halle")
    assert (status, told, accesses()) == (302, ["Cochez d’abord des lignes de la liste."], {"Autre": ""})


def test_past_the_limit_nothing_is_done_and_the_limit_is_said(ask):
    for _ in range(4):
        VenueFactory(access="")
    status, _, told = ask({"every": "1", "confirm": "1", "access": "Ici"})
    assert (status, "Au plus 3 lignes" in told[0], set(accesses().values())) == (302, True, {""})


def test_one_refusal_of_the_service_undoes_all(ask):
    rows = [VenueFactory(name=name, access="") for name in ("Halle", "Un piège")]
    status, content, _ = ask({"row": [row.pk for row in rows], "confirm": "1", "access": "Ici"})
    assert (status, "Rien n’a changé. Un lieu résiste." in content) == (200, True)
    assert set(accesses().values()) == {""}


def test_a_row_that_can_no_longer_change_stops_all(ask):
    rows = [VenueFactory(name=name, access="") for name in ("Halle", "Dépôt")]
    Venue.objects.filter(pk=rows[1].pk).update(name="Dépôt fermé")
    status, content, _ = ask({"row": [row.pk for row in rows], "confirm": "1", "access": "Ici"})
    assert (status, "des lignes ont bougé" in content, set(accesses().values())) == (200, True, {""})


@pytest.mark.parametrize("keys", [[], ["x"], ["٣"], ["9" * 40], ["-1"]])
def test_no_choice_or_a_made_up_one_goes_back_to_the_list(keys, ask):
    status, _, told = ask({"row": keys})
    assert (status, told) == (302, ["Cochez d’abord des lignes de la liste."])


def test_a_reader_is_refused_and_others_find_nothing(ask):
    row = VenueFactory()
    with pytest.raises(PermissionDenied):
        ask({"row": [row.pk]}, user=UserFactory(reader=True, territory=row.territory))
    with pytest.raises(Http404):
        ask({"row": [row.pk]}, user=UserFactory())


def test_an_advisor_changes_the_own_territory_only(ask):
    row = VenueFactory(access="")
    ask(
        {"row": [row.pk], "confirm": "1", "access": "Ici"}, user=UserFactory(advisor=True, territory=TerritoryFactory())
    )
    assert accesses() == {"La Fabrique": ""}


def test_opening_the_page_without_a_choice_goes_back_to_the_list(ask):
    assert ask(method="get")[0] == 302


def test_an_action_of_the_admin_hands_its_choice_over(rf):
    row = VenueFactory(access="")
    act = bulk_action("admin:index", "Dire l’accès")
    request = rf.post("/?q=halle", {"_selected_action": [row.pk], "action": act.__name__})
    response = act(admin.site._registry[Venue], request, Venue.objects.all())
    assert (response.status_code, response["Location"]) == (307, "/gestion/?q=halle")


def test_the_choice_of_the_admin_is_understood(ask):
    rows = [VenueFactory(name=name, access="") for name in ("Halle", "Autre")]
    ask({"_selected_action": [rows[0].pk], "select_across": "0", "confirm": "1", "access": "Ici"})
    assert accesses() == {"Halle": "Ici", "Autre": ""}
    ask({"_selected_action": [rows[0].pk], "select_across": "1", "confirm": "1", "access": "Là"})
    assert accesses() == {"Halle": "Là", "Autre": "Là"}
