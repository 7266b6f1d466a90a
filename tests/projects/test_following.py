from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from coopconnexion.accounts.duties import duties_of
from coopconnexion.notices.models import Message
from permanences.enums import Outcome
from permanences.services import record_outcome
from projects.consistency import steps_forgotten, without_owner
from projects.documents.to_do import silence_of, silent_projects, steps_due, without_worker
from projects.enums import Stage
from projects.models import Handover, Project
from projects.rules import rung
from projects.services import (
    archive,
    archive_quiet_projects,
    assign_owners,
    change_stage,
    digest_week,
    enqueue_digests,
    hand_over,
    open_project,
    record_interview,
    unarchive,
    write_digest,
    write_note,
)
from tests.factories import BookingFactory, MandateFactory, PersonFactory, ProjectFactory, TerritoryFactory, UserFactory
from tests.projects.test_steps import closing_reason, project_at

PARIS = ZoneInfo("Europe/Paris")
MONDAY = datetime(2026, 3, 9, 8, tzinfo=PARIS)
AT = datetime(2026, 3, 12, 10, tzinfo=PARIS)
TODAY = AT.date()

pytestmark = pytest.mark.django_db


@pytest.fixture
def territory():
    return TerritoryFactory()


@pytest.fixture
def advisor(territory):
    return UserFactory(advisor=True, territory=territory)


def followed(advisor, **fields) -> Project:
    territory = advisor.mandates.get().territory
    return ProjectFactory(
        **{"advisor": advisor, "territory": territory, "stage": Stage.SUPPORT, "touched_at": AT} | fields
    )


class TestTheLadder:
    @pytest.mark.parametrize(
        ("days", "climbed"), [(0, None), (8, None), (9, 1), (20, 1), (21, 2), (44, 2), (45, 3), (400, 3)]
    )
    def test_a_silence_climbs_at_9_21_and_45_days(self, days, climbed):
        assert rung(days) == climbed

    @pytest.mark.parametrize(("days", "is_silent"), [(8, False), (9, True), (45, True)])
    def test_a_day_is_a_whole_day_whatever_the_hour(self, advisor, days, is_silent):
        touched = datetime.combine(TODAY - timedelta(days=days), datetime.max.time(), tzinfo=PARIS)
        project = followed(advisor, touched_at=touched)
        assert list(silent_projects(advisor, AT)) == ([project] if is_silent else [])
        assert silence_of(project, TODAY).days == days

    def test_a_project_asleep_is_left_alone_and_counts_anew_once_woken(self, advisor):
        long_ago = AT - timedelta(days=100)
        project = followed(
            advisor,
            stage=Stage.POOL,
            wakes_on=TODAY,
            pool_reason="Formation",
            next_step_on=TODAY,
            touched_at=long_ago,
        )
        assert list(silent_projects(advisor, AT)) == []
        step = {"next_step": "Appeler", "next_step_on": TODAY}
        change_stage(project=project, to=Stage.SUPPORT, by=advisor, at=AT, **step)
        assert list(silent_projects(advisor, AT)) == []

    def test_a_woken_project_stands_among_the_next_steps(self, advisor):
        asleep = followed(advisor, stage=Stage.POOL, wakes_on=TODAY, pool_reason="Formation", next_step_on=TODAY)
        assert list(steps_due(advisor, TODAY)) == [asleep]

    @pytest.mark.parametrize(
        "act",
        [
            lambda project, user: write_note(project=project, text="Appelée", is_shared=False, by=user, at=AT),
            lambda project, user: record_interview(
                project=project,
                held_at=AT,
                mode="phone",
                minutes=20,
                summary="Appel",
                is_shared=False,
                by=user,
                at=AT,
                next_step="Rappeler",
                next_step_on=TODAY,
            ),
            lambda project, user: record_outcome(
                booking=BookingFactory(project=project, person=project.holder, slot__starts_at=AT),
                outcome=Outcome.ATTENDED,
                at=AT,
            ),
            lambda project, user: open_project(
                holder=project.holder, territory=project.territory, title=project.title, source="web", at=AT
            ),
        ],
        ids=["note", "interview", "presence", "another booking"],
    )
    def test_whatever_follows_a_project_ends_its_silence(self, advisor, act):
        project = followed(advisor, touched_at=AT - timedelta(days=50))
        act(project, advisor)
        project.refresh_from_db()
        assert project.touched_at == AT


class TestOwners:
    def test_the_least_loaded_advisor_of_the_territory_gets_the_project(self, territory, advisor):
        other = UserFactory(advisor=True, territory=territory)
        UserFactory(advisor=True, territory=TerritoryFactory())
        ProjectFactory.create_batch(2, advisor=advisor, territory=territory)
        project = ProjectFactory(territory=territory)

        assert assign_owners(at=AT) == [project]

        project.refresh_from_db()
        handover = Handover.objects.get()
        assert (project.advisor, handover.to_advisor, handover.from_advisor) == (other, other, None)

    def test_each_counts_for_the_next(self, territory, advisor):
        other = UserFactory(advisor=True, territory=territory)
        ProjectFactory.create_batch(4, territory=territory)
        assign_owners(at=AT)
        assert (advisor.followed_projects.count(), other.followed_projects.count()) == (2, 2)

    def test_without_an_advisor_it_waits_and_is_shown(self, territory):
        project = ProjectFactory(territory=territory)
        assert assign_owners(at=AT) == []
        assert list(without_worker(Project.objects.all(), TODAY)) == [project]
        assert list(without_owner(Project.objects.all())) == [project]

    def test_who_left_or_was_closed_does_not_count_as_an_owner(self, territory, advisor):
        gone = UserFactory(is_active=False)
        MandateFactory(user=gone, territory=territory)
        ended = UserFactory()
        MandateFactory(user=ended, territory=territory, ends_on=date(2026, 1, 1))
        kept = ProjectFactory(territory=territory, advisor=advisor)
        lost = [ProjectFactory(territory=territory, advisor=each) for each in (gone, ended)]
        assert set(without_worker(Project.objects.all(), TODAY)) == set(lost)
        assert kept not in without_worker(Project.objects.all(), TODAY)

    def test_what_one_still_follows_is_a_duty(self, advisor):
        followed(advisor)
        followed(
            advisor, stage=Stage.REFUSED, next_step="", next_step_on=None, closing_reason=closing_reason("refused")
        )
        assert [(duty.label, duty.count) for duty in duties_of(advisor)] == [("projets suivis", 1)]

    def test_a_step_late_by_two_months_is_inconsistent(self, advisor):
        late = followed(advisor, next_step_on=date(2020, 1, 1))
        followed(advisor)
        assert list(steps_forgotten(Project.objects.all())) == [late]


class TestHandingOver:
    def test_all_pass_with_a_trace(self, advisor, territory):
        projects = [followed(advisor) for _ in range(3)]
        other = UserFactory(advisor=True, territory=territory)

        hand_over(projects=projects, to=other, by=advisor, at=AT, note="Congé")

        assert other.followed_projects.count() == 3
        traces = Handover.objects.values_list("from_advisor", "to_advisor", "handed_by", "note")
        assert set(traces) == {(advisor.pk, other.pk, advisor.pk, "Congé")}

    def test_to_oneself_changes_nothing(self, advisor):
        assert hand_over(projects=[followed(advisor)], to=advisor, by=advisor, at=AT) == []
        assert Handover.objects.count() == 0

    @pytest.mark.parametrize("who", ["elsewhere", "ended", "closed"])
    def test_who_does_not_work_there_gets_none(self, advisor, territory, who):
        to = UserFactory(is_active=who != "closed")
        MandateFactory(
            user=to,
            territory=TerritoryFactory() if who == "elsewhere" else territory,
            ends_on=date(2026, 1, 1) if who == "ended" else None,
        )
        project = followed(advisor)
        with pytest.raises(ValidationError) as refusal:
            hand_over(projects=[project], to=to, by=advisor, at=AT)
        project.refresh_from_db()
        assert (refusal.value.code, project.advisor) == ("not_an_advisor", advisor)


class TestTheDigest:
    @pytest.mark.parametrize(
        ("at", "week"),
        [
            (datetime(2026, 3, 9, 7, 59, tzinfo=PARIS), None),
            (datetime(2026, 3, 9, 8, 0, tzinfo=PARIS), "2026-W11"),
            (datetime(2026, 3, 10, 23, 0, tzinfo=PARIS), "2026-W11"),
            (datetime(2026, 3, 11, 8, 0, tzinfo=PARIS), None),
            (datetime(2026, 3, 30, 8, 0, tzinfo=PARIS), "2026-W14"),  # the day after the clocks went forward
            (datetime(2026, 10, 26, 8, 0, tzinfo=PARIS), "2026-W44"),  # the day after they went back
            (datetime(2027, 1, 4, 9, 0, tzinfo=PARIS), "2027-W01"),
        ],
    )
    def test_it_leaves_on_monday_at_eight_in_france(self, at, week):
        assert digest_week(at) == week

    def test_it_says_once_what_is_due_and_silent(self, advisor):
        followed(advisor, title="En retard", next_step="Appeler", next_step_on=date(2026, 3, 2), touched_at=MONDAY)
        followed(advisor, title="Bientôt", next_step="Voir", next_step_on=date(2026, 3, 14), touched_at=MONDAY)
        followed(advisor, title="Muet", next_step_on=date(2026, 5, 1), touched_at=MONDAY - timedelta(days=46))
        followed(advisor, title="Tranquille", next_step_on=date(2026, 5, 1), touched_at=MONDAY)

        first = write_digest(user=advisor, at=MONDAY)
        again = write_digest(user=advisor, at=MONDAY + timedelta(hours=5))

        assert (first, Message.objects.count(), first.to_email) == (again, 1, advisor.email)
        for text in (first.text, first.html):
            assert [title in text for title in ("En retard", "Bientôt", "Muet", "Tranquille")] == [
                True,
                True,
                True,
                False,
            ]
            assert "46 jours, faut-il l’abandonner" in text

    def test_nothing_due_writes_nothing(self, advisor):
        followed(advisor, next_step_on=date(2026, 5, 1), touched_at=MONDAY)
        followed(
            advisor,
            stage=Stage.POOL,
            wakes_on=date(2026, 5, 1),
            pool_reason="Formation",
            next_step_on=date(2026, 5, 1),
            touched_at=MONDAY - timedelta(days=100),
        )
        assert write_digest(user=advisor, at=MONDAY) is None

    def test_each_advisor_is_asked_for_once(self, advisor, monkeypatch):
        asked = []
        monkeypatch.setattr("projects.services.following.jobs.enqueue", lambda name, **ids: asked.append((name, ids)))
        followed(advisor, next_step_on=date(2026, 3, 10))
        enqueue_digests(at=MONDAY)
        write_digest(user=advisor, at=MONDAY)
        enqueue_digests(at=MONDAY + timedelta(hours=1))
        enqueue_digests(at=AT)
        digests = [ids for name, ids in asked if name == "projects.write_digest"]
        assert digests == [{"user_id": advisor.pk}]


class TestArchiving:
    def test_what_is_over_and_quiet_for_180_days_is_put_away(self):
        old, recent = (project_at("abandoned", touched_at=AT - timedelta(days=days)) for days in (181, 179))
        open_one = project_at("support", touched_at=AT - timedelta(days=500))
        assert archive_quiet_projects(at=AT) == 1
        assert [each.pk for each in Project.objects.archived()] == [old.pk]
        assert {recent.pk, open_one.pk} == set(Project.objects.not_archived().values_list("pk", flat=True))

    def test_an_open_one_is_refused_with_its_name_and_none_is_put_away(self):
        over, open_one = project_at("refused"), project_at("support", title="Toujours là")
        with pytest.raises(ValidationError, match="Toujours là"):
            archive(projects=[over, open_one], by=None, at=AT)
        assert not Project.objects.archived().exists()

    def test_they_come_back_in_bulk_and_stay(self):
        rows = [project_at("refused", touched_at=AT - timedelta(days=200)) for _ in range(2)]
        archive_quiet_projects(at=AT)
        assert len(unarchive(projects=rows, by=None, at=AT)) == 2
        assert archive_quiet_projects(at=AT) == 0


class TestTheHome:
    def test_it_shows_what_is_due_and_its_queries_do_not_grow(self, client, advisor, django_assert_max_num_queries):
        client.force_login(advisor)
        counts = []
        client.get(reverse("admin:index"))
        for number in (1, 3):
            for _ in range(number):
                followed(advisor, next_step="Appeler la banque", next_step_on=date(2020, 1, 1))
                followed(advisor, touched_at=datetime(2020, 1, 1, tzinfo=PARIS), title="Muet depuis longtemps")
                ProjectFactory(territory=advisor.mandates.get().territory, holder=PersonFactory(), title="À qui donc")
            with django_assert_max_num_queries(60) as captured:
                content = client.get(reverse("admin:index")).content.decode()
            counts.append(len(captured))
        assert counts[0] == counts[1]
        for words in ("Appeler la banque", "en retard", "Muet depuis longtemps", "L’abandonner", "Projets à confier"):
            assert words in content
