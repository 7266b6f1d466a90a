"""Imports of units from one time to the next: what a source remembers, who goes first, what stops, what dies."""

from datetime import date, timedelta
from threading import Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from premises.models import Unit, UnitImport, UnitReference
from premises.services import imports
from premises.services.imports import add_unit_source, apply_asked, apply_units, check_asked, check_units, resume_units
from tests.premises.test_import_files import AT, LOCOMVAC, SURVEY, check, counts, receive, write

pytestmark = pytest.mark.django_db

LIST = "Local no;Où;Nom\nA1;3 rue d’Arras;Chez Rose\nA2;5 rue d’Arras;Chez Lise\n".encode()
READ = {0: "reference", 1: "address", 2: "sign_name"}
LATE = timedelta(minutes=11)


def source_of(territory, name="Relevé"):
    return add_unit_source(territory=territory, name=name)


def prepared(territory, content=LIST, name="a.csv", **told):
    """Return a list of two units whose names of columns nobody knows, with how to read it."""
    kept = receive(name, told.pop("source", None) or source_of(territory), content)
    commune = territory.communes.get().pk
    return kept, {"columns": READ, "commune": commune, "surveyed_on": date(2026, 6, 1)} | told


def test_a_source_remembers_how_its_columns_are_read(bethune):
    kept, told = prepared(bethune)
    assert kept.mapping["columns"] == {}
    assert counts(check(kept, **told)) == {"new": 2}
    again = receive("b.csv", kept.source, LIST)
    assert again.mapping["columns"] == {"0": "reference", "1": "address", "2": "sign_name"}
    assert again.mapping["commune"] == told["commune"]


def test_another_source_remembers_nothing_of_it(bethune):
    kept, told = prepared(bethune)
    check(kept, **told)
    assert receive("a.csv", source_of(bethune, "Autre"), LIST).mapping["columns"] == {}


def test_the_same_survey_again_changes_nothing(paris):
    source = source_of(paris)
    told = {"surveyed_on": date(2025, 9, 1)}
    write(check(receive(SURVEY, source), **told))
    histories = Unit.history.rel.related_model.objects.count()
    again = check(receive(SURVEY, source), **told)
    assert counts(again) == {"unchanged": 160}
    write(again)
    assert (Unit.objects.count(), UnitReference.objects.count()) == (160, 160)
    assert Unit.history.rel.related_model.objects.count() == histories


def test_titles_groups_and_totals_are_passed_over(bethune):
    lines = [
        "Relevé du centre;;",
        ";;",
        "Référence;Adresse;Enseigne",
        "RUE D’ARRAS;;",
        "A1;3 rue d’Arras;Chez Rose",
        ";;",
        "A2;5 rue d’Arras;Total Access",
        "TOTAL;2;",
    ]
    kept = receive("a.csv", source_of(bethune), "\n".join(lines).encode())
    assert kept.header_row == 3
    check(kept, surveyed_on=date(2026, 6, 1), commune=bethune.communes.get().pk)
    assert counts(kept) == {"new": 2}
    assert kept.counts["passed"] == {"empty": 1, "group": 1, "total": 1}


def test_metres_of_lambert_93_become_degrees(bethune):
    content = "Référence;Adresse;X;Y\nA1;3 rue d’Arras;674700,0;7048000,0\n".encode()
    kept = receive("a.csv", source_of(bethune), content)
    write(check(kept, surveyed_on=date(2026, 6, 1), commune=bethune.communes.get().pk))
    unit = Unit.objects.get()
    assert (round(unit.latitude, 1), round(unit.longitude, 1)) == (50.5, 2.6)


@pytest.mark.parametrize(
    ("line", "row", "words"),
    [
        ("A2;5 rue d’Arras;Chez Lise;douze;trois", 3, "cellules"),
        ("A1;5 rue d’Arras;Chez Lise", 3, "même référence que la ligne 2"),
    ],
)
def test_a_broken_line_is_told_by_its_number_and_nothing_is_written(bethune, line, row, words):
    content = f"Référence;Adresse;Enseigne\nA1;3 rue d’Arras;Chez Rose\n{line}\n".encode()
    kept = receive("a.csv", source_of(bethune), content)
    check(kept, surveyed_on=date(2026, 6, 1), commune=bethune.communes.get().pk)
    assert [(each["row"], words in each["message"]) for each in kept.errors] == [(row, True)]
    with pytest.raises(ValidationError) as refusal:
        apply_asked(unit_import=kept, by=kept.uploaded_by)
    assert refusal.value.code == "import_has_errors"
    assert not Unit.objects.exists()


def test_a_file_that_is_not_of_this_territory_is_refused_as_a_whole(paris):
    kept = check(receive(LOCOMVAC, source_of(paris)))
    assert (kept.state, "BETHUNE" in kept.refusal) == ("failed", True)


def test_a_task_run_twice_works_once(bethune):
    kept, told = prepared(bethune)
    write(check(kept, **told))
    check_units(unit_import_id=kept.pk, at=AT)
    apply_units(unit_import_id=kept.pk, at=AT)
    kept.refresh_from_db()
    assert (kept.state, Unit.objects.count()) == ("applied", 2)


def test_a_worker_that_dies_is_replaced_once_then_the_file_is_refused(bethune):
    kept, told = prepared(bethune)
    check_asked(unit_import=kept, **told)
    now = AT
    for _ in range(imports.ATTEMPTS):
        assert imports.claim(kept.pk, "checking", now)
        assert imports.claim(kept.pk, "checking", now) is None
        now += LATE
        resume_units(at=now)
    kept.refresh_from_db()
    assert (kept.state, "arrêté deux fois" in kept.refusal) == ("failed", True)


def test_a_worker_that_dies_once_leaves_the_next_one_the_whole_file(bethune):
    kept, told = prepared(bethune)
    check(kept, **told)
    apply_asked(unit_import=kept, by=kept.uploaded_by)
    assert imports.claim(kept.pk, "applying", AT)
    resume_units(at=AT + LATE)
    apply_units(unit_import_id=kept.pk, at=AT + LATE)
    kept.refresh_from_db()
    assert (kept.state, Unit.objects.count()) == ("applied", 2)


def test_a_file_given_up_during_its_check_stays_given_up(bethune):
    kept, told = prepared(bethune)
    check_asked(unit_import=kept, **told)
    imports.discard_units(unit_import=kept, at=AT)
    check_units(unit_import_id=kept.pk, at=AT)
    kept.refresh_from_db()
    assert (kept.state, bool(kept.file)) == ("discarded", False)


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_the_same_units_at_once_write_them_once(bethune):
    asked = []
    for name in ("Relevé", "Autre relevé"):
        kept, told = prepared(bethune, source=source_of(bethune, name))
        check(kept, **told)
        apply_asked(unit_import=kept, by=kept.uploaded_by)
        asked.append(kept.pk)

    def work(pk):
        try:
            apply_units(unit_import_id=pk, at=AT)
        finally:
            connection.close()

    workers = [Thread(target=work, args=[pk]) for pk in asked]
    for each in workers:
        each.start()
    for each in workers:
        each.join()

    assert set(UnitImport.objects.values_list("state", "refusal")) == {("applied", "")}
    assert (Unit.objects.count(), UnitReference.objects.count()) == (2, 4)
