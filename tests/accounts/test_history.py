"""The histories are forgotten in time, and what is still true never is."""

from datetime import UTC, datetime, timedelta

import pghistory
import pytest
from pghistory.models import Context

from coopconnexion.accounts.models import Person
from coopconnexion.accounts.services import forget_history
from coopconnexion.accounts.tasks import forget_history as nightly
from coopconnexion.backoffice import history_page
from projects.models import ClosingReason, Project
from tests.factories import PersonFactory, ProjectFactory, ThemeFactory, UserFactory

pytestmark = pytest.mark.django_db

AT = datetime(2027, 6, 1, 3, tzinfo=UTC)
PERSON_PAST = Person.history.rel.related_model
REASON_PAST = ClosingReason.history.rel.related_model


def aged(model, *days: int) -> None:
    """Say that the versions of ``model``, oldest first, are so many days old."""
    for key, age in zip(model.objects.order_by("pgh_id").values_list("pk", flat=True), days, strict=True):
        model.objects.filter(pk=key).update(pgh_created_at=AT - timedelta(days=age))


def names(model=PERSON_PAST) -> list[str]:
    return list(model.objects.order_by("pgh_id").values_list("last_name", flat=True))


def renamed(first: str, *others: str) -> Person:
    person = PersonFactory(last_name=first)
    for name in others:
        Person.objects.filter(pk=person.pk).update(last_name=name)
    return person


def test_what_a_person_was_called_is_forgotten_after_a_year():
    renamed("Aîné", "Bel", "Cor", "Dû")
    aged(PERSON_PAST, 900, 500, 380, 10)
    assert (forget_history(at=AT), names()) == (2, ["Cor", "Dû"])


def test_what_is_still_true_is_never_forgotten():
    person = renamed("Aîné", "Bel")
    aged(PERSON_PAST, 3000, 2000)
    forget_history(at=AT)
    assert (names(), len(history_page(person, None).object_list)) == (["Bel"], 1)


def test_who_was_deleted_a_year_ago_leaves_no_version():
    renamed("Aîné").delete()
    renamed("Bel").delete()
    aged(PERSON_PAST, 900, 400, 900, 300)
    forget_history(at=AT)
    assert names() == ["Bel", "Bel"]  # it stood within the year


def test_what_is_about_the_house_is_kept_five_years():
    REASON_PAST.objects.all().delete()
    reason = ClosingReason.objects.create(kind="refused", label="Trop loin")
    for label in ("Hors du territoire", "Ailleurs"):
        ClosingReason.objects.filter(pk=reason.pk).update(label=label)
    aged(REASON_PAST, 2500, 1900, 1000)
    forget_history(at=AT)
    assert list(REASON_PAST.objects.order_by("pgh_id").values_list("label", flat=True)) == [
        "Hors du territoire",
        "Ailleurs",
    ]


def test_the_themes_a_project_had_are_forgotten_and_those_it_has_stay():
    project = ProjectFactory()
    project.themes.add(ThemeFactory())
    past = Project.themes.through.link_history
    past.objects.update(pgh_created_at=AT - timedelta(days=400))
    forget_history(at=AT)
    assert (past.objects.count(), project.themes.count()) == (0, 1)


def test_how_long_is_a_setting(settings):
    settings.HISTORY_DAYS = 30
    renamed("Aîné", "Bel")
    aged(PERSON_PAST, 60, 40)
    forget_history(at=AT)
    assert names() == ["Bel"]


def test_who_did_what_is_forgotten_with_it_and_not_before():
    user = UserFactory()
    with pghistory.context(user=user.pk):
        person = renamed("Aîné")
    with pghistory.context(user=user.pk):
        Person.objects.filter(pk=person.pk).update(last_name="Bel")
    aged(PERSON_PAST, 900, 800)
    Context.objects.update(created_at=AT - timedelta(days=800))
    forget_history(at=AT)
    assert list(Context.objects.values_list("pk", flat=True)) == [PERSON_PAST.objects.get().pgh_context_id]


def test_every_night_nothing_recent_is_lost():
    renamed("Aîné", "Bel")
    nightly()
    assert names() == ["Aîné", "Bel"]
