from datetime import date

import pytest
from django.urls import reverse

from coopconnexion.partnerships.models import Amendment, Objective
from tests.factories import OrganisationFactory, PartnershipFactory, UserFactory

pytestmark = pytest.mark.django_db

EMPTY = {"amendments-TOTAL_FORMS": 0, "amendments-INITIAL_FORMS": 0}


@pytest.fixture
def partnership(client):
    client.force_login(UserFactory(manager=True))
    partnership = PartnershipFactory()
    partnership.parties.add(OrganisationFactory())
    return partnership


def values(partnership, **objective):
    row = {"indicator": "projects.integrated", "label": "Six entreprises", "target": "6", "starts_on": "01/01/2020"}
    row |= {"ends_on": "31/12/2020", **objective}
    return {
        "title": "Convention",
        "territory": partnership.territory.pk,
        "parties": [organisation.pk for organisation in partnership.parties.all()],
        "signed_on": "16/12/2019",
        "starts_on": "16/12/2019",
        "ends_on": "15/12/2022",
        "objectives-TOTAL_FORMS": 1,
        "objectives-INITIAL_FORMS": 0,
        **EMPTY,
        **{f"objectives-0-{name}": value for name, value in row.items()},
    }


def test_an_objective_names_an_indicator_and_ends_on_its_last_day(client, partnership):
    page = reverse("admin:partnerships_partnership_change", args=[partnership.pk])
    assert client.post(page, values(partnership)).status_code == 302
    objective = Objective.objects.get()
    partnership.refresh_from_db()
    assert (objective.indicator, objective.starts_on, objective.ends_on, partnership.ends_on) == (
        "projects.integrated",
        date(2020, 1, 1),
        date(2021, 1, 1),
        date(2022, 12, 16),
    )


def test_an_indicator_that_nobody_measures_is_refused(client, partnership):
    page = reverse("admin:partnerships_partnership_change", args=[partnership.pk])
    assert client.post(page, values(partnership, indicator="projects.dreamt")).status_code == 200
    assert Objective.objects.count() == 0


def test_an_old_objective_keeps_an_indicator_no_longer_measured(client, partnership):
    Objective.objects.create(
        partnership=partnership,
        indicator="projects.dreamt",
        label="Rêves",
        target=1,
        starts_on=date(2020, 1, 1),
        ends_on=date(2021, 1, 1),
    )
    page = client.get(reverse("admin:partnerships_partnership_change", args=[partnership.pk])).content.decode()
    assert "projects.dreamt (n’est plus mesuré)" in page


def test_an_objective_is_tied_to_an_amendment_of_its_own_agreement(client, partnership):
    foreign = Amendment.objects.create(
        partnership=PartnershipFactory(), number=1, signed_on=date(2020, 1, 1), starts_on=date(2020, 1, 1)
    )
    page = reverse("admin:partnerships_partnership_change", args=[partnership.pk])
    assert client.post(page, values(partnership, amendment=foreign.pk)).status_code == 200
    assert Objective.objects.count() == 0
