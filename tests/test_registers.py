"""The registers of the ground floor, filled by every app: nothing that holds personal data may be forgotten."""

import pytest
from django.apps import apps
from django.db.models import Model

from coopconnexion.accounts import personal_data
from coopconnexion.accounts.models import Person, User
from coopconnexion.partnerships import indicators

FRAMEWORK = {
    "accounts.User_groups": "Rights come from mandates: this table stays empty.",
    "accounts.User_user_permissions": "Rights come from mandates: this table stays empty.",
    "admin.LogEntry": "The admin keeps no log of its own: the triggers' history replaces it.",
    "pghistory.MiddlewareEvents": "A view over history tables that are registered with their model.",
}


def points_to(model: type[Model]) -> set[type[Model]]:
    own = [each for each in model._meta.get_fields() if each.concrete and each.is_relation and each.related_model]
    return {each.related_model for each in own}


def holders_of_personal_data() -> set[type[Model]]:
    """Every model that relates to a person or an account, or to what belongs to one, history tables included."""
    models = {model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy}
    found, owned = set(), {Person, User} | {entry.model for entry in personal_data.entries()}
    for model in models:
        if model in owned or points_to(model) & owned:
            found.add(model)
    return found


def test_every_model_that_holds_personal_data_is_in_the_register():
    registered = {entry.model for entry in personal_data.entries()}
    histories = {entry.history for entry in personal_data.entries()}
    missing = {model._meta.label for model in holders_of_personal_data() - registered - histories} - FRAMEWORK.keys()
    assert missing == set(), f"Add to their app's personal_data.py: {', '.join(sorted(missing))}"


def test_the_exemptions_still_name_models():
    assert [label for label in FRAMEWORK if label not in {m._meta.label for m in apps.get_models(True)}] == []


def test_every_entry_says_what_becomes_of_its_rows():
    silent = [entry.model._meta.label for entry in personal_data.entries() if entry.erase is None and not entry.kept]
    assert silent == []


@pytest.mark.django_db
def test_every_entry_can_be_asked_about_a_person_and_about_an_account():
    for entry in personal_data.entries():
        for subject in (Person(pk=0, email="x@example.org"), User(pk=0, email="x@example.org")):
            assert list(entry.rows_of(subject)) == []


def test_the_columns_to_erase_exist_in_the_table_and_in_its_history():
    unknown = []
    for entry in personal_data.entries():
        if entry.erase is not None and not isinstance(entry.erase, personal_data.Delete):
            tables = [entry.model] + ([entry.history] if entry.history else [])
            for table in tables:
                names = {each.name for each in table._meta.fields}
                unknown += [f"{table._meta.label}.{column}" for column in entry.erase if column not in names]
    assert unknown == []


def test_the_indicators_are_these():
    """Stored objectives and reports hold these keys: one may be added, none may go or change its meaning."""
    assert [indicator.key for indicator in indicators.every()] == [
        "events.attendances",
        "events.held",
        "events.links",
        "events.registrations",
        "members.active_contracts",
        "members.associated",
        "members.cape_signed",
        "members.cesa_signed",
        "members.exits",
        "members.present",
        "members.survival_12",
        "members.survival_24",
        "members.survival_36",
        "members.turnover",
        "permanences.attended",
        "permanences.bookings",
        "permanences.fill_rate",
        "permanences.lead_days",
        "permanences.no_show_rate",
        "permanences.unmet_demand",
        "premises.gaps_confirmed",
        "premises.gaps_filled",
        "premises.interests",
        "premises.lent",
        "premises.on_offer",
        "premises.surveyed",
        "premises.vacancy_ended",
        "premises.vacancy_rate",
        "premises.vacant",
        "projects.assessed",
        "projects.created",
        "projects.created_from_city",
        "projects.created_from_event",
        "projects.created_from_permanence",
        "projects.created_from_phone",
        "projects.created_from_referrer",
        "projects.created_from_unknown",
        "projects.created_from_web",
        "projects.days_to_assessment",
        "projects.integrated",
        "projects.integrated_businesses",
        "projects.profiles_answered",
        "projects.share_employed",
        "projects.share_job_seeker",
        "projects.share_minimum_income",
        "projects.share_other",
        "projects.share_priority_district",
        "projects.share_student",
        "projects.supported",
    ]
