from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse

from members.models import Business, Contract, Departure, Member
from premises.enums import TenureKind
from premises.models import Occupancy
from projects.enums import Stage
from projects.models import Integration, Project, StageChange
from projects.services import integrate_project, undo_integration
from projects.services.integration import Signature
from tests.factories import (
    BusinessFactory,
    ContractFactory,
    MemberFactory,
    ProjectFactory,
    TerritoryFactory,
    ThemeFactory,
    UnitFactory,
    UserFactory,
)
from tests.members.reference import exit_reason, kind

AT = datetime(2026, 3, 12, 10, tzinfo=ZoneInfo("Europe/Paris"))
TODAY = AT.date()


def cape(**changes) -> Signature:
    cape_kind = kind("cape")
    return Signature(**{"kind": cape_kind, "starts_on": date(2026, 4, 1), "ends_on": date(2027, 4, 1)} | changes)


def supported(**fields) -> Project:
    return ProjectFactory(stage=Stage.SUPPORT, title="Le Fournil", intended_activity="boulangerie", **fields)


def integrate(project, **changes) -> Integration:
    wishes = {
        "project": project,
        "integrated_on": TODAY,
        "business_name": "Le Fournil",
        "activity": "boulangerie",
        "by": changes.pop("by", None) or UserFactory(advisor=True),
        "at": AT,
        "signature": cape(),
    }
    return integrate_project(**wishes | changes)


def standing() -> tuple:
    """What an integration writes, counted."""
    return tuple(model.objects.count() for model in (Member, Business, Contract, Integration, StageChange))


@pytest.mark.django_db
class TestIntegrating:
    def test_a_project_becomes_a_member_a_business_and_a_contract(self):
        theme, advisor = ThemeFactory(), UserFactory(advisor=True)
        project = supported(advisor=advisor)
        project.themes.add(theme)

        integration = integrate(project, by=advisor)

        project.refresh_from_db()
        member = Member.objects.get()
        business, contract = Business.objects.get(), Contract.objects.get()
        assert (project.stage, project.member, project.integrated_on) == (Stage.INTEGRATED, member, TODAY)
        assert (project.next_step, project.next_step_on) == ("", None)
        assert (member.person, member.territory, member.advisor) == (project.holder, project.territory, advisor)
        assert (business.name, list(business.members.all()), list(business.themes.all())) == (
            "Le Fournil",
            [member],
            [theme],
        )
        assert (contract.member, contract.kind.key, contract.starts_on) == (member, "cape", date(2026, 4, 1))
        step = StageChange.objects.get(to_stage=Stage.INTEGRATED)
        assert (step.from_stage, step.changed_by, step.changed_at) == (Stage.SUPPORT, advisor, AT)
        assert integration.created == ["membre", "entreprise", "contrat"]

    def test_a_member_known_keeps_its_row_and_its_contract_in_force(self):
        project = supported()
        member = MemberFactory(person=project.holder)
        contract = ContractFactory(member=member, starts_on=date(2026, 1, 1), ends_on=date(2027, 1, 1))

        integration = integrate(project, signature=None)

        assert (integration.member, integration.contract, Member.objects.count()) == (member, contract, 1)
        assert integration.created == ["entreprise"]

    def test_a_couple_may_share_one_shop(self):
        shop = BusinessFactory(opened_on=date(2025, 1, 1))
        shop.members.add(MemberFactory())

        integration = integrate(supported(), join=shop, business_name="")

        assert (integration.business, shop.members.count(), Business.objects.count()) == (shop, 2, 1)

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"signature": None}, "contract_missing"),
            ({"business_name": " "}, "business_name_missing"),
            ({"integrated_on": date(1900, 1, 1)}, "date_implausible"),
            ({"integrated_on": date(2026, 8, 1)}, "date_implausible"),
        ],
    )
    def test_what_is_missing_is_refused_and_nothing_is_written(self, changes, code):
        project = supported()
        before = standing()
        with pytest.raises(ValidationError) as refusal:
            integrate(project, **changes)
        codes = [error.code for errors in refusal.value.error_dict.values() for error in errors]
        assert (codes, standing()) == ([code], before)

    def test_a_contract_against_the_law_takes_the_whole_integration_with_it(self):
        project = supported()
        before = standing()
        with pytest.raises(ValidationError):
            integrate(project, signature=cape(ends_on=date(2027, 5, 1)))
        project.refresh_from_db()
        assert (standing(), project.stage) == (before, Stage.SUPPORT)

    @pytest.mark.parametrize("stage", [Stage.FIRST_CONTACT, Stage.ASSESSMENT])
    def test_a_project_that_is_not_ready_is_refused(self, stage):
        with pytest.raises(ValidationError) as refusal:
            integrate(ProjectFactory(stage=stage))
        assert refusal.value.code == "step_illegal"

    def test_a_project_from_the_pool_may_be_integrated(self):
        project = supported()
        Project.objects.filter(pk=project.pk).update(stage=Stage.POOL, wakes_on=TODAY, pool_reason="Formation")
        integrate(project)
        project.refresh_from_db()
        assert (project.stage, project.wakes_on, project.pool_reason) == (Stage.INTEGRATED, None, "")

    def test_an_integrated_project_is_not_integrated_again(self):
        project = supported()
        integrate(project)
        with pytest.raises(ValidationError) as refusal:
            integrate(project)
        assert refusal.value.code == "already_integrated"

    def test_somebody_who_left_must_first_come_back(self):
        project = supported()
        member = MemberFactory(person=project.holder)
        Departure.objects.create(member=member, left_on=date(2025, 1, 1), reason=exit_reason())
        with pytest.raises(ValidationError) as refusal:
            integrate(project)
        assert refusal.value.code == "member_left"

    def test_a_closed_business_is_not_joined(self):
        shop = BusinessFactory(opened_on=date(2024, 1, 1), closed_on=date(2025, 1, 1))
        with pytest.raises(ValidationError) as refusal:
            integrate(supported(), join=shop)
        assert list(refusal.value.error_dict) == ["join"]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_integrate_at_once_one_is_told():
    kind("cape")
    project, users, barrier = supported(), [UserFactory(), UserFactory()], Barrier(2)

    def try_it(user):
        try:
            barrier.wait()
            return integrate(project, by=user).pk and "done"
        except ValidationError as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(try_it, users))

    assert outcomes == ["already_integrated", "done"]
    assert (Member.objects.count(), Business.objects.count(), Contract.objects.count()) == (1, 1, 1)


@pytest.mark.django_db
class TestUndoing:
    def undo(self, integration, **changes):
        wishes = {"integration": integration, "by": integration.integrated_by, "at": AT + timedelta(hours=3)}
        return undo_integration(**wishes | changes)

    @pytest.mark.parametrize("stage", [Stage.SUPPORT, Stage.POOL])
    def test_the_project_is_back_where_it_was_and_what_was_created_is_gone(self, stage):
        pool = {"wakes_on": date(2026, 6, 1), "pool_reason": "Formation", "next_step_on": date(2026, 6, 1)}
        fields = pool if stage == Stage.POOL else {"next_step_on": date(2026, 3, 20)}
        project = ProjectFactory(stage=stage, next_step="Reprendre contact", **fields)

        self.undo(integrate(project))

        project.refresh_from_db()
        kept = {name: getattr(project, name) for name in fields}
        assert (project.stage, project.member, project.integrated_on, kept) == (stage, None, None, fields)
        assert standing()[:3] == (0, 0, 0)
        assert Integration.objects.get().undone_at
        steps = StageChange.objects.order_by("pk").values_list("from_stage", "to_stage", "reason")
        assert list(steps) == [(stage, "integrated", ""), ("integrated", stage, "Intégration annulée")]

    def test_what_was_there_before_stays(self):
        project = supported()
        member, shop = MemberFactory(person=project.holder), BusinessFactory(opened_on=date(2025, 1, 1))
        ContractFactory(member=member, starts_on=date(2026, 1, 1), ends_on=date(2027, 1, 1))
        shop.members.add(MemberFactory())

        self.undo(integrate(project, join=shop, signature=None))

        assert (Member.objects.count(), shop.members.count(), Contract.objects.count()) == (2, 1, 1)

    def test_a_member_of_the_shop_before_stays_in_it(self):
        project = supported()
        shop, member = BusinessFactory(opened_on=date(2025, 1, 1)), MemberFactory(person=project.holder)
        shop.members.add(member)

        self.undo(integrate(project, join=shop))

        assert list(shop.members.all()) == [member]

    def test_it_may_be_integrated_again(self):
        project = supported()
        self.undo(integrate(project))
        integrate(project)
        assert Integration.objects.filter(undone_at=None).count() == 1

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"at": AT + timedelta(days=1)}, "le jour même"),
            ({"by": None}, "Seule la personne"),
        ],
    )
    def test_another_day_or_another_person_is_refused(self, changes, words):
        integration = integrate(supported())
        by = changes.get("by", integration.integrated_by) or UserFactory(manager=True)
        before = standing()
        with pytest.raises(ValidationError) as refusal:
            self.undo(integration, **changes | {"by": by})
        assert words in refusal.value.messages[0]
        assert standing() == before

    def test_what_depends_on_it_is_listed_and_nothing_is_lost(self):
        integration = integrate(supported())
        member, unit = integration.member, UnitFactory()
        Occupancy.objects.create(unit=unit, member=member, tenure=TenureKind.SHORT_LEASE, starts_on=date(2026, 4, 1))
        other = MemberFactory()
        integration.business.members.add(other)
        before = standing()

        with pytest.raises(ValidationError) as refusal:
            self.undo(integration)

        assert refusal.value.messages == [
            f"Il y a depuis : occupation « {unit} : {member} ».",
            f"Il y a depuis : membre « {other} ».",
        ]
        assert standing() == before

    def test_it_is_undone_once(self):
        integration = integrate(supported())
        self.undo(integration)
        with pytest.raises(ValidationError, match="déjà été annulée"):
            self.undo(integration)


@pytest.mark.django_db
class TestPages:
    @pytest.fixture
    def project(self):
        return supported(territory=TerritoryFactory())

    @pytest.fixture
    def advisor(self, client, project):
        user = UserFactory(advisor=True, territory=project.territory)
        client.force_login(user)
        return user

    def url(self, project, name="integrate"):
        return reverse(f"projects_staff:{name}", args=[project.pk])

    def typed(self, **changes):
        day = "2026-03-12"
        cape_pk = kind("cape").pk
        values = {"integrated_on": day, "business_name": "Le Fournil", "activity": "boulangerie", "kind": cape_pk}
        return values | {"starts_on": "2026-04-01", "ends_on": "2027-03-31", "signed_on": day} | changes

    @pytest.fixture(autouse=True)
    def _today(self, time_machine):
        time_machine.move_to(AT, tick=False)

    def test_an_advisor_integrates_and_undoes(self, client, project, advisor):
        assert client.get(self.url(project)).status_code == 200
        assert client.post(self.url(project), self.typed()).status_code == 302
        assert Contract.objects.get().ends_on == date(2027, 4, 1)
        assert "Annuler l’intégration" in client.get(self.url(project, "integration_undo")).content.decode()
        assert client.post(self.url(project, "integration_undo")).status_code == 302
        project.refresh_from_db()
        assert project.stage == Stage.SUPPORT

    def test_thirteen_months_are_refused_at_the_form_and_what_was_typed_stays(self, client, project, advisor):
        response = client.post(self.url(project), self.typed(ends_on="2027-04-30"))
        assert response.status_code == 409
        assert 'value="Le Fournil"' in response.content.decode()
        assert Member.objects.count() == 0

    def test_a_second_click_is_told_that_it_is_done(self, client, project, advisor):
        client.post(self.url(project), self.typed())
        response = client.post(self.url(project), self.typed())
        assert (response.status_code, Member.objects.count()) in [(409, 1), (422, 1)]

    def test_a_namesake_business_is_asked_about_once(self, client, project, advisor):
        shop = BusinessFactory(name="le fournil", opened_on=date(2025, 1, 1))
        shop.members.add(MemberFactory(territory=project.territory))
        response = client.post(self.url(project), self.typed())
        assert response.status_code == 422
        assert "existe déjà" in response.content.decode()
        assert client.post(self.url(project), self.typed(join=shop.pk)).status_code == 302
        assert shop.members.count() == 2

    def test_a_business_of_elsewhere_cannot_be_joined(self, client, project, advisor):
        shop = BusinessFactory(name="Ailleurs", opened_on=date(2025, 1, 1))
        shop.members.add(MemberFactory())
        response = client.post(self.url(project), self.typed(join=shop.pk))
        assert (response.status_code, shop.members.count()) == (422, 1)

    def test_what_depends_on_it_is_shown_instead_of_the_button(self, client, project, advisor):
        client.post(self.url(project), self.typed())
        Occupancy.objects.create(
            unit=UnitFactory(), member=Member.objects.get(), tenure=TenureKind.SHORT_LEASE, starts_on=TODAY
        )
        page = client.get(self.url(project, "integration_undo")).content.decode()
        assert ("occupation «" in page, "button--danger" in page) == (True, False)
