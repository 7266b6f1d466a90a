import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.enums import OrganisationKind, Role
from members.models import Contract, ContractKind, DocumentKind, ExitReason
from tests.factories import ContractFactory, MemberFactory, OrganisationFactory, TerritoryFactory
from tests.members.reference import kind

pytestmark = pytest.mark.django_db


def change_list(model) -> str:
    return reverse(f"admin:members_{model._meta.model_name}_changelist")


def test_a_contract_is_read_in_the_admin_and_leads_to_its_member(client, login_as):
    login_as(Role.MANAGER)
    contract = ContractFactory()
    url = reverse("admin:members_contract_change", args=[contract.pk])
    assert reverse("members_staff:member", args=[contract.member_id]) in client.get(url).content.decode()
    assert client.post(url, {"starts_on": "2020-01-01"}).status_code == 403
    assert admin.site.get_model_admin(Contract).last_day(contract) == "28 février 2025"


@pytest.mark.parametrize("make", [lambda: kind("cape"), lambda: ExitReason.objects.create(label="X", kind="other")])
def test_a_value_of_a_list_is_retired_and_offered_again(client, login_as, make):
    login_as(Role.MANAGER)
    row = make()
    for action, is_retired in (("retire", True), ("offer_again", False)):
        client.post(change_list(type(row)), {"action": action, "_selected_action": [row.pk]})
        row.refresh_from_db()
        assert (row.retired_at is not None) == is_retired


def test_an_advisor_does_not_change_the_lists(client, login_as):
    login_as(Role.ADVISOR, TerritoryFactory())
    row = DocumentKind.objects.create(label="Permis")
    client.post(change_list(DocumentKind), {"action": "retire", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert row.retired_at is None


def test_a_kind_that_was_used_is_not_deleted(client, login_as):
    login_as(Role.MANAGER)
    used = ContractFactory().kind
    client.post(reverse("admin:members_contractkind_delete", args=[used.pk]), {"post": "yes"})
    assert ContractKind.objects.filter(pk=used.pk).exists()


def test_a_retired_kind_stays_on_what_it_was_given_to_and_leaves_the_forms(client, login_as):
    login_as(Role.MANAGER)
    contract = ContractFactory(kind__retired_at=timezone.now(), kind__label="Convention d’autrefois")
    signing = client.get(reverse("members_staff:contract_sign", args=[contract.member_id]))
    assert contract.kind not in signing.context["form"].fields["kind"].queryset
    correcting = client.get(reverse("members_staff:contract_correct", args=[contract.pk]))
    assert contract.kind in correcting.context["form"].fields["kind"].queryset
    page = client.get(reverse("members_staff:member", args=[contract.member_id])).content.decode()
    assert "Convention d’autrefois" in page


def test_a_new_reason_is_added_by_the_direction(client, login_as):
    login_as(Role.MANAGER)
    client.post(reverse("admin:members_exitreason_add"), {"label": "Retraite", "kind": "other", "position": "9"})
    assert ExitReason.objects.filter(label="Retraite", retired_at=None).exists()


def test_a_retired_referrer_stays_where_it_is_noted_and_leaves_the_forms(client, login_as):
    login_as(Role.MANAGER)
    retired = OrganisationFactory(kind=OrganisationKind.REFERRER, name="Mission d’autrefois")
    member = MemberFactory(referrer=retired)
    client.post(
        reverse("admin:accounts_organisation_changelist"), {"action": "retire", "_selected_action": [retired.pk]}
    )
    other = client.get(reverse("members_staff:member_change", args=[MemberFactory().pk]))
    assert retired not in other.context["form"].fields["referrer"].queryset
    noted = client.get(reverse("members_staff:member_change", args=[member.pk]))
    assert retired in noted.context["form"].fields["referrer"].queryset
