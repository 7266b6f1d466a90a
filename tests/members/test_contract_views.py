from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.enums import Role
from members.models import Amendment, Contract, Departure, Member
from members.services import record_departure, sign_contract
from tests.factories import MemberFactory, PersonFactory, TerritoryFactory, UserFactory
from tests.members.reference import exit_reason, kind

pytestmark = pytest.mark.django_db

START = date(2024, 3, 1)


@pytest.fixture
def territory():
    return TerritoryFactory()


@pytest.fixture
def advisor(login_as, territory):
    return login_as(Role.ADVISOR, territory)


@pytest.fixture
def member(territory):
    kind("cesa")
    return MemberFactory(territory=territory, person=PersonFactory(first_name="Aïcha", last_name="Benali"))


def cape(member, **values) -> Contract:
    dates = {"starts_on": START, "ends_on": date(2025, 3, 1)} | values
    return sign_contract(member=member, kind=kind("cape"), **dates)


def page(name, row) -> str:
    return reverse(f"members_staff:{name}", args=[row.pk])


def errors(response) -> dict[str, list[str]]:
    return {name: [error.code for error in found] for name, found in response.context["form"].errors.as_data().items()}


def to_sign(**values) -> dict:
    typed = {"kind": kind("cape").pk, "starts_on": "2024-03-01", "ends_on": "2025-02-28", "signed_on": "2024-02-20"}
    return typed | values


# --- signing ---------------------------------------------------------------------------------------------------------


def test_a_contract_is_signed_by_its_last_day(client, advisor, member):
    response = client.post(page("contract_sign", member), to_sign(contribution_rate="10", objective_amount=""))
    contract = member.contracts.get()
    assert (response.status_code, response.url) == (302, page("member", member))
    assert (contract.ends_on, contract.terms.get().contribution_rate) == (date(2025, 3, 1), Decimal(10))
    shown = client.get(page("member", member)).content.decode()
    assert "vendredi 28\u00a0février 2025" in shown


@pytest.mark.parametrize(
    ("typed", "refused"),
    [
        pytest.param({"starts_on": "1900-03-01"}, {"starts_on": ["date_implausible"]}, id="a date in 1900"),
        pytest.param({"starts_on": "31/02/2024"}, {"starts_on": ["invalid"]}, id="a date that does not exist"),
        pytest.param({"ends_on": "2024-02-01"}, {"ends_on": ["period_empty"]}, id="ends before it starts"),
        pytest.param({"ends_on": "2025-03-31"}, {"ends_on": ["contract_too_long"]}, id="a CAPE of 13 months"),
        pytest.param({"ends_on": "9999-12-31"}, {"ends_on": ["invalid"]}, id="beyond the calendar"),
        pytest.param({"ends_on": ""}, {"ends_on": ["end_missing"]}, id="a CAPE without an end"),
        pytest.param({"kind": "999999"}, {"kind": ["invalid_choice"]}, id="a kind that does not exist"),
        pytest.param({"weekly_hours": "99"}, {"weekly_hours": ["max_value"]}, id="99 hours a week"),
    ],
)
def test_what_is_not_possible_is_said_at_its_field_and_nothing_is_written(client, advisor, member, typed, refused):
    response = client.post(page("contract_sign", member), to_sign(**typed))
    assert (response.status_code, errors(response), member.contracts.count()) == (422, refused, 0)


def test_an_overlap_is_said_with_the_other_contract(client, advisor, member):
    cape(member)
    response = client.post(page("contract_sign", member), to_sign(starts_on="2025-02-01", ends_on="2025-06-30"))
    assert (response.status_code, errors(response)) == (422, {"starts_on": ["contract_overlap"]})
    assert "du vendredi 1er\u00a0mars 2024" in response.content.decode()


def three_capes(member) -> Contract:
    cape(member, ends_on=date(2024, 6, 1))
    cape(member, starts_on=date(2024, 6, 1), ends_on=date(2024, 9, 1))
    return cape(member, starts_on=date(2024, 9, 1), ends_on=date(2025, 1, 1))


def test_a_fourth_cape_is_refused_with_the_reason(client, advisor, member):
    last = three_capes(member)
    response = client.post(page("contract_sign", member), to_sign(starts_on="2025-01-01", ends_on="2025-03-31"))
    assert (response.status_code, errors(response)) == (422, {"kind": ["too_many_renewals"]})
    shown = client.get(page("contract_renew", last)).content.decode()
    assert "Les renouvellements permis sont utilisés" in shown
    response = client.post(page("contract_renew", last), {"starts_on": "2025-01-01", "ends_on": "2025-03-31"})
    assert (response.status_code, member.contracts.count()) == (422, 3)
    assert "ne se renouvelle que 2 fois" in response.content.decode()


# --- renewing, amending, terms, ending --------------------------------------------------------------------------------


def test_a_renewal_proposes_the_longest_that_the_law_allows(client, advisor, member):
    contract = cape(member)
    response = client.get(page("contract_renew", contract))
    initial = response.context["form"].initial
    assert (initial["starts_on"], initial["ends_on"]) == (date(2025, 3, 1), date(2026, 3, 1))
    assert "2\u00a0renouvellements possibles" in response.content.decode()
    assert 'value="2026-02-28"' in response.content.decode()
    client.post(page("contract_renew", contract), {"starts_on": "2025-03-01", "ends_on": "2026-02-28"})
    assert list(member.contracts.order_by("starts_on").values_list("renewal_rank", flat=True)) == [0, 1]


def test_a_renewal_of_thirteen_months_is_refused_at_its_field(client, advisor, member):
    response = client.post(page("contract_renew", cape(member)), {"starts_on": "2025-03-01", "ends_on": "2026-03-31"})
    assert (response.status_code, errors(response)) == (422, {"ends_on": ["contract_too_long"]})


def test_a_contract_without_an_end_is_not_renewed(client, advisor, member):
    contract = sign_contract(member=member, kind=kind("cesa"), starts_on=START)
    assert "Ce contrat n’a pas de fin" in client.get(page("contract_renew", contract)).content.decode()


def test_an_amendment_changes_what_it_says(client, advisor, member):
    contract = cape(member)
    typed = {"subject": "terms", "effective_on": "2024-06-01", "text": "Hausse", "contribution_rate": "12"}
    assert client.post(page("contract_amend", contract), typed).status_code == 302
    refused = client.post(page("contract_amend", contract), typed | {"effective_on": "2023-06-01"})
    assert (errors(refused), Amendment.objects.count()) == ({"effective_on": ["amendment_outside"]}, 1)


def test_terms_are_dated(client, advisor, member):
    contract = cape(member)
    client.post(page("contract_terms", contract), {"starts_on": "2024-03-01", "contribution_rate": "10"})
    response = client.post(page("contract_terms", contract), {"starts_on": "2026-03-01", "contribution_rate": "12"})
    assert (errors(response), contract.terms.count()) == ({"starts_on": ["terms_outside"]}, 1)
    assert client.get(page("contract_terms", contract)).context["form"].initial["contribution_rate"] == 10


def test_a_contract_ends_early_for_a_reason(client, advisor, member):
    contract = cape(member)
    refused = client.post(page("contract_end", contract), {"ends_on": "2025-02-28", "because": "Emploi"})
    assert errors(refused) == {"ends_on": ["not_earlier"]}
    client.post(page("contract_end", contract), {"ends_on": "2024-08-31", "because": "Emploi"})
    contract.refresh_from_db()
    assert contract.ends_on == date(2024, 9, 1)


# --- correcting ------------------------------------------------------------------------------------------------------


def correction(client, row, name="contract_correct", **typed) -> dict:
    """What the page of correction shows, with what is typed over it."""
    form = client.get(page(name, row)).context["form"]
    shown = {field.html_name: field.value() for field in form}
    return {name: "" if value is None else value for name, value in shown.items()} | typed


def test_a_contract_typed_wrong_is_corrected(client, advisor, member):
    contract = cape(member)
    response = client.post(page("contract_correct", contract), correction(client, contract, ends_on="2024-12-31"))
    contract.refresh_from_db()
    assert (response.status_code, contract.ends_on) == (302, date(2025, 1, 1))


def test_the_second_to_correct_is_told_what_the_first_saved(client, advisor, member):
    contract = cape(member)
    typed = correction(client, contract, ends_on="2024-12-31")
    Contract.objects.filter(pk=contract.pk).update(ends_on=date(2024, 11, 1))
    response = client.post(page("contract_correct", contract), typed)
    contract.refresh_from_db()
    assert (response.status_code, contract.ends_on) == (422, date(2024, 11, 1))
    assert "Modifié entre-temps" in response.content.decode()


def test_a_contract_typed_by_mistake_is_removed(client, advisor, member):
    contract = cape(member)
    client.post(page("contract_correct", contract), correction(client, contract, remove="1"))
    assert not member.contracts.exists()


# --- association -----------------------------------------------------------------------------------------------------


def test_association_is_noted_corrected_and_taken_back(client, advisor, member):
    sign_contract(member=member, kind=kind("cesa"), starts_on=START)
    assert "À associer au plus tard" in client.get(page("member_associate", member)).content.decode()
    typed = {"associated_on": "2025-03-01", "share_count": "2", "share_amount": "100"}
    client.post(page("member_associate", member), typed)
    member.refresh_from_db()
    assert (member.associated_on, member.share_count) == (date(2025, 3, 1), 2)
    client.post(page("member_associate", member), {**typed, "remove": "1"})
    member.refresh_from_db()
    assert member.associated_on is None


def test_the_second_to_note_an_association_is_told_what_the_first_saved(client, advisor, member):
    sign_contract(member=member, kind=kind("cesa"), starts_on=START)
    typed = correction(client, member, "member_associate", associated_on="2025-03-01")
    Member.objects.filter(pk=member.pk).update(associated_on=date(2025, 2, 1), share_count=3)
    response = client.post(page("member_associate", member), typed)
    member.refresh_from_db()
    assert (response.status_code, member.associated_on, member.share_count) == (422, date(2025, 2, 1), 3)
    assert "Modifié entre-temps" in response.content.decode()


def test_an_association_to_come_or_too_early_is_refused(client, advisor, member):
    sign_contract(member=member, kind=kind("cesa"), starts_on=START)
    tomorrow = timezone.localdate() + timedelta(days=1)
    response = client.post(page("member_associate", member), {"associated_on": tomorrow.isoformat()})
    assert errors(response) == {"associated_on": ["associated_in_future"]}
    response = client.post(page("member_associate", member), {"associated_on": "2023-01-01"})
    assert errors(response) == {"associated_on": ["associated_too_early"]}


# --- leaving and coming back -----------------------------------------------------------------------------------------


def test_a_departure_is_shown_before_it_is_noted(client, advisor, member):
    cape(member)
    typed = {"left_on": "2024-08-31", "reason": exit_reason().pk, "note": ""}
    shown = client.post(page("member_depart", member), typed)
    assert (shown.status_code, Departure.objects.count()) == (200, 0)
    assert "prévu jusqu’au vendredi 28\u00a0février 2025" in shown.content.decode()
    back = client.post(page("member_depart", member), typed | {"edit": "1"})
    assert 'value="2024-08-31"' in back.content.decode()
    client.post(page("member_depart", member), typed | {"confirmed": "1"})
    assert (Departure.objects.get().left_on, member.contracts.get().ends_on) == (date(2024, 9, 1), date(2024, 9, 1))
    assert "Noter un retour" in client.get(page("member", member)).content.decode()


def test_an_impossible_departure_is_refused_at_once(client, advisor, member):
    cape(member)
    response = client.post(page("member_depart", member), {"left_on": "2024-01-31", "reason": exit_reason().pk})
    assert (response.status_code, errors(response)) == (422, {"left_on": ["contract_after_departure"]})


def departed(member) -> Departure:
    return record_departure(member=member, left_on=date(2025, 3, 1), reason=exit_reason(), by=None, at=timezone.now())


def test_a_return_and_a_correction_are_noted(client, advisor, member):
    departure = departed(member)
    typed = {"left_on": "2025-01-31", "reason": exit_reason("Autre").pk}
    client.post(page("departure_correct", departure), typed)
    departure.refresh_from_db()
    assert departure.left_on == date(2025, 2, 1)
    assert client.get(page("member_return", member)).status_code == 200
    refused = client.post(page("member_return", member), {"returned_on": "2025-01-01"})
    assert errors(refused) == {"returned_on": ["period_empty"]}
    client.post(page("member_return", member), {"returned_on": "2025-06-01"})
    assert list(Member.objects.present()) == [member]


def test_the_second_to_correct_a_departure_is_told_what_the_first_saved(client, advisor, member):
    departure = departed(member)
    typed = correction(client, departure, "departure_correct", left_on="2025-01-31")
    Departure.objects.filter(pk=departure.pk).update(note="Part vivre à Arras")
    response = client.post(page("departure_correct", departure), typed)
    departure.refresh_from_db()
    assert (response.status_code, departure.left_on, departure.note) == (422, date(2025, 3, 1), "Part vivre à Arras")
    assert "Modifié entre-temps" in response.content.decode()


def test_members_are_handed_over_in_bulk(client, advisor, member, territory):
    colleague = UserFactory(advisor=True, territory=territory, name="Nadia")
    other = MemberFactory(territory=TerritoryFactory())
    url = reverse("members_staff:member_hand_over")
    assert "Aïcha Benali" in client.get(url).content.decode()
    refused = client.post(url, {"members": [other.pk], "to": colleague.pk})
    assert errors(refused) == {"members": ["invalid_choice"]}
    client.post(url, {"members": [member.pk], "to": colleague.pk})
    member.refresh_from_db()
    assert member.advisor == colleague
    assert "Aïcha Benali" in client.get(url, {"de": colleague.pk}).content.decode()
    assert client.get(url, {"de": "٣"}).status_code == 200


def test_a_reader_changes_nothing(territory, member):
    client, contract = Client(), cape(member)
    client.force_login(UserFactory(reader=True, territory=territory))
    assert client.post(page("contract_end", contract), {"ends_on": "2024-08-31", "because": "x"}).status_code == 403
    assert "Renouveler" not in client.get(page("member", member)).content.decode()
