"""Who leaves hands over first: nothing stays in the charge of somebody who is gone."""

from datetime import UTC, date, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts import duties
from coopconnexion.accounts.duties import Duty, duties_of, summed
from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.models import Mandate, User
from coopconnexion.accounts.services import (
    change_mandate,
    close_account,
    end_mandate,
    reopen_account,
    revoke_mandate,
)
from members.models import Member
from projects.models import Project
from tests.factories import MandateFactory, MemberFactory, ProjectFactory, TerritoryFactory, UserFactory

pytestmark = pytest.mark.django_db

TODAY = date(2027, 5, 6)
AT = datetime(2027, 5, 6, 8, tzinfo=UTC)


@pytest.fixture
def territory():
    return TerritoryFactory()


@pytest.fixture
def advisor(territory):
    return UserFactory(advisor=True, territory=territory, name="Camille", email="camille@example.org")


@pytest.fixture
def carries(monkeypatch):
    """Say what every account has in charge: ``carries(Duty(…), …)``."""

    def carry(*found):
        monkeypatch.setattr(duties, "_finders", [lambda user: found])

    carry()
    return carry


def duty(territory=None, count=3) -> Duty:
    return Duty("projets suivis", count, "/gestion/projets/", territory and territory.pk)


def refused(service, **arguments) -> str:
    with pytest.raises(ValidationError) as refusal:
        service(**arguments)
    return refusal.value.code


def test_what_is_in_charge_comes_from_every_app_in_order(monkeypatch, advisor):
    found = [lambda user: [duty(count=1), duty(count=0)], lambda user: None, lambda user: Duty("membres", 2, "/")]
    monkeypatch.setattr(duties, "_finders", found)
    assert summed(duties_of(advisor)) == "membres\u202f: 2, projets suivis\u202f: 1"


def test_the_same_duty_in_two_territories_is_said_once(territory):
    assert summed([duty(territory), duty(TerritoryFactory(), 2)]) == "projets suivis\u202f: 5"


def test_projects_and_members_hold_their_advisor_back(advisor, territory):
    ProjectFactory(advisor=advisor, territory=territory)
    MemberFactory(advisor=advisor, territory=territory)
    elsewhere = ProjectFactory(advisor=advisor)
    with pytest.raises(ValidationError) as refusal:
        end_mandate(mandate=advisor.mandates.get(), last_day=TODAY, today=TODAY)
    assert "membres suivis\u202f: 1, projets suivis\u202f: 2." in refusal.value.message
    Member.objects.update(advisor=None)
    Project.objects.exclude(pk=elsewhere.pk).update(advisor=None)
    MandateFactory(user=advisor, territory=elsewhere.territory)
    end_mandate(mandate=advisor.mandates.get(territory=territory), last_day=TODAY, today=TODAY)


def test_a_mandate_does_not_end_while_something_is_in_charge_there(advisor, territory, carries):
    carries(duty(territory))
    mandate = advisor.mandates.get()
    with pytest.raises(ValidationError) as refusal:
        end_mandate(mandate=mandate, last_day=TODAY, today=TODAY)
    assert refusal.value.message.startswith("Camille a encore en charge\u202f: projets suivis\u202f: 3.")
    assert (refusal.value.code, Mandate.objects.get().ends_on) == ("duties_left", None)


def test_a_mandate_ends_when_all_is_handed_over(advisor, carries):
    assert end_mandate(mandate=advisor.mandates.get(), last_day=TODAY, today=TODAY).ends_on == date(2027, 5, 7)


def test_what_is_in_charge_elsewhere_does_not_matter(advisor, territory, carries):
    other = TerritoryFactory()
    MandateFactory(user=advisor, territory=other)
    carries(duty(other), duty(None))
    end_mandate(mandate=advisor.mandates.get(territory=territory), last_day=TODAY, today=TODAY)
    assert refused(end_mandate, mandate=advisor.mandates.get(territory=other), last_day=TODAY, today=TODAY) == (
        "duties_left"
    )


def test_an_end_to_come_leaves_time_to_hand_over(advisor, territory, carries):
    carries(duty(territory))
    end_mandate(mandate=advisor.mandates.get(), last_day=TODAY + timedelta(days=1), today=TODAY)


@pytest.mark.parametrize("change", [{"role": Role.READER}, {"territory": None}, {"starts_on": date(2028, 1, 1)}])
def test_changing_role_or_territory_is_leaving_too(change, advisor, territory, carries):
    carries(duty(territory))
    values = {"role": Role.ADVISOR, "territory": territory, "starts_on": date(2020, 1, 1), "ends_on": None} | change
    if change == {"territory": None}:  # more than before
        assert change_mandate(mandate=advisor.mandates.get(), today=TODAY, **values).territory is None
    else:
        assert refused(change_mandate, mandate=advisor.mandates.get(), today=TODAY, **values) == "duties_left"


def test_an_official_has_nothing_to_hand_over(territory, carries):
    carries(duty(territory))
    official = UserFactory(official=True, territory=territory)
    close_account(user=official, today=TODAY)
    assert not User.objects.get(pk=official.pk).is_active


# --- taking back at once ---------------------------------------------------------------------------------------------


def test_a_mandate_taken_back_stops_today(advisor, carries):
    revoke_mandate(mandate=advisor.mandates.get(), today=TODAY)
    assert (advisor.mandates.get().ends_on, advisor.mandates.on(TODAY).exists()) == (TODAY, False)


def test_a_mandate_taken_back_on_its_first_day_goes_and_its_history_stays(carries, territory):
    mandate = MandateFactory(starts_on=TODAY, territory=territory)
    history, pk = type(mandate).history.rel.related_model, mandate.pk
    revoke_mandate(mandate=mandate, today=TODAY)
    acts = list(history.objects.filter(pgh_obj_id=pk).order_by("pgh_id").values_list("pgh_label", flat=True))
    assert (Mandate.objects.exists(), acts) == (False, ["insert", "delete"])


def test_a_mandate_is_not_taken_back_while_something_is_in_charge(advisor, territory, carries):
    carries(duty(territory))
    assert refused(revoke_mandate, mandate=advisor.mandates.get(), today=TODAY) == "duties_left"
    assert advisor.mandates.on(TODAY).exists()


def test_the_last_manager_is_not_taken_back(carries):
    assert refused(revoke_mandate, mandate=UserFactory(manager=True).mandates.get(), today=TODAY) == "last_manager"


# --- closing an account ----------------------------------------------------------------------------------------------


def test_a_closed_account_is_signed_out_everywhere(client, advisor, carries):
    client.force_login(advisor, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(reverse("admin:index")).status_code == 200
    close_account(user=advisor, today=timezone.localdate())
    assert client.get(reverse("admin:index")).status_code == 302
    reopen_account(user=advisor)
    assert User.objects.get(pk=advisor.pk).is_active


def test_an_account_is_not_closed_while_something_is_in_charge(advisor, territory, carries):
    carries(duty(territory))
    assert refused(close_account, user=advisor, today=TODAY) == "duties_left"
    assert User.objects.get(pk=advisor.pk).is_active


def test_the_last_manager_is_not_closed(carries):
    manager = UserFactory(manager=True)
    assert refused(close_account, user=manager, today=TODAY) == "last_manager"


def test_an_erased_account_is_not_reopened():
    user = UserFactory(email="compte-1@efface.invalid", is_active=False)
    assert refused(reopen_account, user=user) == "account_erased"


@pytest.mark.parametrize("has_duties", [True, False])
def test_the_admin_closes_accounts_through_the_same_rule(has_duties, client, login_as, advisor, territory, carries):
    login_as(Role.MANAGER)
    if has_duties:
        carries(duty(territory))
    url = reverse("admin:accounts_user_change", args=[advisor.pk])
    shown = client.get(url)
    typed = {"name": "Camille"}
    for field in shown.context["adminform"].form.hidden_fields():
        typed[field.html_name] = field.value() or ""
    for inline in shown.context["inline_admin_formsets"]:
        for form in (inline.formset.management_form, *inline.formset.forms):
            typed |= {field.html_name: "" if field.value() is None else str(field.value()) for field in form}
    response = client.post(url, typed)
    assert (response.status_code, User.objects.get(pk=advisor.pk).is_active) == (
        (200, True) if has_duties else (302, False)
    )
    if has_duties:
        assert "a encore en charge" in response.content.decode()


# --- who may be chosen -----------------------------------------------------------------------------------------------


def test_those_who_work_in_a_territory_may_be_chosen_there(territory):
    here = UserFactory(advisor=True, territory=territory)
    anywhere = UserFactory(manager=True)
    elsewhere = UserFactory(advisor=True, territory=TerritoryFactory())
    closed = UserFactory(advisor=True, territory=territory, is_active=False)
    for user in (UserFactory(reader=True, territory=territory), UserFactory(official=True, territory=territory)):
        assert user not in User.objects.advisors_of(None, TODAY)
    gone = UserFactory(email="parti@example.org")
    MandateFactory(user=gone, territory=territory, ends_on=TODAY)
    assert set(User.objects.advisors_of(territory, TODAY)) == {here, anywhere}
    assert set(User.objects.advisors_of(None, TODAY)) == {here, anywhere, elsewhere}
    assert closed not in User.objects.advisors_of(None, TODAY)


def test_the_admin_offers_as_advisor_those_who_still_work(client, login_as, territory):
    login_as(Role.MANAGER)
    UserFactory(advisor=True, territory=territory, email="zelie@example.org")
    MandateFactory(user__email="zelie.partie@example.org", territory=territory, ends_on=date(2020, 1, 1))
    asked = {"app_label": "members", "model_name": "member", "field_name": "advisor", "term": "zelie"}
    found = client.get(reverse("admin:autocomplete"), asked).json()["results"]
    assert [each["text"] for each in found] == ["zelie@example.org"]


# --- the pages of the direction --------------------------------------------------------------------------------------


def test_the_page_of_an_account_says_where_to_hand_over(client, login_as, advisor, territory, carries):
    carries(duty(territory))
    login_as(Role.MANAGER)
    shown = client.get(reverse("accounts_staff:account", args=[advisor.pk])).content.decode()
    assert ("Projets suivis" in shown, 'href="/gestion/projets/"' in shown) == (True, True)


@pytest.mark.parametrize("name", ["account_close", "mandate_revoke"])
def test_the_direction_is_told_why_somebody_cannot_leave(name, client, login_as, advisor, territory, carries):
    carries(duty(territory))
    login_as(Role.MANAGER)
    number = advisor.pk if name == "account_close" else advisor.mandates.get().pk
    response = client.post(reverse(f"accounts_staff:{name}", args=[number]), follow=True)
    assert "a encore en charge" in response.content.decode()
    assert (User.objects.get(pk=advisor.pk).is_active, Mandate.objects.filter(user=advisor, ends_on=None).count()) == (
        True,
        1,
    )


def test_the_direction_closes_reopens_and_takes_back(client, login_as, advisor, carries):
    login_as(Role.MANAGER)
    mandate = advisor.mandates.get()
    for name, number in (("account_close", advisor.pk), ("account_reopen", advisor.pk), ("mandate_revoke", mandate.pk)):
        response = client.post(reverse(f"accounts_staff:{name}", args=[number]))
        assert response.url == reverse("accounts_staff:account", args=[advisor.pk])
    assert (User.objects.get(pk=advisor.pk).is_active, advisor.mandates.get().ends_on) == (True, timezone.localdate())
    again = client.post(reverse("accounts_staff:mandate_revoke", args=[mandate.pk]))
    assert again.status_code == 404


def test_the_home_of_the_direction_warns_of_who_leaves_soon(client, login_as, territory, carries):
    carries(duty(territory))
    soon = timezone.localdate() + timedelta(days=10)
    leaver = MandateFactory(user__name="Hugo", territory=territory, ends_on=soon).user
    MandateFactory(user__name="Inès", territory=territory)
    login_as(Role.MANAGER)
    shown = client.get(reverse("admin:index")).content.decode()
    assert ("Départs à préparer" in shown, "Hugo" in shown, "Inès" in shown) == (True, True, False)
    assert reverse("accounts_staff:account", args=[leaver.pk]) in shown
    login_as(Role.ADVISOR, territory)
    assert "Départs à préparer" not in client.get(reverse("admin:index")).content.decode()


def test_an_account_keeps_its_proved_address_when_it_closes(advisor, carries):
    EmailAddress.objects.create(user=advisor, email=advisor.email, verified=True, primary=True)
    close_account(user=advisor, today=TODAY)
    assert advisor.emailaddress_set.get().verified
