"""What colleagues of one territory try on the rows of another, hidden in their forms: all in vain."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.enums import Role
from members.models import Member
from projects import services
from projects.enums import Stage
from projects.models import ClosingReason, Handover, Project
from tests.conftest import admin_url
from tests.factories import (
    BusinessFactory,
    MandateFactory,
    MemberFactory,
    OrganisationFactory,
    PersonFactory,
    ProjectFactory,
    TerritoryFactory,
    UserFactory,
)
from tests.members.reference import kind

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 5, 6, 9, tzinfo=UTC)


@pytest.fixture
def here():
    return TerritoryFactory(name="Ici")


@pytest.fixture
def advisor(client, here):
    user = UserFactory(advisor=True, territory=here, name="Alix")
    client.force_login(user)
    return user


@pytest.fixture
def project(advisor, here):
    return ProjectFactory(territory=here, advisor=advisor, stage=Stage.SUPPORT, title="Le Fournil")


def url(name, *args) -> str:
    return reverse(name, args=args)


def test_a_project_joins_no_business_of_another_territory(client, project):
    foreign = BusinessFactory(name="Ailleurs")
    foreign.members.add(MemberFactory())
    typed = {"integrated_on": timezone.localdate(), "join": foreign.pk, "kind": kind("cesa").pk}
    response = client.post(url("projects_staff:integrate", project.pk), typed | {"starts_on": timezone.localdate()})
    assert (response.status_code, "Ailleurs" in response.content.decode()) == (422, False)
    assert not Member.objects.filter(person=project.holder).exists()


def test_a_project_goes_to_nobody_of_another_territory(client, project, advisor):
    elsewhere = UserFactory(advisor=True, territory=TerritoryFactory())
    one = client.post(url("projects_staff:project_hand_over", project.pk), {"to": elsewhere.pk})
    many = client.post(
        url("projects_staff:projects_hand_over"), {"row": project.pk, "confirm": "1", "to": elsewhere.pk}
    )
    watched = client.post(url("projects_staff:project_change", project.pk), {"observers": elsewhere.pk})
    project.refresh_from_db()
    assert (one.status_code, many.status_code, watched.status_code) == (422, 200, 422)
    assert (project.advisor, Handover.objects.exists(), project.observers.exists()) == (advisor, False, False)


def test_chosen_rows_of_another_territory_do_not_change(client, advisor):
    reason = ClosingReason.objects.get_or_create(kind="abandoned", label="Sans nouvelles")[0]
    over = ProjectFactory(stage=Stage.ABANDONED, closing_reason=reason)
    for chosen in ({"row": over.pk}, {"every": "1"}, {"_selected_action": over.pk}):
        client.post(url("projects_staff:projects_archive"), {**chosen, "confirm": "1"})
    over.refresh_from_db()
    assert over.archived_at is None


def test_a_project_opens_for_nobody_of_another_territory(client, advisor, here):
    stranger = PersonFactory(last_name="Ailleurs", email="camille@example.org", phone="")
    typed = {
        "first_name": stranger.first_name,
        "last_name": stranger.last_name,
        "email": stranger.email,
        "title": "Vol",
        "source": "web",
        "territory": here.pk,
        "advisor": advisor.pk,
        "next_step": "Voir",
        "next_step_on": timezone.localdate() + timedelta(days=3),
        "form_token": uuid4().hex,
    }
    add = url("projects_staff:project_add")
    assert client.post(add, typed | {"personne": stranger.pk}).status_code == 404
    assert client.post(add, typed | {"same_as": stranger.pk}).status_code == 422
    assert not Project.objects.exists()


def test_members_of_another_territory_are_not_handed_over(client, advisor):
    member = MemberFactory()
    response = client.post(url("members_staff:member_hand_over"), {"members": [member.pk], "to": advisor.pk})
    member.refresh_from_db()
    assert (response.status_code, member.advisor) == (422, None)


def test_no_row_goes_to_another_territory_or_to_who_follows_nobody(client, advisor, here):
    member, there = MemberFactory(territory=here), TerritoryFactory()
    official = UserFactory(official=True, territory=here)
    typed = {"person": member.person_id, "territory": here.pk, "source": "web", "contracts-TOTAL_FORMS": 0}
    for wrong in ({"territory": there.pk}, {"advisor": official.pk}, {"person": MemberFactory().person_id}):
        response = client.post(admin_url("change", member), typed | {"contracts-INITIAL_FORMS": 0} | wrong)
        assert response.status_code == 200
        assert next(iter(wrong)) in response.context["adminform"].form.errors


def test_who_reads_one_territory_and_works_in_another_writes_in_the_second_alone(client, advisor, here):
    there = TerritoryFactory()
    MandateFactory(user=advisor, role=Role.READER, territory=there)
    foreign, own = MemberFactory(territory=there), MemberFactory(territory=here)
    assert client.get(admin_url("change", foreign)).status_code == 200
    assert [client.post(admin_url("change", each), {"x": "1"}).status_code for each in (foreign, own)] == [403, 200]


def test_a_test_project_makes_no_member(project):
    Project.objects.filter(pk=project.pk).update(is_test=True)
    with pytest.raises(ValidationError, match="essai"):
        services.integrate_project(
            project=project, integrated_on=NOW.date(), business_name="X", activity="", by=project.advisor, at=NOW
        )


def test_a_conflict_names_no_row_that_the_form_does_not_offer(client, project):
    """The differences shown to the second who saves were a way to read any name by its number."""
    secret = OrganisationFactory(name="Organisme caché", kind="other")
    change = url("projects_staff:project_change", project.pk)
    version = re.search(r'name="version" value="([^"]+)"', client.get(change).content.decode())[1]
    Project.objects.filter(pk=project.pk).update(referrer=OrganisationFactory(kind="referrer"))
    for sent in (secret.pk, "abc", "9" * 5000):
        response = client.post(change, {"version": version, "title": "Le Fournil", "referrer": sent})
        assert (response.status_code, "Organisme caché" in response.content.decode()) == (409, False)


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2026-02-30", "9" * 5000])
@pytest.mark.parametrize("name", ["since", "until"])
def test_no_day_breaks_a_list(name, day, client, login_as):
    login_as(Role.MANAGER)
    assert client.get(url("members_staff:meeting_list"), {name: day}).status_code == 200


@pytest.mark.parametrize("number", ["9" * 19, "9" * 5000, "-1", "²", "٣", "1e99", "%00"])
@pytest.mark.parametrize("name", ["de", "advisor", "territory", "page", "piece", "referent", "sans_suivi", "theme"])
def test_no_number_breaks_a_list(name, number, client, login_as):
    login_as(Role.MANAGER)
    for page in ("member_hand_over", "deadline_list", "document_missing", "member_list"):
        assert client.get(url(f"members_staff:{page}"), {name: number}).status_code in (200, 400, 404)
    for page in ("project_list", "board"):
        assert client.get(url(f"projects_staff:{page}"), {name: number}).status_code in (200, 400, 404)
