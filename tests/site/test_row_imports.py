"""Lists in a spreadsheet: tried row by row with the services of their app, then written whole or not at all."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts import services
from coopconnexion.accounts.models import Person, RowImport
from coopconnexion.kept_files import STALE
from members.models import Contract, ContractKind, Member
from premises.enums import GapStatus
from premises.models import MissingActivity
from tests.conftest import page
from tests.factories import CommuneFactory, TerritoryFactory, UserFactory

pytestmark = pytest.mark.django_db
MEMBERS, GAPS = reverse("site:row_import", args=["membres"]), reverse("site:row_import", args=["activites"])
HEADER = "Nom;Prénom;Courriel;Tél;Contrat;Début;Fin;Entreprise;Activité;Associé depuis;Remarque"
LUCIE = "Morel;Lucie;lucie@example.org;06 12 34 56 78;CAPE;01/09/2025;31/08/2026;La Fournée;boulangerie;;"
OMAR = "Haddad;Omar;;0612345679;CAPE;2025-10-01;30/09/2026;;;15/10/2025;ami de Lucie"
GAP_HEADER = "Commune;Secteur;Activité;Source;Constatée le;Éléments à l’appui"


@pytest.fixture
def territory():
    territory = TerritoryFactory(name="Béthune")
    territory.communes.add(CommuneFactory())
    return territory


@pytest.fixture
def advisor(territory):
    return UserFactory(advisor=True, territory=territory)


@pytest.fixture
def client(advisor):
    client = Client()
    client.force_login(advisor)
    return client


@pytest.fixture
def cape():
    told = {"label": "CAPE", "nature": "support", "max_months": 12, "max_renewals": 2, "retired_at": None}
    return ContractKind.objects.update_or_create(key="cape", defaults=told)[0]


def sheet(*lines, encoding="utf-8-sig", name="liste.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "\r\n".join(lines).encode(encoding))


def checked(client, address, *lines, **how) -> RowImport:
    response = client.post(address, {"file": sheet(*lines, **how)})
    assert response.status_code == 302, response.content.decode()
    return RowImport.objects.latest("pk")


def confirmed(client, row_import) -> str:
    url = reverse("site:row_import_check", args=[row_import.key, row_import.pk])
    assert client.post(url).url == url
    row_import.refresh_from_db()
    return page(client, url)


def counts(row_import) -> tuple:
    return tuple(row_import.counts[name] for name in ("new", "changed", "unchanged", "wrong"))


# --- members ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_members_are_tried_then_written_whole(client, cape, encoding):
    kept = checked(client, MEMBERS, HEADER, LUCIE, OMAR, encoding=encoding)
    assert (counts(kept), Member.objects.count(), Person.objects.count()) == ((2, 0, 0, 0), 0, 0)
    assert kept.counts["unknown_columns"] == ["Remarque"]
    assert "Rien n’est encore écrit" in page(client, reverse("site:row_import_check", args=["membres", kept.pk]))

    assert "Import fait" in confirmed(client, kept)

    lucie, omar = Member.objects.order_by("pk")
    assert (str(lucie), lucie.person.phone.as_e164, str(lucie.territory)) == ("Lucie Morel", "+33612345678", "Béthune")
    assert (lucie.contracts.get().ends_on, lucie.businesses.get().name) == (date(2026, 9, 1), "La Fournée")
    assert (omar.associated_on, omar.person.email) == (date(2025, 10, 15), "")
    assert not kept.file


def test_the_same_list_again_changes_nothing_and_a_fuller_one_completes(client, cape):
    confirmed(client, checked(client, MEMBERS, HEADER, LUCIE))
    assert counts(checked(client, MEMBERS, HEADER, LUCIE)) == (0, 0, 1, 0)
    more = LUCIE.replace("01/09/2025;31/08/2026", "01/09/2026;31/08/2027").replace(";;", ";10/09/2025;")
    kept = checked(client, MEMBERS, HEADER, more)
    assert counts(kept) == (0, 1, 0, 0)
    shown = page(client, reverse("site:row_import_check", args=["membres", kept.pk]))
    assert ("Contrat" in shown, "10/09/2025" in shown) == (True, True)
    confirmed(client, kept)
    assert (Member.objects.count(), Contract.objects.count()) == (1, 2)


def test_a_member_is_found_by_reference_with_the_same_name(client, cape):
    confirmed(client, checked(client, MEMBERS, HEADER, LUCIE))
    reference = Member.objects.get().reference
    row = f"{reference};Morel;Lucie;CAPE;01/09/2026;31/08/2027"
    header = "Référence;Nom;Prénom;Contrat;Du;Au"
    assert counts(checked(client, MEMBERS, header, row)) == (0, 1, 0, 0)
    kept = checked(client, MEMBERS, header, row.replace("Morel", "Durand"))
    assert "Lucie Morel" in kept.errors[0]["message"]
    assert kept.errors[0]["column"] == "colonne A (Référence)"


WRONG = [
    ("Morel;Lucie;pas-une-adresse;;;;;;;;", "E-mail", "adresse"),
    ("Morel;Lucie;;;;;;;;;", "E-mail", "pour joindre"),
    ("Morel;Lucie;;12;;;;;;;", "Téléphone", "06 12"),
    (";Lucie;l@example.org;;;;;;;;", "Nom", "vide"),
    ("Morel;Lucie;l@example.org;;Freelance;01/09/2025;;;;;", "Contrat", "CAPE"),
    ("Morel;Lucie;l@example.org;;CAPE;;;;;;", "Début", "premier jour"),
    ("Morel;Lucie;l@example.org;;CAPE;01/09/2025;31/10/2026;;;;", "", "12"),
    ("Morel;Lucie;l@example.org;;CAPE;32/09/2025;;;;;", "Début", "date"),
    ("Morel;Lucie;l@example.org;;CAPE;01/09/1900;;;;;", "Début", "plausible"),
    ("Morel;Lucie;l@example.org;;CAPE;01/09/2025;31/08/2026;La Fournée;;;", "Activité", "activité"),
    ("Morel;Lucie;l@example.org;;;;;;;01/01/2026;", "Associé", "contrat"),
    ("=1+1;Lucie;l@example.org;;;;;;;;", "Nom", "formule"),
]


@pytest.mark.parametrize(("row", "column", "words"), WRONG)
def test_a_wrong_row_is_named_and_nothing_of_the_file_is_written(client, cape, row, column, words):
    kept = checked(client, MEMBERS, HEADER, OMAR, row)
    assert counts(kept) == (1, 0, 0, 1)
    (error,) = kept.errors
    assert error["row"] == 3
    assert column in error["column"]
    assert words in error["message"]
    assert "Importer cette liste" not in page(client, reverse("site:row_import_check", args=["membres", kept.pk]))
    confirmed(client, kept)
    assert not Member.objects.exists()


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (sheet("Couleur;Forme", "rouge;ronde"), "en-têtes"),
        (sheet("Nom;Courriel", "Morel;l@example.org"), "Prénom"),
        (sheet(HEADER), "aucune ligne"),
        (sheet("", name="liste.csv"), "vide"),
        (sheet(HEADER, LUCIE, name="liste.exe"), "accepté"),
        (sheet(HEADER, *[LUCIE] * 501), "lignes"),
    ],
)
def test_a_file_that_is_no_list_is_refused(client, cape, file, words):
    response = client.post(MEMBERS, {"file": file})
    assert (response.status_code, words in response.content.decode()) == (422, True)
    assert not RowImport.objects.exists()


def test_a_member_of_elsewhere_is_left_alone(client, cape, territory):
    other = Client()
    other.force_login(UserFactory(advisor=True, territory=TerritoryFactory(name="Lens")))
    confirmed(other, checked(other, MEMBERS, HEADER, LUCIE))
    kept = checked(client, MEMBERS, HEADER, LUCIE)
    assert "autre territoire" in kept.errors[0]["message"]


def test_a_row_that_is_no_longer_good_stops_the_whole_import(client, cape):
    kept = checked(client, MEMBERS, HEADER, LUCIE)
    cape.retired_at = timezone.now()
    cape.save()
    shown = confirmed(client, kept)
    assert "une ligne n’est plus bonne" in shown
    assert not Member.objects.exists()


def test_two_clicks_import_once_and_what_is_given_up_is_not_imported(client, cape):
    kept = checked(client, MEMBERS, HEADER, LUCIE)
    confirmed(client, kept)
    confirmed(client, kept)
    assert Member.objects.count() == 1
    assert "déjà fait" in page(client, client.post(discard(kept)).url)
    other = checked(client, MEMBERS, HEADER, OMAR)
    assert client.post(discard(other)).url == MEMBERS
    assert "abandonné" in confirmed(client, other)
    assert Member.objects.count() == 1


def discard(row_import) -> str:
    return reverse("site:row_import_discard", args=[row_import.key, row_import.pk])


def test_who_does_not_work_brings_nothing_and_nobody_reads_anothers(client, cape, territory):
    kept = checked(client, MEMBERS, HEADER, LUCIE)
    reader, colleague = Client(), Client()
    reader.force_login(UserFactory(reader=True, territory=territory))
    colleague.force_login(UserFactory(advisor=True, territory=territory))
    assert reader.get(MEMBERS).status_code == 403
    assert colleague.get(reverse("site:row_import_check", args=["membres", kept.pk])).status_code == 404
    assert colleague.post(discard(kept)).status_code == 404
    assert client.get(reverse("site:row_import_check", args=["activites", kept.pk])).status_code == 404
    assert client.get("/gestion/imports/inconnue/").status_code == 404


def test_what_waits_too_long_is_given_up(client, cape):
    kept = checked(client, MEMBERS, HEADER, LUCIE)
    services.discard_stale_rows(at=kept.uploaded_at + STALE)
    kept.refresh_from_db()
    assert kept.discarded_at is None
    services.discard_stale_rows(at=kept.uploaded_at + STALE + timedelta(seconds=1))
    kept.refresh_from_db()
    assert (kept.discarded_at is None, kept.file.name) == (False, "")


def test_the_file_to_fill_in_is_read_again(client, cape):
    response = client.get(reverse("site:row_import_example", args=["membres"]))
    empty = SimpleUploadedFile("membres.xlsx", b"".join(response.streaming_content))
    assert "aucune ligne" in client.post(MEMBERS, {"file": empty}).content.decode()


# --- missing activities ----------------------------------------------------------------------------------------------


def test_missing_activities_are_noted_then_completed(client, territory):
    town = territory.communes.get()
    row = f"{town};Centre;Poissonnerie;enquête auprès des habitants;12/05/2026;"
    kept = checked(client, GAPS, GAP_HEADER, row)
    assert (counts(kept), MissingActivity.objects.count()) == ((1, 0, 0, 0), 0)
    confirmed(client, kept)
    gap = MissingActivity.objects.get()
    assert (gap.label, gap.sector, gap.source, gap.status) == ("Poissonnerie", "Centre", "survey", GapStatus.SUSPECTED)
    assert gap.review_on == date(2027, 5, 12)

    assert counts(checked(client, GAPS, GAP_HEADER, row)) == (0, 0, 1, 0)
    kept = checked(client, GAPS, GAP_HEADER, row.replace("12/05/2026;", "12/05/2026;212 réponses"))
    assert counts(kept) == (0, 1, 0, 0)
    assert "212 réponses" in page(client, reverse("site:row_import_check", args=["activites", kept.pk]))
    confirmed(client, kept)
    gap.refresh_from_db()
    assert gap.evidence == "212 réponses"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("Nulle-Part;;Poissonnerie;étude;12/05/2026;", "n’est pas connue"),
        ("Lens;;Poissonnerie;étude;12/05/2026;", "aucun territoire"),
        ("{town};;Poissonnerie;rumeur;12/05/2026;", "Source inconnue"),
        ("{town};;Poissonnerie;étude;12/05/2090;", "à venir"),
        ("{town};;;étude;12/05/2026;", "vide"),
    ],
)
def test_a_wrong_missing_activity_is_named(client, territory, row, words):
    CommuneFactory(insee_code="62498", name="Lens", postal_codes=["62300"])
    kept = checked(client, GAPS, GAP_HEADER, row.format(town=territory.communes.get()))
    assert counts(kept) == (0, 0, 0, 1)
    assert words in kept.errors[0]["message"]
