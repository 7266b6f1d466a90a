"""Colleagues who act on one project, one member or one card at the same instant: all of it or a refusal."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import connection, transaction

from coopconnexion.accounts.models import Person
from coopconnexion.accounts.services import merge_people
from members.models import Business, Contract, Member, PublicCard, Statement
from members.services import (
    edit_card,
    enter_statement,
    publish_card,
    record_departure,
    renew_contract,
    sign_contract,
    withdraw_card,
)
from projects.enums import Stage
from projects.models import Handover, Integration, Project, StageChange
from projects.services import change_stage, hand_over, integrate_project, undo_integration, write_note
from projects.services.integration import Signature
from tests.factories import BusinessFactory, ContractFactory, MemberFactory, PersonFactory, ProjectFactory, UserFactory
from tests.members.reference import exit_reason, kind

pytestmark = pytest.mark.django_db(transaction=True)

AT = datetime(2026, 3, 12, 10, tzinfo=ZoneInfo("Europe/Paris"))
TODAY = AT.date()
ROUNDS = 4


def at_once(*works) -> list:
    """Run ``works`` in threads that begin together; return what each answered, or the refusal it met."""
    start = Barrier(len(works))

    def run(work):
        try:
            start.wait()
            return work()
        except (ValidationError, ObjectDoesNotExist) as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def refusals(answers: list) -> list:
    return [each for each in answers if isinstance(each, Exception)]


def integrating(project, by, **changes):
    cape = Signature(kind=kind("cape"), starts_on=date(2026, 4, 1), ends_on=date(2027, 4, 1))
    wishes = {"integrated_on": TODAY, "business_name": "Le Fournil", "activity": "pain", "signature": cape} | changes
    return integrate_project(project=project, by=by, at=AT, **wishes)


@pytest.fixture
def advisor():
    return UserFactory(manager=True)


@pytest.fixture
def project(advisor):
    return ProjectFactory(stage=Stage.SUPPORT, advisor=advisor)


def test_integrating_handing_over_and_moving_at_once_leave_one_story(project, advisor):
    other = UserFactory(manager=True)
    steps = {"next_step": "Rappeler", "next_step_on": TODAY + timedelta(days=7), "reason": "à revoir"}
    kind("cape")
    answers = at_once(
        lambda: integrating(project, advisor),
        lambda: hand_over(projects=[project], to=other, by=advisor, at=AT),
        lambda: change_stage(project=project, to=Stage.ASSESSMENT, by=advisor, at=AT, **steps),
        lambda: write_note(project=project, text="vu", is_shared=False, by=advisor, at=AT),
    )
    project.refresh_from_db()
    assert (project.advisor, Handover.objects.count()) == (other, 1)
    is_integrated = project.stage == Stage.INTEGRATED
    assert is_integrated == Integration.objects.exists() == Member.objects.exists() == Business.objects.exists()
    assert len(refusals(answers)) == 1
    assert StageChange.objects.count() == 1


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_merging_the_holder_while_the_project_is_integrated_loses_nothing(round_, project, advisor):
    twin = PersonFactory()
    kind("cape")
    answers = at_once(
        lambda: integrating(project, advisor),
        lambda: merge_people(kept=twin, gone=project.holder, chosen={}, by=advisor, at=AT),
    )
    project.refresh_from_db()
    assert (project.holder, Person.objects.count()) == (twin, 1)
    if refused := refusals(answers):
        assert [each.code for each in refused] == ["holder_merged"]
        assert not Member.objects.exists()
    else:
        assert project.member.person == twin


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_an_integration_is_undone_or_a_contract_is_signed(round_, project, advisor):
    integration = integrating(project, advisor)
    cesa = kind("cesa")
    answers = at_once(
        lambda: undo_integration(integration=integration, by=advisor, at=AT),
        lambda: sign_contract(member=integration.member, kind=cesa, starts_on=date(2027, 4, 1)),
    )
    assert len(refusals(answers)) == 1
    project.refresh_from_db()
    assert (project.stage == Stage.INTEGRATED, Contract.objects.count()) in [(True, 2), (False, 0)]


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_an_integration_is_undone_or_figures_are_typed(round_, project, advisor):
    integration = integrating(project, advisor)
    figures = {"month": date(2026, 2, 1), "turnover": 100, "by": advisor, "at": AT}
    answers = at_once(
        lambda: undo_integration(integration=integration, by=advisor, at=AT),
        lambda: enter_statement(member=integration.member, **figures),
    )
    assert len(refusals(answers)) == 1
    assert (Member.objects.count(), Statement.objects.count()) in [(1, 1), (0, 0)]


def test_undoing_twice_at_once_undoes_once(project, advisor):
    integration = integrating(project, advisor)
    answers = at_once(*[lambda: undo_integration(integration=integration, by=advisor, at=AT)] * 4)
    assert len(refusals(answers)) == 3
    assert StageChange.objects.count() == 2


def test_two_renewals_at_once_sign_one_contract():
    contract = ContractFactory(kind=kind("cape"), starts_on=date(2025, 4, 1), ends_on=date(2026, 4, 1))
    answers = at_once(*[lambda: renew_contract(contract=contract, ends_on=date(2027, 4, 1))] * 4)
    assert (len(refusals(answers)), Contract.objects.count()) == (3, 2)


def test_a_departure_and_a_signature_at_once_never_both_stand(advisor):
    member = MemberFactory()
    cape, reason = kind("cape"), exit_reason()
    answers = at_once(
        lambda: record_departure(member=member, left_on=TODAY, reason=reason, by=advisor, at=AT),
        lambda: sign_contract(member=member, kind=cape, starts_on=date(2026, 4, 1), ends_on=date(2027, 4, 1)),
    )
    assert len(refusals(answers)) == 1


def test_publishing_and_withdrawing_a_card_at_once_leave_one_answer(advisor):
    business = BusinessFactory(opened_on=date(2025, 1, 1))
    words = {"description": "Du pain", "website": "", "picture_description": ""}
    answers = at_once(
        *[lambda: publish_card(business=business, agreed_by=advisor, at=AT)] * 3,
        *[lambda: withdraw_card(business=business, at=AT)] * 3,
        lambda: edit_card(business=business, at=AT, **words),
    )
    assert refusals(answers) == []
    card = PublicCard.objects.get()
    assert card.agreed_at == AT
    assert card.description == "Du pain"


def test_two_projects_of_one_holder_integrated_at_once_share_one_member(project, advisor):
    other = ProjectFactory(stage=Stage.SUPPORT, holder=project.holder)
    kind("cape")
    answers = at_once(lambda: integrating(project, advisor), lambda: integrating(other, advisor))
    assert len(refusals(answers)) == 1
    assert (Member.objects.count(), Project.objects.filter(stage=Stage.INTEGRATED).count()) == (1, 1)


@pytest.mark.django_db
def test_an_integration_that_another_project_leans_on_is_not_undone(project, advisor):
    first = integrating(project, advisor)
    second = ProjectFactory(stage=Stage.SUPPORT, holder=project.holder, title="La suite")
    integrating(second, advisor, join=first.business, business_name="", signature=None, integrated_on=date(2026, 4, 2))
    with transaction.atomic(), pytest.raises(ValidationError, match="La suite"):
        undo_integration(integration=first, by=advisor, at=AT)
    assert Contract.objects.count() == 1
