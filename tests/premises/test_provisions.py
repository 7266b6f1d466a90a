"""A city lends a unit to the coop: under an agreement of its territory, to one at a time, with its document."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from coopconnexion.accounts.enums import Role
from premises import services
from premises.models import Provision, UnitDocument
from tests.conftest import count_queries, page
from tests.factories import PartnershipFactory, UnitFactory, UserFactory, VenueFactory
from tests.members.test_contracts_races import at_once

pytestmark = pytest.mark.django_db

AT = datetime(2026, 6, 15, 8, tzinfo=UTC)


@pytest.fixture
def unit():
    return UnitFactory()


@pytest.fixture
def by(unit):
    return UserFactory(advisor=True, territory=unit.territory)


@pytest.fixture
def partnership(unit):
    return PartnershipFactory(territory=unit.territory)


def lend(unit, partnership, by, **told) -> Provision:
    told = {"starts_on": date(2026, 1, 1)} | told
    return services.lend_unit(unit=unit, partnership=partnership, by=by, at=AT, **told)


def code_of(act) -> str:
    with pytest.raises(ValidationError) as refusal:
        act()
    if hasattr(refusal.value, "error_dict"):
        return next(iter(refusal.value.error_dict.values()))[0].code
    return refusal.value.code


def test_a_unit_is_lent_with_the_document_that_says_so(unit, partnership, by):
    upload = SimpleUploadedFile("convention.pdf", b"%PDF-1.7", content_type="application/pdf")
    provision = lend(unit, partnership, by, upload=upload)
    assert (provision.unit, provision.ends_on) == (unit, None)
    assert UnitDocument.objects.get().title == "Mise à disposition, Convention"


def test_an_agreement_of_another_territory_is_refused(unit, by):
    assert code_of(lambda: lend(unit, PartnershipFactory(), by)) == "partnership_elsewhere"


def test_a_unit_is_lent_once_at_a_time(unit, partnership, by):
    lend(unit, partnership, by, ends_on=date(2026, 7, 1))
    assert code_of(lambda: lend(unit, partnership, by, starts_on=date(2026, 6, 30))) == "provision_overlap"
    assert lend(unit, partnership, by, starts_on=date(2026, 7, 1)).pk


def test_what_was_noted_is_corrected_and_what_cannot_be_is_refused(unit, partnership, by):
    provision = lend(unit, partnership, by)
    told = {"provision": provision, "partnership": partnership, "by": by, "at": AT}
    services.change_provision(**told, starts_on=date(2025, 1, 1), ends_on=date(2027, 1, 1))
    provision.refresh_from_db()
    assert (provision.starts_on, provision.ends_on) == (date(2025, 1, 1), date(2027, 1, 1))
    empty = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 1, 1)}
    assert code_of(lambda: services.change_provision(**told, **empty)) == "period_empty"


def test_a_provision_ends_and_is_not_lengthened_by_it(unit, partnership, by):
    provision = services.end_provision(provision=lend(unit, partnership, by), ends_on=date(2026, 7, 1))
    assert provision.ends_on == date(2026, 7, 1)
    later = {"provision": provision, "ends_on": date(2026, 7, 2)}
    assert code_of(lambda: services.end_provision(**later)) == "not_sooner"


def test_nothing_is_lent_where_there_is_no_unit_any_more_nor_ended_twice_removed(unit, partnership, by):
    provision = lend(unit, partnership, by)
    Provision.objects.all().delete()
    assert code_of(lambda: services.end_provision(provision=provision, ends_on=date(2026, 7, 1))) == "provision_gone"
    services.close_unit(unit=unit, on=date(2026, 6, 1), because="demolished", by=by, at=AT)
    assert code_of(lambda: lend(unit, partnership, by)) == "unit_closed"


@pytest.mark.django_db(transaction=True)
def test_of_several_who_lend_at_once_one_does(unit, partnership, by):
    found = at_once(lambda: lend(unit, partnership, by).unit_id)
    assert (found.count("provision_overlap"), Provision.objects.count()) == (5, 1)


# --- the pages -------------------------------------------------------------------------------------------------------


@pytest.fixture
def advisor(login_as, unit):
    return login_as(Role.ADVISOR, unit.territory)


def address(name, *args):
    return reverse(f"premises_staff:{name}", args=args)


def send(client, name, pk, **typed):
    form = client.get(address(name, pk)).context["form"]
    shown = {key: form.get_initial_for_field(each, key) for key, each in form.fields.items()}
    typed = {key: value for key, value in {**shown, **typed}.items() if value is not None}
    return client.post(address(name, pk), typed)


def test_staff_note_correct_and_end_what_a_city_lends(client, advisor, unit, partnership):
    upload = SimpleUploadedFile("convention.pdf", b"%PDF-1.7", content_type="application/pdf")
    told = {"partnership": partnership.pk, "starts_on": "2026-01-01", "upload": upload}
    assert send(client, "provision_add", unit.pk, **told).status_code == 302
    provision = Provision.objects.get()
    assert UnitDocument.objects.get().filename == "convention.pdf"
    corrected = {"partnership": partnership.pk, "ends_on": "2027-12-31"}
    assert send(client, "provision_change", provision.pk, **corrected).status_code == 302
    assert Provision.objects.get().ends_on == date(2028, 1, 1)
    assert send(client, "provision_end", provision.pk, ends_on="2026-12-31").status_code == 302
    assert Provision.objects.get().ends_on == date(2027, 1, 1)
    content = page(client, address("provision_list"))
    assert ("Convention" in content, "31\u00a0décembre 2026" in content) == (True, True)
    assert "jusqu’au 31\u00a0décembre 2026" in page(client, address("unit", unit.pk))


def test_what_is_refused_keeps_what_was_typed(client, advisor, unit, partnership, by):
    lend(unit, partnership, by)
    answer = send(client, "provision_add", unit.pk, partnership=partnership.pk, starts_on="2026-05-01")
    content = answer.content.decode()
    found = (answer.status_code, "déjà mise à disposition" in content, 'value="2026-05-01"' in content)
    assert (found, Provision.objects.count()) == ((422, True, True), 1)


def test_agreements_of_elsewhere_are_no_choice_and_their_units_a_404(client, advisor, unit):
    elsewhere = PartnershipFactory(title="Ailleurs")
    foreign = Provision.objects.create(
        unit=UnitFactory(territory=elsewhere.territory), partnership=elsewhere, starts_on=date(2026, 1, 1)
    )
    assert "Ailleurs" not in page(client, address("provision_add", unit.pk)) + page(client, address("provision_list"))
    assert client.get(address("provision_change", foreign.pk)).status_code == 404


def test_a_venue_is_listed_without_actions_and_a_reader_has_none(client, login_as, unit, partnership, by):
    venue = VenueFactory(territory=unit.territory)
    Provision.objects.create(venue=venue, partnership=partnership, starts_on=date(2026, 1, 1))
    login_as(Role.ADVISOR, unit.territory)
    content = page(client, address("provision_list"))
    assert ("La Fabrique" in content, "Corriger" in content) == (True, False)
    provision = lend(unit, partnership, by)
    assert "Corriger" in page(client, address("provision_list"))
    login_as(Role.READER, unit.territory)
    assert "Corriger" not in page(client, address("provision_list"))
    assert client.get(address("provision_end", provision.pk)).status_code == 403


def test_the_list_says_when_it_is_empty_and_takes_the_same_queries_however_many(client, advisor, unit, by):
    assert "Aucune mise à disposition" in page(client, address("provision_list"))
    counts = []
    for number in (1, 2):
        for _ in range(number):
            lend(UnitFactory(territory=unit.territory), PartnershipFactory(territory=unit.territory), by)
        counts.append(count_queries(client, address("provision_list")))
    assert counts[0] == counts[1]
