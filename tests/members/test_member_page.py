"""The page of a member, what staff write on it, and who enters the coop without a project."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.models import Person
from members import services
from members.models import Business, ContractTerms, Departure, ExitReason, Member, OutcomeInquiry
from tests.conftest import count_queries, page
from tests.factories import (
    BusinessFactory,
    CommuneFactory,
    ContractFactory,
    MemberFactory,
    OrganisationFactory,
    PersonFactory,
    ProjectFactory,
    TerritoryFactory,
    ThemeFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

ADD = reverse("members_staff:member_add")


def url(name, *args):
    return reverse(f"members_staff:{name}", args=args)


@pytest.fixture
def territory():
    return TerritoryFactory(name="Béthune")


@pytest.fixture
def advisor(login_as, territory):
    return login_as(Role.ADVISOR, territory)


@pytest.fixture
def member(territory):
    person = {"first_name": "Zoé", "last_name": "Albert", "email": "zoe@exemple.org", "phone": "+33612345678"}
    return MemberFactory(territory=territory, person=PersonFactory(**person))


def business_of(*members, **fields):
    business = BusinessFactory(**{"name": "Le Fournil", "opened_on": date(2025, 1, 1)} | fields)
    business.members.add(*members)
    return business


def leaves(member, left_on=date(2025, 6, 1)):
    reason, _ = ExitReason.objects.get_or_create(label="Emploi trouvé", kind="job")
    return Departure.objects.create(member=member, left_on=left_on, reason=reason)


# --- what it shows ---------------------------------------------------------------------------------------------


def test_it_tells_who_somebody_is_and_what_they_carry(client, advisor, member):
    member.advisor, member.referrer = advisor, OrganisationFactory(name="Mission locale")
    member.save()
    contract = ContractFactory(member=member, starts_on=date(2025, 1, 1), ends_on=None, kind__label="CESA")
    ContractTerms.objects.create(contract=contract, starts_on=date(2025, 1, 1), contribution_rate=12)
    other = MemberFactory(territory=member.territory, person__first_name="Ada", person__last_name="Claes")
    business = business_of(member, other, commune=CommuneFactory(name="Lens"))
    business.themes.add(ThemeFactory(label="Circuits courts"))
    content = page(client, url("member", member.pk))
    for words in (
        'href="tel:+33612345678"',
        'href="mailto:zoe@exemple.org"',
        reverse("accounts_staff:person", args=[member.person_id]),
        "Orienté·e par Mission locale",
        "CESA",
        "Le Fournil",
        "Circuits courts",
        "Lens",
        "Avec Ada Claes",
        url("card_edit", business.pk),
        url("business_change", business.pk),
    ):
        assert words in content, words


def test_it_tells_departures_and_the_news_asked_after_them(client, advisor, member):
    departure = leaves(member)
    inquiry = OutcomeInquiry.objects.create(departure=departure, months=6, due_on=date(2025, 12, 1))
    content = page(client, url("member", member.pk))
    shown = ["Emploi trouvé" in content, "6 mois après" in content, url("inquiry_note", inquiry.pk) in content]
    assert shown == [True] * 3


def test_a_reader_reads_no_contacts_and_is_offered_nothing_to_write(client, login_as, territory, member):
    login_as(Role.READER, territory)
    business = business_of(member)
    content = page(client, url("member", member.pk))
    hidden = ["zoe@exemple.org", "+33612345678", url("business_add", member.pk), url("member_change", member.pk)]
    hidden += [url("card_edit", business.pk), url("business_change", business.pk)]
    assert ([words for words in hidden if words in content], "Le Fournil" in content) == ([], True)


def test_who_carries_a_business_from_elsewhere_is_counted_and_not_named(client, advisor, member):
    other = MemberFactory(person__first_name="Ada", person__last_name="Claes")
    business = business_of(member, other)
    content = page(client, url("member", member.pk))
    assert ("Claes" in content, other.reference in content) == (False, False)
    assert "1\u00a0personne d’un autre territoire y est aussi." in content
    assert url("business_leave", business.pk, member.pk) in content
    assert client.post(url("business_leave", business.pk, other.pk)).status_code == 404
    assert business.members.count() == 2


def test_it_takes_as_many_queries_for_a_long_life(client, advisor, member):
    def add(n):
        ContractFactory(member=member, starts_on=date(2020 + n, 1, 1), ends_on=date(2020 + n, 6, 1))
        business_of(member, MemberFactory(), name=f"N{n}").themes.add(ThemeFactory())

    add(0)
    once = count_queries(client, url("member", member.pk))
    for n in (1, 2, 3):
        add(n)
    assert count_queries(client, url("member", member.pk)) == once


# --- who may -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["member", "member_change", "business_add"])
def test_a_member_elsewhere_is_missing(name, client, advisor):
    assert client.get(url(name, MemberFactory().pk)).status_code == 404


@pytest.mark.parametrize("name", ["business_change", "business_close", "business_join"])
def test_a_business_elsewhere_is_missing(name, client, advisor):
    assert client.get(url(name, business_of(MemberFactory()).pk)).status_code == 404


def test_a_reader_writes_nothing(client, login_as, territory, member):
    login_as(Role.READER, territory)
    business = business_of(member)
    pages = [url("member_change", member.pk), url("business_add", member.pk), ADD]
    pages += [url(f"business_{name}", business.pk) for name in ("change", "close", "join", "reopen")]
    pages += [url("business_leave", business.pk, member.pk)]
    assert {client.post(each).status_code for each in pages} == {403}


# --- the facts ---------------------------------------------------------------------------------------------------


def facts(member, **changes):
    return {"territory": member.territory_id, "advisor": "", "source": member.source, "referrer": ""} | changes


def test_an_advisor_corrects_where_a_member_belongs(client, advisor, member):
    response = client.post(url("member_change", member.pk), facts(member, advisor=advisor.pk, source="city"))
    member.refresh_from_db()
    assert (response.status_code, member.advisor, member.source) == (302, advisor, "city")


def test_an_advisor_of_another_territory_is_refused_and_what_was_typed_stays(client, advisor, member):
    other = UserFactory(advisor=True, territory=TerritoryFactory(), name="Lou Ailleurs")
    response = client.post(url("member_change", member.pk), facts(member, advisor=other.pk, source="event"))
    content = response.content.decode()
    assert (response.status_code, "n’accompagne pas sur ce territoire" in content) == (422, True)
    assert '<option value="event" selected>' in content
    member.refresh_from_db()
    assert member.advisor is None


def test_who_saves_second_is_shown_what_the_first_saved(client, advisor, member):
    form = client.get(url("member_change", member.pk)).context["form"]
    Member.objects.filter(pk=member.pk).update(source="phone")
    typed = facts(member, source="web", version=form["version"].value())
    response = client.post(url("member_change", member.pk), typed)
    member.refresh_from_db()
    told = "Modifié entre-temps" in response.content.decode()
    assert (response.status_code, told, member.source) == (422, True, "phone")


def test_a_territory_where_one_does_not_work_is_not_offered(client, advisor, member):
    response = client.post(url("member_change", member.pk), facts(member, territory=TerritoryFactory().pk))
    member.refresh_from_db()
    assert (response.status_code, member.territory.name) == (422, "Béthune")


# --- businesses --------------------------------------------------------------------------------------------------


def business_form(**changes):
    return {"name": "Le Fournil", "activity": "Boulangerie", "commune": "", "opened_on": "2026-01-05"} | changes


def test_a_business_is_opened_once_however_often_the_form_is_sent(client, advisor, member):
    lens, theme = CommuneFactory(name="Lens"), ThemeFactory()
    for _ in range(2):
        response = client.post(url("business_add", member.pk), business_form(commune="lens", themes=[theme.pk]))
    business = Business.objects.get()
    told = (business.commune, list(business.themes.all()), list(business.members.all()), business.opened_on)
    assert (response.status_code, told) == (302, (lens, [theme], [member], date(2026, 1, 5)))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "obligatoire"),
        ({"commune": "Nulleville"}, "n’est pas connue"),
        ({"opened_on": "1900-01-01"}, "n’est pas plausible"),
        ({"opened_on": "2026-02-01"}, "déjà une entreprise ouverte de ce nom"),
    ],
)
def test_a_business_that_cannot_open_is_refused_with_what_was_typed(changes, words, client, advisor, member):
    business_of(member)
    response = client.post(url("business_add", member.pk), business_form(activity="Pain au levain", **changes))
    content = response.content.decode()
    assert (response.status_code, words in content, "Pain au levain" in content) == (422, True, True)
    assert Business.objects.count() == 1


def test_a_business_is_renamed(client, advisor, member):
    business = business_of(member)
    response = client.post(url("business_change", business.pk), business_form(name="Le Grand Fournil"))
    business.refresh_from_db()
    assert (response.status_code, business.name, business.activity) == (302, "Le Grand Fournil", "Boulangerie")


def test_who_renames_second_is_shown_what_the_first_saved(client, advisor, member):
    business = business_of(member)
    form = client.get(url("business_change", business.pk)).context["form"]
    Business.objects.filter(pk=business.pk).update(name="La Miche")
    typed = business_form(name="Le Pain", version=form["version"].value())
    response = client.post(url("business_change", business.pk), typed)
    assert (response.status_code, "La Miche" in response.content.decode()) == (422, True)


def test_a_business_is_closed_and_opened_again(client, advisor, member):
    business, yesterday = business_of(member), timezone.localdate() - timedelta(days=1)
    client.post(url("business_close", business.pk), {"closed_on": yesterday.isoformat()})
    business.refresh_from_db()
    closed_on = business.closed_on
    client.post(url("business_reopen", business.pk))
    business.refresh_from_db()
    assert (closed_on, business.closed_on) == (timezone.localdate(), None)


@pytest.mark.parametrize(("day", "words"), [("2024-01-01", "après le début"), ("2099-01-01", "le jour venu")])
def test_a_closing_that_does_not_fit_is_refused(day, words, client, advisor, member):
    business = business_of(member)
    response = client.post(url("business_close", business.pk), {"closed_on": day})
    business.refresh_from_db()
    assert (response.status_code, words in response.content.decode(), business.closed_on) == (422, True, None)


def test_another_member_joins_and_leaves(client, advisor, territory, member):
    other, business = MemberFactory(territory=territory), business_of(member)
    client.post(url("business_join", business.pk), {"members": other.reference})
    both = set(business.members.all())
    client.post(url("business_leave", business.pk, member.pk))
    assert (both, list(business.members.all())) == ({member, other}, [other])


def test_who_joins_must_be_one_of_those_one_works_with(client, advisor, member):
    business, stranger = business_of(member), MemberFactory()
    response = client.post(url("business_join", business.pk), {"members": stranger.reference})
    assert (response.status_code, business.members.count()) == (422, 1)


def test_who_has_left_joins_nothing(territory, member):
    other = MemberFactory(territory=territory)
    leaves(other)
    with pytest.raises(ValidationError) as refusal:
        services.join_business(business=business_of(member), members=[other])
    assert refusal.value.code == "member_left"


def test_an_open_business_keeps_somebody_who_is_there(client, advisor, territory, member):
    gone, business = MemberFactory(territory=territory), business_of(member)
    leaves(gone)
    business.members.add(gone)
    response = client.post(url("business_leave", business.pk, member.pk), follow=True)
    assert ("porte seul·e cette entreprise" in response.content.decode(), business.members.count()) == (True, 2)


def test_a_business_whose_people_have_all_left_stays_closed(member):
    business = business_of(member, closed_on=date(2025, 6, 1))
    leaves(member)
    with pytest.raises(ValidationError) as refusal:
        services.reopen_business(business=business)
    assert refusal.value.code == "business_without_member"


# --- entering without a project ----------------------------------------------------------------------------------


@pytest.fixture
def typed(advisor, territory):
    who = {"first_name": "Ada", "last_name": "Lévêque", "email": "ada@exemple.org", "phone": "06 12 34 56 70"}
    return who | {"territory": territory.pk, "advisor": advisor.pk, "source": "event", "referrer": ""}


@pytest.mark.parametrize("email", ["ada@exemple.org", ""])
def test_somebody_new_enters_once_however_often_the_form_is_sent(email, client, typed, advisor):
    for _ in range(2):
        response = client.post(ADD, typed | {"email": email})
    member = Member.objects.get()
    assert (response.url, Person.objects.count()) == (url("member", member.pk), 1)
    assert (str(member), member.advisor, member.source) == ("Ada Lévêque", advisor, "event")


def test_somebody_known_is_found_and_chosen(client, typed, territory):
    person = PersonFactory(first_name="Ada", last_name="Lévêque")
    ProjectFactory(holder=person, territory=territory)
    assert f"?personne={person.pk}" in page(client, f"{ADD}?q=leveque")
    assert "Ada Lévêque" in page(client, f"{ADD}?personne={person.pk}")
    belonging = {name: typed[name] for name in ("territory", "advisor", "source")}
    client.post(ADD, belonging | {"personne": person.pk})
    assert Member.objects.get().person == person


def test_somebody_who_looks_the_same_is_asked_about_once(client, typed, territory):
    known = PersonFactory(first_name="Adèle", last_name="Lévêque", email="ada@exemple.org")
    ProjectFactory(holder=known, territory=territory)
    response = client.post(ADD, typed)
    content = response.content.decode()
    assert (response.status_code, "dites si c’est la même" in content, Member.objects.count()) == (422, True, 0)
    assert ('value="Ada"' in content, f'name="same_as" value="{known.pk}"' in content) == (True, True)
    client.post(ADD, typed | {"seen_doubles": str(known.pk), "same_as": known.pk})
    assert Member.objects.get().person == known


def test_it_may_be_somebody_else(client, typed, territory):
    known = PersonFactory(first_name="Adèle", last_name="Lévêque", email="ada@exemple.org")
    ProjectFactory(holder=known, territory=territory)
    client.post(ADD, typed | {"seen_doubles": str(known.pk), "same_as": ""})
    assert str(Member.objects.get().person) == "Ada Lévêque"


def test_who_cannot_be_reached_is_refused(client, typed):
    response = client.post(ADD, typed | {"email": "", "phone": ""})
    assert (response.status_code, "Indiquez un courriel ou un téléphone" in response.content.decode()) == (422, True)


def test_a_member_of_another_territory_is_not_taken_over(client, typed):
    person = PersonFactory(first_name="Ada", last_name="Lévêque", email="ada@exemple.org")
    elsewhere = MemberFactory(person=person)
    response = client.post(ADD, typed)
    assert (response.status_code, "sur un autre territoire" in response.content.decode()) == (422, True)
    assert Member.objects.get() == elsewhere


def test_who_is_a_member_already_is_shown(client, advisor, member):
    assert client.get(f"{ADD}?personne={member.person_id}").url == url("member", member.pk)


@pytest.mark.parametrize("pk", ["999999", "abc", "-1", "9" * 30, "٣"])
def test_a_made_up_person_is_missing(pk, client, advisor):
    assert client.get(f"{ADD}?personne={pk}").status_code == 404
