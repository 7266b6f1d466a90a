"""The pages of the inventory and of the comparison: access, refusals, exports, what stood on a past day."""

import csv
import io
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.models import PreparedExport
from coopconnexion.accounts.services.exports import write_export
from coopconnexion.territories.models import Commune
from coopconnexion.territories.services import load_reference_data
from premises import services
from premises.enums import CountKind, GapSource, GapStatus
from premises.models import MissingActivity, ReferenceGroup
from tests.conftest import count_queries, page
from tests.factories import CommuneFactory, MandateFactory, ProjectFactory, TerritoryFactory, UserFactory

FILES = Path(__file__).parent / "files"
LIST, ADD = "gaps_staff:gap_list", "gaps_staff:gap_add"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(time_machine):
    time_machine.move_to("2026-06-15 09:00", tick=False)


@pytest.fixture
def territory(db):
    territory = TerritoryFactory(name="Béthune")
    territory.communes.add(CommuneFactory())
    return territory


@pytest.fixture
def advisor(client, territory):
    user = UserFactory()
    MandateFactory(user=user, role=Role.ADVISOR, territory=territory)
    client.force_login(user)
    return user


@pytest.fixture
def note(territory, advisor):
    def make(label="Épicerie", **told) -> MissingActivity:
        base = {"source": GapSource.STUDY, "observed_on": date(2026, 6, 1), "evidence": "Étude"}
        return services.note_gap(
            territory=territory,
            commune=territory.communes.get(),
            label=label,
            by=advisor,
            at=timezone.now(),
            **base | told,
        )

    return make


def rows_of(response) -> list[list[str]]:
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content), delimiter=";"))


# --- inventory -------------------------------------------------------------------------------------------------------


def test_a_gap_is_noted_from_its_form(client, advisor, territory):
    typed = {
        "territory": territory.pk,
        "commune": "Béthune",
        "label": "Réparation de vélos",
        "source": "elected",
        "observed_on": "2026-06-10",
    }
    response = client.post(reverse(ADD), typed)
    gap = MissingActivity.objects.get()
    assert response.url == reverse("gaps_staff:gap", args=[gap.pk])
    assert (gap.label, gap.review_on, gap.created_by) == ("Réparation de vélos", date(2027, 6, 10), advisor)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"label": ""}, "Activité"),
        ({"observed_on": "2027-01-01"}, "à venir"),
        ({"commune": "Nulle part"}, "n’est pas connue"),
        ({"review_on": "2026-01-01"}, "après celle du constat"),
    ],
)
def test_a_refused_gap_keeps_what_was_typed(client, advisor, territory, change, words):
    typed = {
        "territory": territory.pk,
        "commune": "Béthune",
        "label": "Réparation de vélos",
        "source": "elected",
        "reason": "On me le dit souvent",
        "observed_on": "2026-06-10",
    }
    response = client.post(reverse(ADD), typed | change)
    content = response.content.decode()
    assert (response.status_code, words in content, "On me le dit souvent" in content) == (422, True, True)
    assert MissingActivity.objects.count() == 0


def test_the_list_takes_the_same_queries_for_one_gap_and_for_three(client, advisor, note):
    note()
    one = count_queries(client, reverse(LIST))
    note("Mercerie"), note("Cordonnerie")
    assert count_queries(client, reverse(LIST)) == one <= 9


def test_the_inventory_of_elsewhere_does_not_exist(client, advisor, note):
    other = note()
    MissingActivity.objects.filter(pk=other.pk).update(territory=TerritoryFactory())
    assert "Épicerie" not in page(client, reverse(LIST))
    for name in ("gap", "gap_change", "gap_move"):
        assert client.get(reverse(f"gaps_staff:{name}", args=[other.pk])).status_code == 404
    assert client.post(reverse("gaps_staff:gap_review", args=[other.pk])).status_code == 404


def test_a_reader_looks_and_changes_nothing(client, note, territory):
    gap = note()
    reader = UserFactory()
    MandateFactory(user=reader, role=Role.READER, territory=territory)
    client.force_login(reader)
    assert "Épicerie" in page(client, reverse(LIST))
    assert client.get(reverse("gaps_staff:gap", args=[gap.pk])).status_code == 200
    refused = [
        client.get(reverse(ADD)),
        client.post(reverse("gaps_staff:gap_move", args=[gap.pk]), {"to": "confirmed"}),
        client.post(reverse("gaps_staff:gap_change", args=[gap.pk]), {}),
        client.post(reverse("gaps_staff:gap_review", args=[gap.pk])),
    ]
    assert [response.status_code for response in refused] == [403] * 4


def test_a_gap_is_confirmed_followed_and_filled_from_its_page(client, note, territory):
    gap, project = note(), ProjectFactory(territory=territory, title="Le Bocal")
    move = reverse("gaps_staff:gap_move", args=[gap.pk])
    client.post(move, {"to": "confirmed"})
    refused = client.post(move, {"to": "in_progress"})
    assert (refused.status_code, "Dites ce qui explique" in refused.content.decode()) == (422, True)
    client.post(move, {"to": "in_progress", "project": project.pk})
    client.post(move, {"to": "filled", "filled_on": "2026-06-14"})
    gap.refresh_from_db()
    assert (gap.status, gap.project, gap.filled_on) == (GapStatus.FILLED, project, date(2026, 6, 14))
    content = client.get(reverse("gaps_staff:gap", args=[gap.pk])).content.decode()
    assert "Le Bocal" in content
    assert "14\u00a0juin 2026" in content


def test_the_second_to_correct_a_gap_is_told_what_the_first_wrote(client, note):
    gap = note()
    url = reverse("gaps_staff:gap_change", args=[gap.pk])
    form = client.get(url).context["form"]
    typed = {name: form[name].value() or "" for name in form.fields}
    typed |= {"observed_on": "2026-06-01", "review_on": "2027-06-01"}
    assert client.post(url, typed | {"reason": "Le premier"}).status_code == 302
    second = client.post(url, typed | {"reason": "Le second"})
    content = second.content.decode()
    assert (second.status_code, "Le premier" in content, "Le second" in content) == (409, True, True)


def test_what_nobody_looked_at_for_a_year_is_looked_at_in_one_click(client, note):
    gap = note(observed_on=date(2025, 6, 1))
    url = reverse("gaps_staff:gap", args=[gap.pk])
    assert "La date de révision est passée" in client.get(url).content.decode()
    assert [each.pk for each in client.get(reverse(LIST), {"a_revoir": "on"}).context["gaps"]] == [gap.pk]
    client.post(reverse("gaps_staff:gap_review", args=[gap.pk]))
    gap.refresh_from_db()
    assert gap.review_on == date(2027, 6, 15)


def written_at(moment):
    """Date what the history just noted: it goes by the clock of the database, which no test moves."""
    history = MissingActivity.history.rel.related_model.objects
    history.filter(pgh_created_at__gt=datetime(2026, 9, 1, tzinfo=UTC)).update(pgh_created_at=moment)


def test_the_inventory_is_exported_as_it_stood_on_a_past_day(client, advisor, note, time_machine):
    gap = note()
    written_at(datetime(2026, 6, 15, 9, tzinfo=UTC))
    time_machine.move_to("2026-07-01 09:00", tick=False)
    services.move_gap(gap=gap, to=GapStatus.CONFIRMED, by=advisor, at=timezone.now())
    note("Mercerie", observed_on=date(2026, 7, 1))
    written_at(datetime(2026, 7, 1, 9, tzinfo=UTC))
    time_machine.move_to("2026-08-01 09:00", tick=False)
    client.force_login(advisor)
    url = reverse("gaps_staff:gap_csv")
    assert [row[2] for row in rows_of(client.get(url))[1:]] == ["Mercerie", "Épicerie"]
    past = client.get(url, {"jour": "2026-06-30"})
    assert "2026-06-30" in past["Content-Disposition"]
    assert [(row[2], row[5]) for row in rows_of(past)[1:]] == [("Épicerie", "pressentie")]
    assert rows_of(client.get(url, {"jour": "2026-06-14"}))[1:] == []


@pytest.mark.parametrize("query", ["", "?jour=2026-06-15"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_long_inventory_of_today_or_of_a_past_day_is_written_by_a_worker(
    client, advisor, note, monkeypatch, time_machine, query, kind
):
    monkeypatch.setattr("coopconnexion.backoffice.exports.AT_ONCE", 1)
    gap = note()
    note("Mercerie")
    written_at(datetime(2026, 6, 15, 9, tzinfo=UTC))
    time_machine.move_to("2026-08-01 09:00", tick=False)
    client.force_login(advisor)
    url = reverse(f"gaps_staff:gap_{kind}") + query
    assert client.get(url).url == reverse("site:export_list")
    export = PreparedExport.objects.get()
    assert (export.path, export.rows) == (url, 2)
    write_export(export_id=export.pk, at=timezone.now())
    export.refresh_from_db()
    assert (export.refusal, bool(export.file)) == ("", True)
    PreparedExport.objects.all().delete()
    gap.delete()
    with closing(client.get(reverse(f"gaps_staff:gap_{kind}"))) as short:
        assert short.status_code == 200


@pytest.mark.parametrize("day", ["hier", "2026-02-31", "2999-01-01"])
def test_a_day_that_is_none_or_to_come_exports_today(client, note, day):
    note()
    response = client.get(reverse("gaps_staff:gap_csv"), {"jour": day})
    assert ("2026-06-15" in response["Content-Disposition"], len(rows_of(response))) == (True, 2)


# --- comparison ------------------------------------------------------------------------------------------------------


@pytest.fixture
def bpe(advisor):
    load_reference_data()
    with (FILES / "bpe2020_12_villes.csv").open("rb") as file:
        found = services.import_counts(
            file=file, filename="bpe.csv", kind=CountKind.BPE, vintage=2020, by=advisor, at=timezone.now()
        )
    group = ReferenceGroup.objects.create(name="Les onze")
    group.communes.set(Commune.objects.filter(pk__in=found.communes.values("commune")).exclude(pk="62119"))
    return found


COMPARISON = "gaps_staff:comparison"


def test_the_comparison_says_how_many_gaps_there_are_and_what_it_rests_on(client, bpe):
    group = ReferenceGroup.objects.get()
    content = client.get(reverse(COMPARISON), {"commune": "Béthune", "groupe": group.pk}).content.decode()
    told = ("3\u00a0écarts", "Lens", "BPE, 2020", "Licence Ouverte", "2023", "fragile", "écart à la référence")
    assert [words for words in told if words not in content] == []


def test_without_choice_the_users_town_is_compared_with_those_of_its_size(client, bpe):
    comparison = client.get(reverse(COMPARISON)).context["comparison"]
    assert (comparison.commune.pk, "62119" in [each.pk for each in comparison.group]) == ("62119", False)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"commune": "Laon"}, "Absente de"),
        ({"commune": "Nulle part"}, "n’est pas connue"),
        ({"jeu": "999999"}, "choix"),
        ({"groupe": "abc"}, "choix"),
    ],
)
def test_what_cannot_be_compared_is_said(client, bpe, asked, words):
    response = client.get(reverse(COMPARISON), {"commune": "Béthune"} | asked)
    assert (response.status_code, words in response.content.decode()) == (200, True)


def test_without_statistics_the_page_says_how_to_get_them(client, advisor):
    assert "import_counts" in page(client, reverse(COMPARISON))


def test_the_whole_comparison_is_exported_with_its_sources(client, bpe):
    rows = rows_of(client.get(reverse(COMPARISON), {"groupe": ReferenceGroup.objects.get().pk, "format": "csv"}))
    assert (len(rows), rows[1][1], rows[1][11], rows[1][14]) == (25, "B308", "absente", "BPE, 2020")


def test_a_line_is_brought_into_the_inventory_with_its_figures(client, bpe, territory):
    url = f"{reverse('gaps_staff:gap_from_comparison')}?groupe={ReferenceGroup.objects.get().pk}"
    response = client.post(url, {"code": "B202", "territory": territory.pk})
    gap = MissingActivity.objects.get()
    assert response.url == reverse("gaps_staff:gap", args=[gap.pk])
    assert (gap.label, gap.type_code, gap.source, gap.status) == ("Épicerie", "B202", "computed", "suspected")
    assert (gap.figures["attendus"], gap.figures["statistiques"], len(gap.figures["groupe"])) == (
        "11,8",
        "BPE, 2020",
        11,
    )
    content = client.get(response.url).content.decode()
    assert "tel qu’il a été calculé" in content
    again = client.post(url, {"code": "B202", "territory": territory.pk}, follow=True)
    assert "déjà à l’inventaire" in again.content.decode()


@pytest.mark.parametrize("typed", [{"code": "B999"}, {"code": "B202", "territory": "0"}, {}])
def test_a_forged_line_is_refused(client, bpe, territory, typed):
    response = client.post(reverse("gaps_staff:gap_from_comparison"), {"territory": territory.pk} | typed, follow=True)
    assert "n’est plus dans la comparaison" in response.content.decode()
    assert MissingActivity.objects.count() == 0


def test_the_direction_alone_retires_statistics(client, advisor, bpe):
    url = reverse("gaps_staff:count_retire", args=[bpe.pk])
    assert client.post(url).status_code == 403
    client.force_login(UserFactory(manager=True))
    client.post(url)
    bpe.refresh_from_db()
    assert bpe.retired_at is not None
    assert "retiré" in page(client, reverse("gaps_staff:count_list"))
