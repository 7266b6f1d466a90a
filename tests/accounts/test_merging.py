"""Two rows that are one human: everything moves, nothing is lost, or nothing changes and it says what to do first."""

from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.urls import reverse

from coopconnexion.accounts import personal_data
from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.models import Affiliation, NotDouble, Person, PersonMerge
from coopconnexion.accounts.services import erase_person, merge_people, tell_apart
from coopconnexion.backoffice import history_page
from permanences.models import Booking, WaitingListEntry
from projects.models import CandidateProfile
from tests.factories import (
    BookingFactory,
    ContractFactory,
    MandateFactory,
    MemberFactory,
    MessageFactory,
    OrganisationFactory,
    PermanenceFactory,
    PersonFactory,
    PersonLinkFactory,
    ProjectFactory,
    SlotFactory,
    SlotOfferFactory,
    TerritoryFactory,
    UserFactory,
    WaitingListEntryFactory,
)

pytestmark = pytest.mark.django_db

AT = datetime(2027, 6, 1, 8, tzinfo=UTC)


@pytest.fixture
def kept():
    return PersonFactory(first_name="Zoé", last_name="Lefèvre", email="zoe@example.org", phone="")


@pytest.fixture
def gone():
    return PersonFactory(
        first_name="Zoe", last_name="Lefevre", email="z.lefevre@example.org", phone="+33612345678", created_at=AT
    )


def merge(kept, gone, **chosen):
    return merge_people(kept=kept, gone=gone, chosen=chosen, by=UserFactory(advisor=True), at=AT)


def refusal_of(kept, gone, **chosen) -> str:
    before = rows_by_table()
    with pytest.raises(ValidationError) as refusal:
        merge(kept, gone, **chosen)
    assert rows_by_table() | {"accounts_user": 0} == before | {"accounts_user": 0}
    return refusal.value.code


def rows_by_table() -> dict[str, int]:
    counts = {}
    for entry in personal_data.entries():
        if entry.person and entry.model is not Person:
            counts[entry.model._meta.db_table] = entry.model._base_manager.count()
    return counts


# --- the register ----------------------------------------------------------------------------------------------------


def test_every_relation_to_a_person_has_a_rule_for_a_merge():
    rules = {entry.model: entry for entry in personal_data.entries()}
    forgotten = [
        f"{model._meta.label}.{name}"
        for model, name in personal_data.relations_to_people()
        if model not in rules or not (callable(rules[model].merge) or rules[model].column == name)
    ]
    assert forgotten == [], f"Say what a merge does, in personal_data.py: {', '.join(forgotten)}"


def test_what_two_rows_may_not_both_have_is_settled_by_a_function():
    unsettled = []
    for entry in personal_data.entries():
        if entry.column is None or callable(entry.merge):
            continue
        field = entry.model._meta.get_field(entry.column)
        held = [each for each in entry.model._meta.total_unique_constraints if field.name in each.fields]
        held += [each for each in entry.model._meta.constraints if field.name in getattr(each, "fields", ())]
        if field.unique or held:
            unsettled.append(entry.model._meta.label)
    assert unsettled == []


# --- what moves ------------------------------------------------------------------------------------------------------


def everything_about(person) -> None:
    project = ProjectFactory(holder=person)
    BookingFactory(person=person, project=project)
    WaitingListEntryFactory(person=person, project=project)
    MessageFactory(person=person)
    PersonLinkFactory(person=person)
    MemberFactory(person=person)
    CandidateProfile.objects.create(person=person)
    Affiliation.objects.create(person=person, organisation=OrganisationFactory(), title="gérante")
    tell_apart(one=person, other=PersonFactory(), by=UserFactory(), at=AT)
    merge(person, PersonFactory())


def test_all_that_was_held_about_the_one_is_held_about_the_other(kept, gone):
    everything_about(gone)
    held, rows = personal_data.held_counts(gone), rows_by_table()
    merge(kept, gone)
    assert personal_data.held_counts(kept) == held | {"réunions de fiches": 2}
    assert rows_by_table() == rows | {"accounts_personmerge": rows["accounts_personmerge"] + 1}
    assert not Person.objects.filter(pk=gone.pk).exists()


def test_nothing_of_a_third_person_moves(kept, gone):
    other = BookingFactory(person=PersonFactory(email=gone.email))
    merge(kept, gone)
    other.refresh_from_db()
    assert (other.person_id == kept.pk, Person.objects.filter(pk=other.person_id).exists()) == (False, True)


def test_each_field_is_the_one_chosen(kept, gone):
    merge(kept, gone, first_name="Zoé", last_name="Lefevre", email=gone.email, phone=gone.phone)
    kept.refresh_from_db()
    assert (str(kept), kept.email, kept.phone, kept.created_at < AT) == (
        "Zoé Lefevre",
        gone.email,
        gone.phone,
        True,
    )


def test_the_merge_says_what_the_row_held_who_merged_and_when(kept, gone):
    by, gone_pk = UserFactory(advisor=True), gone.pk
    merge_people(kept=kept, gone=gone, chosen={}, by=by, at=AT)
    noted = PersonMerge.objects.get()
    assert (noted.kept, noted.gone_pk, noted.merged_by, noted.merged_at, noted.former) == (
        kept,
        gone_pk,
        by,
        AT,
        {
            "prénom": "Zoe",
            "nom": "Lefevre",
            "courriel": "z.lefevre@example.org",
            "téléphone": "06 12 34 56 78",
            "commune": None,
            "connue depuis": "2027-06-01T10:00:00+02:00",
        },
    )


def test_the_history_of_the_row_that_is_gone_can_still_be_read(kept, gone):
    Person.objects.filter(pk=gone.pk).update(first_name="Zoë")
    gone_pk = gone.pk
    merge(kept, gone)
    acts = [version.act for version in history_page(Person(pk=gone_pk), None).object_list]
    assert acts == ["suppression", "modification", "création"]


def test_a_person_merged_twice_leads_to_the_last_one_kept(kept, gone):
    last = PersonFactory()
    merge(kept, gone)
    merge(last, kept)
    assert set(PersonMerge.objects.values_list("kept", flat=True)) == {last.pk}


def test_who_is_erased_after_a_merge_is_nowhere_in_the_history(kept, gone):
    Affiliation.objects.create(person=kept, organisation=(shop := OrganisationFactory()), title="gérante")
    Affiliation.objects.create(person=gone, organisation=shop, title="fleuriste")
    merge(kept, gone)
    erase_person(person=kept, at=AT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(h::text, ' ') FROM accounts_personhistory h")
        people = cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM accounts_affiliationhistory")
        affiliations = cursor.fetchone()[0]
    words = ("Zoé", "Zoe", "Lefevre", "lefevre@", "612345678")
    assert ([word for word in words if word in people], affiliations, PersonMerge.objects.get().former) == ([], 0, {})


# --- what both have --------------------------------------------------------------------------------------------------


def two_bookings(kept, gone, held_on, **traits):
    permanence = PermanenceFactory(held_on=held_on)
    one = BookingFactory(person=kept, slot=SlotFactory(permanence=permanence))
    other = BookingFactory(person=gone, slot=SlotFactory(permanence=permanence), **traits)
    return one, other


def test_two_appointments_to_come_at_one_permanence_are_for_staff_to_choose(kept, gone):
    two_bookings(kept, gone, date(2027, 6, 3))
    assert refusal_of(kept, gone) == "two_bookings"


def test_of_two_appointments_that_are_over_the_one_that_was_noted_stays(kept, gone):
    one, other = two_bookings(kept, gone, date(2027, 5, 6), attended=True)
    merge(kept, gone)
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.is_standing, other.is_standing, one.person, other.person) == (False, True, kept, kept)
    assert one.cancel_reason.startswith("Doublon")


def test_two_presences_noted_at_one_permanence_are_for_staff_to_choose(kept, gone):
    one, _ = two_bookings(kept, gone, date(2027, 5, 6), attended=True)
    Booking.objects.filter(pk=one.pk).update(outcome="attended", outcome_at=AT)
    assert refusal_of(kept, gone) == "two_outcomes"


def test_two_appointments_of_which_one_is_cancelled_both_move(kept, gone):
    two_bookings(kept, gone, date(2027, 6, 3), cancelled=True)
    merge(kept, gone)
    assert kept.bookings.count() == 2


def two_places(kept, gone):
    permanence = PermanenceFactory(held_on=date(2027, 6, 3))
    return [
        WaitingListEntryFactory(person=person, permanence=permanence, joined_at=AT - timedelta(days=days))
        for person, days in ((kept, 1), (gone, 2))
    ]


def test_who_waited_twice_keeps_the_first_place(kept, gone):
    two_places(kept, gone)
    merge(kept, gone)
    waiting = WaitingListEntry.objects.waiting().get()
    assert (waiting.person, waiting.joined_at) == (kept, AT - timedelta(days=2))


def test_who_waited_twice_keeps_the_place_that_has_an_offer(kept, gone):
    later, _ = two_places(kept, gone)
    SlotOfferFactory(entry=later)
    merge(kept, gone)
    assert WaitingListEntry.objects.waiting().get() == later


def test_two_offers_are_answered_first(kept, gone):
    for entry in two_places(kept, gone):
        SlotOfferFactory(entry=entry)
    assert refusal_of(kept, gone) == "two_offers"


def test_two_files_of_a_member_become_one(kept, gone):
    member = MemberFactory(person=kept)
    contract = ContractFactory(member__person=gone)
    merge(kept, gone)
    contract.refresh_from_db()
    assert contract.member == member


def test_two_profiles_become_the_latest(kept, gone):
    CandidateProfile.objects.create(person=kept, told_on=date(2026, 1, 1), in_priority_district=True)
    CandidateProfile.objects.create(person=gone, told_on=date(2027, 1, 1))
    merge(kept, gone)
    profile = CandidateProfile.objects.get()
    assert (profile.person, profile.told_on, profile.in_priority_district) == (kept, date(2027, 1, 1), True)


def test_two_titles_in_one_organisation_are_both_kept(kept, gone):
    shop = OrganisationFactory()
    for person, title in ((kept, "gérante"), (gone, "fleuriste")):
        Affiliation.objects.create(person=person, organisation=shop, title=title)
    merge(kept, gone)
    assert kept.affiliations.get().title == "gérante, fleuriste"


def test_two_titles_too_long_to_stand_together_are_shortened_first(kept, gone):
    shop = OrganisationFactory()
    for person, letter in ((kept, "a"), (gone, "b")):
        Affiliation.objects.create(person=person, organisation=shop, title=letter * 60)
    assert refusal_of(kept, gone) == "titles_too_long"


def test_an_account_linked_to_both_stays_linked_once(kept, gone):
    user = UserFactory()
    for person in (kept, gone):
        PersonLinkFactory(user=user, person=person)
    merge(kept, gone)
    assert kept.user_links.get().user == user


def test_who_was_told_apart_from_the_one_is_told_apart_from_the_other(kept, gone):
    third, by = PersonFactory(), UserFactory()
    for one, other in ((kept, gone), (gone, third), (kept, third)):
        tell_apart(one=one, other=other, by=by, at=AT)
    merge(kept, gone)
    pair = NotDouble.objects.get()
    assert (pair.first, pair.second) == (kept, third)


# --- refusals --------------------------------------------------------------------------------------------------------


def test_a_person_is_not_merged_with_themselves(kept):
    assert refusal_of(kept, kept) == "same_person"
    with pytest.raises(ValidationError, match="la même fiche"):
        tell_apart(one=kept, other=kept, by=UserFactory(), at=AT)


def test_a_row_that_is_gone_already_is_not_merged_again(kept, gone):
    stale = Person(pk=gone.pk)
    merge(kept, gone)
    assert refusal_of(kept, stale) == "already_merged"


@pytest.mark.parametrize("chosen", [{"first_name": "Zorro"}, {"pk": 1}, {"email": "z@example.org"}])
def test_what_neither_row_says_is_not_chosen(chosen, kept, gone):
    assert refusal_of(kept, gone, **chosen) == "not_a_choice"


def test_a_model_that_nobody_moves_stops_the_merge(kept, gone, monkeypatch):
    ProjectFactory(holder=gone)
    monkeypatch.setattr(personal_data, "entries", list)
    assert refusal_of(kept, gone) == "not_whole"
    assert Person.objects.filter(pk=gone.pk).exists()


def test_telling_apart_twice_is_harmless(kept, gone):
    for one, other in ((gone, kept), (kept, gone)):
        tell_apart(one=one, other=other, by=UserFactory(), at=AT)
    assert NotDouble.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_colleagues_merge_the_same_two_rows_at_once(kept, gone):
    BookingFactory(person=gone)
    by, start, outcomes = UserFactory(advisor=True), Barrier(2), []

    def run(one, other):
        start.wait()
        try:
            merge_people(kept=one, gone=other, chosen={}, by=by, at=AT)
            outcomes.append("done")
        except ValidationError as refusal:
            outcomes.append(refusal.code)
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=pair) for pair in ((kept, gone), (gone, kept))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["already_merged", "done"]
    assert (Person.objects.count(), Person.objects.get().bookings.count(), PersonMerge.objects.count()) == (1, 1, 1)


# --- what another territory knows -----------------------------------------------------------------------------------


@pytest.mark.parametrize("known", ["kept", "gone"])
def test_an_advisor_does_not_merge_whom_another_territory_knows_too(kept, gone, known, request):
    own, elsewhere = TerritoryFactory(), TerritoryFactory()
    for person in (kept, gone):
        ProjectFactory(holder=person, territory=own)
    ProjectFactory(holder=request.getfixturevalue(known), territory=elsewhere)
    advisor = UserFactory(advisor=True, territory=own)
    MandateFactory(user=advisor, role=Role.READER, territory=elsewhere)
    with pytest.raises(ValidationError, match="demandez à la direction") as refusal:
        merge_people(kept=kept, gone=gone, chosen={}, by=advisor, at=AT)
    assert (refusal.value.code, Person.objects.count()) == ("known_elsewhere", 2)


@pytest.mark.parametrize("is_manager", [True, False])
def test_the_direction_or_who_advises_in_both_merges_them(kept, gone, is_manager):
    own, elsewhere = TerritoryFactory(), TerritoryFactory()
    ProjectFactory(holder=kept, territory=own)
    ProjectFactory(holder=gone, territory=elsewhere)
    by = UserFactory(manager=True) if is_manager else UserFactory(advisor=True, territory=own)
    if not is_manager:
        MandateFactory(user=by, role=Role.ADVISOR, territory=elsewhere)
    merge_people(kept=kept, gone=gone, chosen={}, by=by, at=AT)
    assert kept.projects.count() == 2


def test_the_screen_that_refuses_keeps_what_was_chosen(client, login_as, kept, gone):
    own = TerritoryFactory()
    login_as(Role.ADVISOR, own)
    for person in (kept, gone):
        ProjectFactory(holder=person, territory=own)
    ProjectFactory(holder=gone)
    address = reverse("accounts_staff:person_merge", args=[kept.pk, gone.pk])
    version = client.get(address).context["form"]["version"].value()
    answer = client.post(address, {"version": version, "name": "gone", "email": "gone", "phone": "gone"})
    form = answer.context["form"]
    assert (answer.status_code, form["name"].value(), form["email"].value()) == (409, "gone", "gone")
    assert "connaît aussi Zoe Lefevre" in answer.content.decode()
