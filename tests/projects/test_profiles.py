"""What holders choose to say of themselves: noted with care, counted in totals alone."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.services import erase_person, export_person, merge_people
from coopconnexion.partnerships import indicators
from coopconnexion.partnerships.indicators import Hidden, Scope, Step, masked
from projects import services
from projects.enums import Hardship, Source, Stage
from projects.models import CandidateProfile, DraftLink, Integration, PremisesNeed, ProjectDraft, StageChange
from tests.factories import (
    BusinessFactory,
    CommuneFactory,
    MemberFactory,
    PersonFactory,
    ProjectFactory,
    TerritoryFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

DAY = date(2027, 5, 6)
AT = datetime(2027, 5, 6, 9, tzinfo=UTC)
YEAR = Scope(date(2027, 1, 1), date(2028, 1, 1))


def tell(person, *situations, district=None, **others):
    by = UserFactory(manager=True)
    told = {"situations": situations, "in_priority_district": district, "by": by, "on": DAY} | others
    return services.tell_profile(person=person, **told)


# --- telling ---------------------------------------------------------------------------------------------------------


def test_what_is_said_is_noted_with_who_and_when():
    person = PersonFactory()
    profile = tell(person, Hardship.STUDENT, Hardship.JOB_SEEKER, district=True, commune=CommuneFactory())
    person.refresh_from_db()
    assert (profile.situations, profile.in_priority_district, profile.told_on) == (["job_seeker", "student"], True, DAY)
    assert (person.commune.name, profile.recorded_by.is_staff) == ("Béthune", True)


def test_who_takes_everything_back_leaves_no_trace():
    person = PersonFactory()
    tell(person, Hardship.STUDENT, district=True)
    tell(person, Hardship.OTHER)
    assert tell(person) is None
    history = CandidateProfile.history.rel.related_model
    assert (CandidateProfile.objects.count(), history.objects.count()) == (0, 0)


def test_a_situation_that_is_not_in_the_list_is_refused():
    with pytest.raises(ValidationError) as refusal:
        tell(PersonFactory(), "rich")
    assert (refusal.value.code, CandidateProfile.objects.count()) == ("situation_unknown", 0)


def test_a_person_who_is_erased_or_merged_takes_the_profile_along():
    kept, gone = PersonFactory(), PersonFactory()
    tell(gone, Hardship.STUDENT)
    tell(kept, district=True, on=DAY + timedelta(days=1))
    merge_people(kept=kept, gone=gone, chosen={}, by=UserFactory(manager=True), at=AT)
    profile = CandidateProfile.objects.get()
    assert (profile.person, profile.situations, profile.in_priority_district) == (kept, ["student"], True)
    assert [row["situations"] for rows in export_person(kept).values() for row in rows if "situations" in row] == [
        "étudiant·e"
    ]
    erase_person(person=kept, at=AT)
    assert CandidateProfile.history.rel.related_model.objects.filter(person=kept).count() == 0
    assert CandidateProfile.objects.count() == 0


def test_a_draft_goes_with_who_writes_it_and_a_namesake_s_stays():
    person = PersonFactory(first_name="Élodie", last_name="Lefèbvre", email="elodie@example.org")
    contact = {"first_name": "elodie", "last_name": "LEFEBVRE", "email": "elodie@example.org", "phone": ""}
    own, other = (
        ProjectDraft.objects.create(email="elodie@example.org", data={"contact": contact | names})
        for names in ({}, {"first_name": "Jean"})
    )
    for draft in (own, other):
        DraftLink.objects.create(draft=draft, token_hash=str(draft.pk))
    erase_person(person=person, at=AT)
    assert (list(ProjectDraft.objects.all()), list(DraftLink.objects.values_list("draft", flat=True))) == (
        [other],
        [other.pk],
    )


# --- premises --------------------------------------------------------------------------------------------------------


def test_the_need_in_premises_is_noted_then_completed():
    project = ProjectFactory()
    services.note_premises_need(project=project, min_area_m2=40, needs_water=True)
    services.note_premises_need(project=project, max_area_m2=60)
    need = PremisesNeed.objects.get()
    assert (need.min_area_m2, need.max_area_m2, need.needs_water) == (40, 60, True)


def test_a_reversed_area_is_refused():
    with pytest.raises(ValidationError) as refusal:
        services.note_premises_need(project=ProjectFactory(), min_area_m2=60, max_area_m2=40)
    assert (refusal.value.code, PremisesNeed.objects.count()) == ("area_reversed", 0)


# --- the page --------------------------------------------------------------------------------------------------------


@pytest.fixture
def project():
    return ProjectFactory(territory=TerritoryFactory())


def profile_url(project):
    return reverse("projects_staff:profile", args=[project.holder_id])


def test_an_advisor_notes_a_profile_and_both_pages_show_it(client, project):
    client.force_login(UserFactory(advisor=True, territory=project.territory))
    form = client.get(profile_url(project)).context["form"]
    assert [form[name].value() for name in ("situations", "in_priority_district")] == [[], ""]
    typed = {"situations": ["minimum_income"], "in_priority_district": "yes", "version": form["version"].value()}
    assert client.post(profile_url(project), typed).status_code == 302
    for url in (
        reverse("accounts_staff:person", args=[project.holder_id]),
        reverse("projects_staff:project", args=[project.pk]),
    ):
        page = client.get(url).text
        assert ("Minima sociaux" in page, "Quartier prioritaire\u202f: oui" in page) == (True, True)


def test_a_form_sent_as_it_opens_says_that_the_person_prefers_not_to_answer(client, project):
    client.force_login(UserFactory(advisor=True, territory=project.territory))
    response = client.post(profile_url(project), {}, follow=True)
    assert "préfère ne pas répondre" in response.text
    assert CandidateProfile.objects.count() == 0


def test_a_reader_sees_nothing_of_it(client, project):
    tell(project.holder, Hardship.MINIMUM_INCOME)
    client.force_login(UserFactory(reader=True, territory=project.territory))
    for url in (
        reverse("accounts_staff:person", args=[project.holder_id]),
        reverse("projects_staff:project", args=[project.pk]),
    ):
        assert "inima sociaux" not in client.get(url).text
    assert client.get(profile_url(project)).status_code == 403


def test_what_a_colleague_noted_meanwhile_is_shown(client, project):
    client.force_login(UserFactory(advisor=True, territory=project.territory))
    version = client.get(profile_url(project)).context["form"]["version"].value()
    tell(project.holder, Hardship.STUDENT)
    response = client.post(profile_url(project), {"situations": ["other"], "version": version})
    assert (response.status_code, "étudiant·e" in response.text) == (409, True)
    assert CandidateProfile.objects.get().situations == ["student"]


def test_a_situation_or_a_commune_that_does_not_exist_is_said(client, project):
    client.force_login(UserFactory(advisor=True, territory=project.territory))
    response = client.post(profile_url(project), {"situations": ["rich"], "commune": "Atlantide"})
    assert (response.status_code, sorted(response.context["form"].errors)) == (422, ["commune", "situations"])


# --- figures ---------------------------------------------------------------------------------------------------------


def value(key, scope=YEAR):
    return indicators.get(key).value(scope)


def shown(key, scope=YEAR):
    return indicators.get(key).shown_value(scope)


def opened(count=1, *situations, district=None, **fields):
    """Open projects of as many holders, who all said this of themselves."""
    projects = [ProjectFactory(created_at=AT, **fields) for _ in range(count)]
    for project in projects:
        if situations or district is not None:
            tell(project.holder, *situations, district=district)
    return projects


def test_shares_are_of_those_who_answered():
    opened(6, Hardship.JOB_SEEKER)
    opened(6, Hardship.STUDENT, district=True)
    opened(8)
    shares = [
        value(f"projects.{key}") for key in ("profiles_answered", "share_job_seeker", "share_other", "share_student")
    ]
    assert shares == [Decimal("60.0"), Decimal("50.0"), Decimal("0.0"), Decimal("50.0")]
    assert value("projects.share_priority_district") == Decimal("100.0")
    assert [shown("projects.share_job_seeker"), shown("projects.share_other")] == [Decimal("50.0"), Decimal("0.0")]


@pytest.mark.parametrize(("seekers", "others"), [(4, 10), (10, 4), (3, 0)])
def test_a_share_that_could_point_at_somebody_is_hidden(seekers, others):
    opened(seekers, Hardship.JOB_SEEKER)
    opened(others, Hardship.STUDENT)
    assert shown("projects.share_job_seeker") == Hidden.FEW
    assert value("projects.share_job_seeker") is not None


def test_the_months_are_masked_one_by_one_in_one_query(django_assert_num_queries):
    opened(6, Hardship.JOB_SEEKER)
    for project in opened(2, Hardship.JOB_SEEKER):
        project.created_at = datetime(2027, 6, 2, 9, tzinfo=UTC)
        project.save(update_fields=["created_at"])
    spring = Scope(date(2027, 4, 1), date(2027, 7, 1))
    with django_assert_num_queries(1):
        series = indicators.get("projects.share_job_seeker").shown_series(spring, Step.MONTH)
    assert [number for _, number in series] == [None, Decimal("100.0"), Hidden.FEW]


def test_a_holder_of_two_projects_counts_once():
    for project in opened(1, Hardship.JOB_SEEKER):
        ProjectFactory(holder=project.holder, created_at=AT)
    opened(1)
    assert value("projects.profiles_answered") == Decimal("50.0")


@pytest.mark.parametrize("key", [each.key for each in indicators.every() if each.key.startswith("projects.")])
def test_test_projects_count_nowhere(key):
    project = opened(1, Hardship.JOB_SEEKER, district=True, is_test=True, source=Source.WEB)[0]
    for stage in (Stage.ASSESSMENT, Stage.SUPPORT):
        reach(project, stage)
    integrate(project)
    assert value(key) in (0, None)


def reach(project, stage, at=AT):
    return StageChange.objects.create(
        project=project,
        from_stage={Stage.ASSESSMENT: Stage.FIRST_CONTACT, Stage.SUPPORT: Stage.ASSESSMENT}[stage],
        to_stage=stage,
        changed_at=at,
    )


def integrate(project, business=None, **fields):
    return Integration.objects.create(
        project=project,
        from_stage=Stage.SUPPORT,
        member=MemberFactory(),
        business=business or BusinessFactory(),
        integrated_on=DAY,
        **fields,
    )


def test_a_project_is_assessed_once_however_often_it_comes_back():
    first, second = opened(2)
    reach(first, Stage.ASSESSMENT, AT + timedelta(days=4))
    reach(first, Stage.ASSESSMENT, AT + timedelta(days=40))
    reach(second, Stage.ASSESSMENT, AT + timedelta(days=10))
    reach(second, Stage.SUPPORT, AT + timedelta(days=20))
    keys = ("assessed", "supported", "days_to_assessment")
    assert [value(f"projects.{key}") for key in keys] == [2, 1, Decimal("7.0")]
    june = Scope(date(2027, 6, 1), date(2027, 7, 1))
    assert [value(f"projects.{key}", june) for key in keys] == [0, 0, None]


def test_integrated_businesses_are_businesses_not_projects():
    shop, territory = BusinessFactory(), TerritoryFactory()
    one, two, three = opened(3, territory=territory)
    integrate(one, shop)
    integrate(two, shop)
    integrate(three, undone_at=timezone.now())
    here = Scope(YEAR.starts_on, YEAR.ends_on, frozenset({territory.pk}))
    elsewhere = Scope(YEAR.starts_on, YEAR.ends_on, frozenset({TerritoryFactory().pk}))
    assert [value("projects.integrated_businesses", each) for each in (here, elsewhere)] == [1, 0]


def test_projects_are_counted_by_their_source():
    opened(2, source=Source.WEB)
    opened(1, source=Source.UNKNOWN)
    found = {source.value: value(f"projects.created_from_{source.value}") for source in Source}
    assert {source: count for source, count in found.items() if count} == {"web": 2, "unknown": 1}


@pytest.mark.parametrize(
    ("number", "groups", "expected"),
    [
        (0, (), 0),
        (4, (), Hidden.FEW),
        (5, (), 5),
        (None, (), None),
        (Decimal("80.0"), (8, 10, 2), Hidden.FEW),
        (Decimal("50.0"), (5, 10, 5), Decimal("50.0")),
        (None, (None, None), None),
    ],
)
def test_a_number_is_masked_when_it_rests_on_one_to_four_people(number, groups, expected):
    assert masked(number, *groups) == expected


def test_only_what_points_at_people_is_sensitive():
    sensitive = {each.key for each in indicators.every() if each.sensitive and each.key.startswith("projects.")}
    assert sensitive == {"projects.profiles_answered", "projects.share_priority_district"} | {
        f"projects.share_{hardship.value}" for hardship in Hardship
    }
