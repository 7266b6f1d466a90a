"""The inventory of missing activities: what is noted, what explains each state, what is refused."""

from datetime import UTC, date, datetime
from threading import Barrier, Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from premises import services
from premises.enums import GapSource, GapStatus
from premises.models import MissingActivity
from tests.factories import CommuneFactory, ProjectFactory, TerritoryFactory, UnitFactory, UserFactory

pytestmark = pytest.mark.django_db
AT = datetime(2026, 6, 15, 9, tzinfo=UTC)
TODAY = date(2026, 6, 15)


@pytest.fixture
def by(db):
    return UserFactory()


@pytest.fixture
def note(by):
    territory = TerritoryFactory()
    territory.communes.add(CommuneFactory())

    def make(**told) -> MissingActivity:
        base = {
            "territory": territory,
            "commune": territory.communes.get(),
            "label": " Épicerie ",
            "source": GapSource.ELECTED,
            "observed_on": TODAY,
        }
        return services.note_gap(by=by, at=AT, **base | told)

    return make


def code(refusal) -> str:
    error = refusal.value
    return (error.error_list[0] if hasattr(error, "error_list") else next(iter(error.error_dict.values()))[0]).code


def test_a_gap_is_noted_as_suspected_and_looked_at_again_after_a_year(note, by):
    gap = note()
    assert (gap.label, gap.status, gap.review_on, gap.created_by) == (
        "Épicerie",
        GapStatus.SUSPECTED,
        date(2027, 6, 15),
        by,
    )


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({"label": " "}, "label_missing"),
        ({"observed_on": date(2026, 6, 16)}, "day_to_come"),
        ({"review_on": TODAY}, "review_too_early"),
    ],
)
def test_what_cannot_be_is_refused(note, told, found):
    with pytest.raises(ValidationError) as refusal:
        note(**told)
    assert (code(refusal), MissingActivity.objects.count()) == (found, 0)


def test_a_gap_stands_in_a_commune_of_its_territory(note):
    with pytest.raises(ValidationError) as refusal:
        note(commune=CommuneFactory(insee_code="62498", name="Lens"))
    assert code(refusal) == "commune_elsewhere"


def test_nothing_is_confirmed_without_evidence(note, by):
    gap = note()
    with pytest.raises(ValidationError) as refusal:
        services.move_gap(gap=gap, to=GapStatus.CONFIRMED, by=by, at=AT)
    assert code(refusal) == "evidence_missing"
    services.change_gap(gap=gap, evidence="Enquête de mai, 212 réponses", by=by, at=AT)
    assert services.move_gap(gap=gap, to=GapStatus.CONFIRMED, by=by, at=AT).status == GapStatus.CONFIRMED


def test_the_life_of_a_gap_says_at_each_step_why(note, by):
    gap, project = note(evidence="Étude"), ProjectFactory()
    services.move_gap(gap=gap, to=GapStatus.CONFIRMED, by=by, at=AT)
    services.move_gap(gap=gap, to=GapStatus.IN_PROGRESS, project=project, by=by, at=AT)
    filled = services.move_gap(gap=gap, to=GapStatus.FILLED, unit=UnitFactory(), filled_on=TODAY, by=by, at=AT)
    assert (filled.project, filled.filled_on) == (project, TODAY)
    back = services.move_gap(gap=gap, to=GapStatus.CONFIRMED, note="Fermée en mai", by=by, at=AT)
    assert (back.project, back.unit, back.filled_on) == (None, None, None)
    states = MissingActivity.history.rel.related_model.objects.order_by("pgh_id").values_list("status", flat=True)
    assert list(states) == ["suspected", "confirmed", "in_progress", "filled", "confirmed"]


@pytest.mark.parametrize(
    ("to", "given", "found"),
    [
        (GapStatus.FILLED, {"filled_on": TODAY, "note": "Ouverte"}, "step_illegal"),
        (GapStatus.IN_PROGRESS, {"note": "Un projet"}, "step_illegal"),
        (GapStatus.DISMISSED, {}, "status_unexplained"),
    ],
)
def test_a_suspected_gap_is_first_confirmed_or_dismissed_with_a_word(note, by, to, given, found):
    gap = note(evidence="Étude")
    with pytest.raises(ValidationError) as refusal:
        services.move_gap(gap=gap, to=to, by=by, at=AT, **given)
    gap.refresh_from_db()
    assert (code(refusal), gap.status) == (found, GapStatus.SUSPECTED)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"note": "Ouverte"}, "filled_incomplete"),
        ({"filled_on": TODAY}, "status_unexplained"),
        ({"filled_on": date(2026, 6, 16), "note": "Ouverte"}, "day_to_come"),
    ],
)
def test_a_filled_gap_has_a_date_and_what_filled_it(note, by, given, found):
    gap = note(evidence="Étude")
    services.move_gap(gap=gap, to=GapStatus.CONFIRMED, by=by, at=AT)
    with pytest.raises(ValidationError) as refusal:
        services.move_gap(gap=gap, to=GapStatus.FILLED, by=by, at=AT, **given)
    assert code(refusal) == found


def test_only_what_is_confirmed_and_looked_at_lately_is_published(note, by):
    gap = note(evidence="Étude")
    assert list(MissingActivity.objects.published(TODAY)) == []
    services.move_gap(gap=gap, to=GapStatus.CONFIRMED, by=by, at=AT)
    assert list(MissingActivity.objects.published(TODAY)) == [gap]
    late = date(2027, 6, 15)
    assert (list(MissingActivity.objects.published(late)), list(MissingActivity.objects.stale(late))) == ([], [gap])
    services.review_gap(gap=gap, by=by, at=datetime(2027, 6, 15, 9, tzinfo=UTC))
    assert list(MissingActivity.objects.published(late)) == [gap]


def test_what_is_over_is_not_looked_at_again(note, by):
    gap = note()
    services.move_gap(gap=gap, to=GapStatus.DISMISSED, note="Un marché y suffit", by=by, at=AT)
    with pytest.raises(ValidationError) as refusal:
        services.review_gap(gap=gap, by=by, at=AT)
    assert code(refusal) == "gap_over"


def test_a_review_is_put_off_into_the_future(note, by):
    with pytest.raises(ValidationError) as refusal:
        services.review_gap(gap=note(), review_on=TODAY, by=by, at=AT)
    assert code(refusal) == "review_past"


@pytest.mark.django_db(transaction=True)
def test_four_clicks_at_once_note_one_gap():
    territory = TerritoryFactory()
    territory.communes.add(CommuneFactory())
    user, start, answers = UserFactory(), Barrier(4), []

    def click():
        start.wait()
        told = {"label": "Mercerie", "source": GapSource.STUDY, "observed_on": date(2026, 5, 1)}
        try:
            services.note_gap(territory=territory, commune=territory.communes.get(), by=user, at=AT, **told)
            answers.append("noted")
        except ValidationError as refusal:
            answers.append(refusal.error_dict["label"][0].code)
        finally:
            connection.close()

    threads = [Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sorted(answers), MissingActivity.objects.count()) == (["gap_exists"] * 3 + ["noted"], 1)
