"""Two people edit one row: in the tables of the back office, and in the forms of its pages."""

import re
from threading import Barrier, Thread

import pytest
from django import forms
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.views.generic import FormView

from coopconnexion.accounts.models import Affiliation, Organisation
from coopconnexion.backoffice import EditedMeanwhile, EditPage
from premises.models import Venue
from tests.conftest import admin_url
from tests.factories import OrganisationFactory, PersonFactory, UserFactory, VenueFactory

pytestmark = pytest.mark.django_db


def browser(name):
    client = Client()
    client.force_login(UserFactory(manager=True, name=name))
    return client


def fields_of(content):
    """Return what a browser would send of the form of the admin, nothing typed."""
    form = content[content.index('_form" novalidate') :]
    form = form[: form.index("</form>")]
    sent = QueryDict(mutable=True)
    for tag in re.findall(r"<input [^>]*>", form):
        given = dict(re.findall(r'(name|value|type)="([^"]*)"', tag))
        if given.get("type") not in ("submit", "checkbox") or " checked" in tag:
            sent.appendlist(given.get("name", ""), given.get("value", ""))
    for name, body in re.findall(r'<textarea name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.S):
        sent[name] = body
    for name, options in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        sent.setlist(name, re.findall(r'value="([^"]*)" selected', options))
    return {name: values for name, values in sent.lists() if name and not name.startswith("_save")}


def opened(client, row):
    return fields_of(client.get(admin_url("change", row)).content.decode())


def save(client, row, form, **typed):
    return client.post(admin_url("change", row), form | typed)


def test_the_second_to_save_is_told_the_difference_and_keeps_what_was_typed():
    venue = VenueFactory(name="La Fabrique", street="6 rue Sadi-Carnot", access="Au fond de la cour")
    alix, brice = browser("Alix"), browser("Brice")
    of_alix, of_brice = opened(alix, venue), opened(brice, venue)
    assert save(alix, venue, of_alix, name="La Grande Fabrique", access="À gauche").status_code == 302
    refused = save(brice, venue, of_brice, name="La Fabrique du Bas")
    content = refused.content.decode()
    shown = ["Modifié entre-temps par Alix à", "La Fabrique du Bas", "La Grande Fabrique", "À gauche"]
    assert (refused.status_code, [each for each in shown if each not in content]) == (200, [])
    assert Venue.objects.get().name == "La Grande Fabrique"
    again = fields_of(content)
    assert (again["name"], again["access"]) == (["La Fabrique du Bas"], ["À gauche"])
    assert save(brice, venue, again).status_code == 302
    assert Venue.objects.values_list("name", "access").get() == ("La Fabrique du Bas", "À gauche")


def test_who_opened_the_form_after_the_other_saved_is_told_nothing():
    venue = VenueFactory()
    alix, brice = browser("Alix"), browser("Brice")
    save(alix, venue, opened(alix, venue), name="La Grande Fabrique")
    assert save(brice, venue, opened(brice, venue), name="La Fabrique du Bas").status_code == 302


def test_the_same_change_twice_is_no_conflict():
    venue = VenueFactory()
    alix = browser("Alix")
    form = opened(alix, venue)
    assert [save(alix, venue, form, name="Double clic").status_code for _ in range(2)] == [302, 302]


def test_a_change_that_did_not_pass_through_the_form_counts_too():
    venue = VenueFactory(access="")
    alix = browser("Alix")
    form = opened(alix, venue)
    Venue.objects.update(access="Sonner deux fois")
    content = save(alix, venue, form, name="La Grande Fabrique").content.decode()
    assert ("par un traitement automatique" in content, "Sonner deux fois" in content) == (True, True)
    assert save(alix, venue, fields_of(content)).status_code == 302
    assert Venue.objects.values_list("name", "access").get() == ("La Grande Fabrique", "Sonner deux fois")


def test_a_form_refused_for_another_reason_keeps_its_version():
    venue = VenueFactory(name="La Fabrique")
    alix = browser("Alix")
    form = opened(alix, venue)
    refused = fields_of(save(alix, venue, form, name="").content.decode())
    Venue.objects.update(name="Rebaptisée")
    assert "Rebaptisée" in save(alix, venue, refused, name="La Grande Fabrique").content.decode()


@pytest.mark.parametrize("version", ["", "faux", "a:b", "é"])
def test_a_made_up_version_breaks_nothing(version):
    venue = VenueFactory()
    alix = browser("Alix")
    assert save(alix, venue, opened(alix, venue), name="Autre", _version=version).status_code == 302


def test_who_saves_a_row_deleted_meanwhile_reads_what_was_typed():
    organisation = OrganisationFactory(name="Ville de Lens")
    alix, brice = browser("Alix"), browser("Brice")
    form = opened(brice, organisation)
    alix.post(admin_url("delete", organisation), {"post": "yes"})
    response = save(brice, organisation, form, name="Ville de Liévin")
    content = response.content.decode()
    assert (response.status_code, "supprimée par Alix" in content, "Ville de Liévin" in content) == (409, True, True)
    assert "¿" not in content


def test_who_never_opened_the_form_of_a_deleted_row_learns_nothing_of_it():
    organisation = OrganisationFactory()
    alix, brice = browser("Alix"), browser("Brice")
    form = opened(alix, organisation)
    Organisation.objects.all().delete()
    assert save(brice, organisation, form).status_code == 404


# --- lines ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def organisation():
    organisation = OrganisationFactory(name="Mission locale")
    for title in ("Direction", "Accueil"):
        Affiliation.objects.create(organisation=organisation, person=PersonFactory(), title=title)
    return organisation


def titles():
    return list(Affiliation.objects.order_by("pk").values_list("title", flat=True))


def test_a_line_changed_by_both_is_told_and_kept(organisation):
    alix, brice = browser("Alix"), browser("Brice")
    of_alix, of_brice = opened(alix, organisation), opened(brice, organisation)
    save(alix, organisation, of_alix, **{"affiliations-0-title": "Présidence", "affiliations-1-title": "Standard"})
    content = save(brice, organisation, of_brice, **{"affiliations-0-title": "Gérance"}).content.decode()
    assert ("Présidence" in content, "Modifié entre-temps par Alix" in content) == (True, True)
    again = fields_of(content)
    assert (again["affiliations-0-title"], again["affiliations-1-title"]) == (["Gérance"], ["Standard"])
    assert save(brice, organisation, again).status_code == 302
    assert titles() == ["Gérance", "Standard"]


def test_a_line_deleted_meanwhile_is_kept_as_a_new_one_when_it_was_being_changed(organisation):
    alix, brice = browser("Alix"), browser("Brice")
    of_alix, of_brice = opened(alix, organisation), opened(brice, organisation)
    assert save(alix, organisation, of_alix, **{"affiliations-0-DELETE": "on"}).status_code == 302
    assert titles() == ["Accueil"]
    content = save(brice, organisation, of_brice, **{"affiliations-0-title": "Gérance"}).content.decode()
    assert "ligne supprimée" in content
    assert save(brice, organisation, fields_of(content)).status_code == 302
    assert sorted(titles()) == ["Accueil", "Gérance"]


def test_a_line_deleted_meanwhile_that_nobody_touched_goes(organisation):
    brice = browser("Brice")
    form = opened(brice, organisation)
    Affiliation.objects.filter(title="Direction").delete()
    content = save(brice, organisation, form, name="Mission locale de Lens").content.decode()
    assert save(brice, organisation, fields_of(content)).status_code == 302
    assert (Organisation.objects.get().name, titles()) == ("Mission locale de Lens", ["Accueil"])


def test_a_line_added_meanwhile_joins_the_form(organisation):
    brice = browser("Brice")
    form = opened(brice, organisation)
    Affiliation.objects.create(organisation=organisation, person=PersonFactory(), title="Comptabilité")
    content = save(brice, organisation, form, **{"affiliations-1-title": "Standard"}).content.decode()
    again = fields_of(content)
    assert ("ligne ajoutée" in content, again["affiliations-2-title"]) == (True, ["Comptabilité"])
    assert save(brice, organisation, again).status_code == 302
    assert titles() == ["Direction", "Standard", "Comptabilité"]


def test_a_line_to_delete_that_changed_meanwhile_is_told(organisation):
    brice = browser("Brice")
    form = opened(brice, organisation)
    Affiliation.objects.filter(title="Direction").update(title="Présidence")
    content = save(brice, organisation, form, **{"affiliations-0-DELETE": "on"}).content.decode()
    assert ("à supprimer" in content, "Présidence" in content, len(titles())) == (True, True, 2)


@pytest.mark.django_db(transaction=True)
def test_of_those_who_save_at_the_same_instant_one_saves_and_the_others_are_told():
    venue = VenueFactory(name="La Fabrique")
    browsers = [browser(f"Collègue {number}") for number in range(4)]
    forms_opened = [opened(client, venue) for client in browsers]
    together, statuses = Barrier(len(browsers)), []

    def save_at_once(number):
        together.wait()
        response = save(browsers[number], venue, forms_opened[number], name=f"Nom {number}")
        statuses.append(response.status_code)
        connection.close()

    threads = [Thread(target=save_at_once, args=[number]) for number in range(len(browsers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 200, 200, 302]


# --- the forms of pages ----------------------------------------------------------------------------------------------


class VenueForm(EditedMeanwhile, forms.Form):
    name = forms.CharField(label="nom")
    access = forms.CharField(label="accès", required=False)


def form_of(venue, typed=None):
    initial = {"name": venue.name, "access": venue.access}
    return VenueForm(typed, initial=initial, edited=venue)


def typed_in_page(venue, **typed):
    version = form_of(venue)["version"].value()
    return {"name": venue.name, "access": venue.access, "version": version} | typed


def sent(values):
    data = QueryDict(mutable=True)
    data.update(values)
    return data


def test_a_form_of_a_page_refuses_once_to_overwrite_and_keeps_what_was_typed():
    venue = VenueFactory(name="La Fabrique", access="")
    data = sent(typed_in_page(venue, name="La Fabrique du Bas"))
    Venue.objects.update(name="La Grande Fabrique", access="À gauche")
    venue.refresh_from_db()
    form = form_of(venue, data)
    assert (form.is_valid(), form.has_error("__all__", "edited_meanwhile")) == (False, True)
    told = [(each.label, each.yours, each.theirs, each.is_taken) for each in form.meanwhile.differences]
    assert told == [
        ("Nom", "La Fabrique du Bas", "La Grande Fabrique", False),
        ("Accès", "–", "À gauche", True),
    ]
    assert (form["name"].value(), form["access"].value()) == ("La Fabrique du Bas", "À gauche")
    again = form_of(venue, form.data)
    assert (again.is_valid(), again.cleaned_data) == (True, {"name": "La Fabrique du Bas", "access": "À gauche"})


def test_a_form_of_a_page_saves_what_nobody_else_changed():
    venue = VenueFactory(name="La Fabrique")
    form = form_of(venue, sent(typed_in_page(venue, name="Autre")))
    assert (form.is_valid(), form.cleaned_data["name"]) == (True, "Autre")


class VenuePage(EditPage, FormView):
    form_class = VenueForm
    template_name = "back_office/gone.html"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.row = kwargs["row"]


def test_a_page_tells_that_its_row_was_deleted_meanwhile(rf):
    venue = VenueFactory()
    request = rf.post("/", {"name": "Autre nom"})
    request.user = UserFactory(manager=True)
    Venue.objects.all().delete()
    response = VenuePage.as_view()(request, row=venue)
    assert (response.status_code, "Autre nom" in response.render().content.decode()) == (409, True)
