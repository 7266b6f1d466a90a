from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from itertools import product
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, ProgrammingError, connection, transaction

from projects.enums import CLOSED_STAGES, Stage
from projects.models import ClosingReason, Project, StageChange
from projects.rules import BACKWARD, FORWARD, legal_pairs
from projects.services import change_stage, plan_next_step
from tests.factories import MemberFactory, ProjectFactory, UserFactory

AT = datetime(2026, 3, 12, 10, tzinfo=ZoneInfo("Europe/Paris"))
TODAY, NEXT_WEEK = AT.date(), date(2026, 3, 19)
STEP = {"next_step": "Appeler", "next_step_on": NEXT_WEEK}


def closing_reason(kind: str, **fields) -> ClosingReason:
    return ClosingReason.objects.get_or_create(kind=kind, label="Autre motif", defaults=fields)[0]


def project_at(stage: str, **fields) -> Project:
    """A project that the database accepts at this stage."""
    over = {"next_step": "", "next_step_on": None}
    needs = {
        Stage.POOL: {"wakes_on": NEXT_WEEK, "pool_reason": "Formation", "next_step_on": NEXT_WEEK},
        Stage.INTEGRATED: {**over, "integrated_on": TODAY},
        Stage.REFUSED: over,
        Stage.ABANDONED: over,
    }.get(stage, {})
    if stage == Stage.INTEGRATED:
        needs = {**needs, "member": MemberFactory()}
    if stage in CLOSED_STAGES:
        needs = {**needs, "closing_reason": closing_reason(stage)}
    return ProjectFactory(stage=stage, **needs | fields)


def what_it_takes(to: str) -> dict:
    if to in CLOSED_STAGES:
        return {"closing_reason": closing_reason(to), "reason": "Dit au téléphone"}
    if to == Stage.POOL:
        return {"reason": "Formation", "wakes_on": NEXT_WEEK}
    return {"reason": "On reprend", **STEP}


PAIRS = list(product(Stage.values, Stage.values))
BY_SERVICE = [
    (origin.value, to.value)
    for steps in (FORWARD, BACKWARD)
    for origin in steps
    for to in steps[origin]
    if to != "integrated"
]


@pytest.mark.django_db
class TestEveryPair:
    @pytest.mark.parametrize(("origin", "to"), [pair for pair in PAIRS if pair in BY_SERVICE])
    def test_a_legal_step_is_taken_and_kept(self, origin, to):
        project, user = project_at(origin), UserFactory()

        change_stage(project=project, to=Stage(to), by=user, at=AT, **what_it_takes(to))

        project.refresh_from_db()
        step = StageChange.objects.get()
        assert (project.stage, project.stage_since, project.touched_at) == (to, AT, AT)
        assert (step.from_stage, step.to_stage, step.changed_by, step.changed_at) == (origin, to, user, AT)
        assert step.reason

    @pytest.mark.parametrize(("origin", "to"), [pair for pair in PAIRS if pair not in BY_SERVICE])
    def test_any_other_is_refused_and_nothing_is_written(self, origin, to):
        project = project_at(origin)
        with pytest.raises(ValidationError) as refusal:
            change_stage(project=project, to=Stage(to), by=None, at=AT, **what_it_takes(to))
        project.refresh_from_db()
        wanted = "not_integrated_here" if to == Stage.INTEGRATED else "step_illegal"
        assert (refusal.value.code, project.stage, StageChange.objects.count()) == (wanted, origin, 0)

    @pytest.mark.parametrize(("origin", "to"), [pair for pair in PAIRS if pair[0] != pair[1]])
    def test_the_database_holds_the_same_line(self, origin, to):
        project = project_at(origin)
        is_legal = (origin, to) in legal_pairs()
        model = project_at(to)
        values = {
            name: getattr(model, name)
            for name in (
                "wakes_on",
                "pool_reason",
                "closing_reason",
                "next_step",
                "next_step_on",
                "member",
                "integrated_on",
            )
        }

        def write():
            with transaction.atomic():
                Project.objects.filter(pk=project.pk).update(stage=to, **values)

        if is_legal:
            write()
        else:
            with pytest.raises(ProgrammingError, match="Invalid transition"):
                write()

    @pytest.mark.parametrize(("origin", "to"), PAIRS)
    def test_the_log_holds_it_too(self, origin, to):
        project = project_at(Stage.SUPPORT)

        def write():
            with transaction.atomic():
                StageChange.objects.create(project=project, from_stage=origin, to_stage=to)

        if (origin, to) in legal_pairs():
            write()
        else:
            with pytest.raises(IntegrityError, match="projects_stagechange_legal"):
                write()


@pytest.mark.django_db
class TestWhatAStepAsksFor:
    @pytest.mark.parametrize(
        ("origin", "to", "said", "field", "code"),
        [
            ("support", "pool", {"wakes_on": NEXT_WEEK}, "reason", "reason_missing"),
            ("support", "pool", {"reason": "Formation"}, "wakes_on", "wakes_on_missing"),
            ("support", "pool", {"reason": "Formation", "wakes_on": date(2026, 3, 11)}, "wakes_on", "date_past"),
            ("support", "pool", {"reason": "Formation", "wakes_on": date(2126, 3, 11)}, "wakes_on", "date_past"),
            ("support", "refused", {}, "closing_reason", "closing_reason_missing"),
            ("support", "assessment", {}, "reason", "reason_missing"),
            ("abandoned", "support", {"reason": "Revient"}, "next_step", "next_step_missing"),
            ("abandoned", "support", {"reason": "Revient", "next_step": "Voir"}, "next_step_on", "next_step_missing"),
            ("pool", "support", {}, "next_step", "next_step_missing"),
            ("assessment", "support", {**STEP, "next_step_on": date(1900, 1, 1)}, "next_step_on", "date_past"),
        ],
    )
    def test_what_is_missing_is_named_at_its_field(self, origin, to, said, field, code):
        project = project_at(origin)
        with pytest.raises(ValidationError) as refusal:
            change_stage(project=project, to=Stage(to), by=None, at=AT, **said)
        project.refresh_from_db()
        codes = {name: errors[0].code for name, errors in refusal.value.error_dict.items()}
        assert (codes, project.stage) == ({field: code}, origin)

    def test_a_reason_of_the_other_end_is_refused(self):
        with pytest.raises(ValidationError) as refusal:
            change_stage(
                project=project_at("support"),
                to=Stage.REFUSED,
                by=None,
                at=AT,
                closing_reason=closing_reason("abandoned"),
            )
        assert list(refusal.value.error_dict) == ["closing_reason"]

    def test_the_next_step_there_is_stays(self):
        project = project_at("assessment", next_step="Relire le budget", next_step_on=NEXT_WEEK)
        change_stage(project=project, to=Stage.SUPPORT, by=None, at=AT)
        project.refresh_from_db()
        assert (project.next_step, project.next_step_on) == ("Relire le budget", NEXT_WEEK)

    def test_an_end_forgets_the_next_step_and_a_pause_sets_it(self):
        refused = project_at("support")
        change_stage(project=refused, to=Stage.REFUSED, by=None, at=AT, closing_reason=closing_reason("refused"))
        asleep = project_at("support")
        change_stage(project=asleep, to=Stage.POOL, by=None, at=AT, reason="Formation", wakes_on=NEXT_WEEK)
        refused.refresh_from_db()
        asleep.refresh_from_db()
        assert (refused.next_step, refused.next_step_on) == ("", None)
        assert (asleep.next_step, asleep.next_step_on) == ("Reprendre contact", NEXT_WEEK)

    def test_a_project_reopened_is_out_of_the_archive(self):
        project = project_at("abandoned", archived_at=AT - timedelta(days=30))
        change_stage(project=project, to=Stage.SUPPORT, by=None, at=AT, reason="Revient", **STEP)
        project.refresh_from_db()
        assert (project.archived_at, project.closing_reason) == (None, None)


@pytest.mark.django_db
class TestNextStep:
    def test_it_is_written_and_counts_as_a_touch(self):
        project = project_at("support", touched_at=AT - timedelta(days=50))
        plan_next_step(project=project, what="Visiter un local", on=NEXT_WEEK, by=None, at=AT)
        project.refresh_from_db()
        assert (project.next_step, project.next_step_on, project.touched_at) == ("Visiter un local", NEXT_WEEK, AT)

    def test_a_project_asleep_wakes_that_day(self):
        project = project_at("pool")
        plan_next_step(project=project, what="Rappeler", on=date(2026, 5, 4), by=None, at=AT)
        project.refresh_from_db()
        assert project.wakes_on == project.next_step_on == date(2026, 5, 4)

    @pytest.mark.parametrize(("what", "on"), [("", NEXT_WEEK), ("Appeler", date(2026, 3, 11)), (" ", None)])
    def test_one_without_words_or_with_a_past_day_is_refused(self, what, on):
        with pytest.raises(ValidationError):
            plan_next_step(project=project_at("support"), what=what, on=on, by=None, at=AT)

    def test_a_project_that_is_over_has_none(self):
        with pytest.raises(ValidationError) as refusal:
            plan_next_step(project=project_at("refused"), what="Appeler", on=NEXT_WEEK, by=None, at=AT)
        assert refusal.value.code == "project_over"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_move_a_card_at_once_one_is_told():
    project, barrier = project_at("assessment"), Barrier(2)

    def move(to):
        try:
            barrier.wait()
            change_stage(project=project, to=to, by=None, at=AT, **STEP)
        except ValidationError as refusal:
            return refusal.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(move, [Stage.SUPPORT, Stage.SUPPORT]))

    assert (outcomes, StageChange.objects.count()) == (["done", "step_illegal"], 1)
