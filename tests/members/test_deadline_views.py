from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.enums import Role
from coopconnexion.notices.services import new_link
from coopconnexion.periods import months_later
from members.enums import Outcome
from members.models import OutcomeInquiry, OutcomeLink
from members.services import record_departure, record_return, sign_contract
from tests.factories import MemberFactory, PersonFactory, TerritoryFactory, UserFactory
from tests.members.reference import exit_reason, kind

pytestmark = pytest.mark.django_db

URL = "members_staff:deadline_list"


@pytest.fixture
def territory():
    return TerritoryFactory()


def today():
    return timezone.localdate()


def ending(territory, *, in_months, name="Benali", **values):
    """A member whose CAPE ends so many months from now."""
    member = MemberFactory(territory=territory, person=PersonFactory(last_name=name), **values)
    end = months_later(today(), in_months)
    sign_contract(member=member, kind=kind("cape"), starts_on=months_later(end, -6), ends_on=end)
    return member


def overdue(territory, **values):
    member = MemberFactory(territory=territory, **values)
    sign_contract(member=member, kind=kind("cesa"), starts_on=months_later(today(), -40))
    return member


def listed(client, **query) -> list:
    return [row.member for row in client.get(reverse(URL), query).context["page"].object_list]


# --- the list --------------------------------------------------------------------------------------------------------


def test_deadlines_are_listed_in_order_and_late_ones_are_red(client, login_as, territory):
    login_as(Role.READER, territory)
    soon, late = ending(territory, in_months=2), overdue(territory)
    ending(TerritoryFactory(), in_months=1)
    response = client.get(reverse(URL))
    assert [row.member for row in response.context["page"].object_list] == [late, soon]
    assert '<tr class="late">' in response.content.decode()
    assert "1\u00a0échéance dépassée" in response.content.decode()


def test_deadlines_are_filtered(client, login_as, territory):
    login_as(Role.MANAGER)
    advisor = UserFactory(advisor=True, territory=territory)
    near, far = ending(territory, in_months=2), ending(territory, in_months=5, advisor=advisor)
    late, elsewhere = overdue(territory), ending(TerritoryFactory(), in_months=4)
    assert listed(client) == [late, near, elsewhere, far]
    assert listed(client, months="3") == [late, near]
    assert listed(client, late="on") == [late]
    assert listed(client, kind="association") == [late]
    assert listed(client, advisor=advisor.pk) == [far]
    assert listed(client, territory=elsewhere.territory_id) == [elsewhere]
    assert listed(client, territory="abc") == []


def test_what_is_filtered_is_exported(client, login_as, territory):
    login_as(Role.ADVISOR, territory)
    ending(territory, in_months=2, name="=Benali")
    overdue(territory)
    response = client.get(reverse(URL), {"kind": "contract_end", "format": "csv"})
    lines = b"".join(response.streaming_content).decode().splitlines()
    assert (len(lines), lines[0].endswith("Jours restants")) == (2, True)
    assert response.headers["Content-Type"].startswith("text/csv")
    xlsx = client.get(reverse(URL), {"format": "xlsx"})
    assert b"".join(xlsx.streaming_content)[:2] == b"PK"


def test_nothing_ahead_is_said(client, login_as, territory):
    login_as(Role.ADVISOR, territory)
    assert "Aucune échéance" in client.get(reverse(URL)).content.decode()


def queries(client, name) -> int:
    """Count those of a page that the session has already opened."""
    client.get(reverse(name))
    with CaptureQueriesContext(connection) as context:
        client.get(reverse(name))
    return len(context)


def test_the_list_takes_as_many_queries_for_three_as_for_one(client, login_as, territory):
    login_as(Role.ADVISOR, territory)
    counts = []
    for _ in range(3):
        ending(territory, in_months=2)
        overdue(territory)
        counts.append(queries(client, URL))
    assert counts[0] == counts[2] <= 9


def test_the_home_shows_the_deadlines_of_those_one_follows(client, login_as, territory):
    advisor = login_as(Role.ADVISOR, territory)
    ending(territory, in_months=2, name="Suivie", advisor=advisor)
    ending(territory, in_months=2, name="Autre")
    home = client.get(reverse("admin:index")).content.decode()
    assert "Suivie" in home
    assert "Autre" not in home


def test_the_home_of_the_direction_shows_those_whom_nobody_follows(client, login_as, territory):
    login_as(Role.MANAGER)
    ending(territory, in_months=2, name="Seule")
    assert "Seule" in client.get(reverse("admin:index")).content.decode()


# --- what became of people -------------------------------------------------------------------------------------------


def question(territory, months=6, **values) -> OutcomeInquiry:
    member = MemberFactory(territory=territory, **values)
    departure = record_departure(
        member=member, left_on=months_later(today(), -months), reason=exit_reason(), by=None, at=timezone.now()
    )
    return departure.inquiries.get(months=months)


def link(inquiry) -> str:
    at = timezone.now()
    token = new_link(OutcomeLink, at=at, expires_at=at + timedelta(days=30), inquiry=inquiry)
    return reverse("members:outcome", kwargs={"token": token})


def test_looking_at_the_question_answers_nothing_and_one_button_does(client, territory):
    inquiry = question(territory)
    url = link(inquiry)
    assert "Que devenez-vous" in client.get(url).content.decode()
    client.head(url)
    inquiry.refresh_from_db()
    assert inquiry.answered_at is None
    assert client.post(url, {}).status_code == 422
    response = client.post(url, {"outcome": Outcome.RUNNING, "note": "Ça tourne"})
    inquiry.refresh_from_db()
    assert (inquiry.outcome, inquiry.note, inquiry.answered_by) == (Outcome.RUNNING, "Ça tourne", None)
    assert "Merci" in response.content.decode()
    client.post(url, {"outcome": Outcome.EMPLOYED})
    inquiry.refresh_from_db()
    assert inquiry.outcome == Outcome.EMPLOYED


def test_after_thirty_days_the_answer_is_shown_and_stays(client, territory):
    inquiry = question(territory)
    OutcomeInquiry.objects.filter(pk=inquiry.pk).update(
        outcome=Outcome.RUNNING, answered_at=timezone.now() - timedelta(days=31)
    )
    url = link(inquiry)
    assert "ne peut plus être changée" in client.get(url).content.decode()
    assert client.post(url, {"outcome": Outcome.OTHER}).status_code == 422
    inquiry.refresh_from_db()
    assert inquiry.outcome == Outcome.RUNNING


def test_a_dead_link_says_so(client, territory):
    inquiry = question(territory)
    revoked = link(inquiry)
    record_return(member=inquiry.departure.member, returned_on=today(), at=timezone.now())
    for url in (revoked, reverse("members:outcome", kwargs={"token": "A" * 26})):
        response = client.get(url)
        assert (response.status_code, "Ce lien ne fonctionne plus" in response.content.decode()) == (404, True)


def test_staff_see_whom_to_phone_and_note_what_they_learn(client, login_as, territory):
    advisor = login_as(Role.ADVISOR, territory)
    inquiry = question(territory, person=PersonFactory(email="", last_name="Injoignable", phone="+33321000000"))
    question(TerritoryFactory(), person=PersonFactory(last_name="Ailleurs"))
    shown = client.get(reverse("members_staff:inquiry_list")).content.decode()
    assert ("Injoignable" in shown, "Ailleurs" in shown, "pas de courriel" in shown) == (True, False, True)
    url = reverse("members_staff:inquiry_note", args=[inquiry.pk])
    assert "03\u00a021\u00a000\u00a000\u00a000" in client.get(url).content.decode()
    assert client.post(url, {}).status_code == 422
    client.post(url, {"outcome": Outcome.UNREACHABLE, "note": ""})
    inquiry.refresh_from_db()
    assert (inquiry.outcome, inquiry.answered_by) == (Outcome.UNREACHABLE, advisor)
    assert "Personne à rappeler" in client.get(reverse("members_staff:inquiry_list")).content.decode()


def test_the_second_to_note_news_is_told_what_the_first_noted(client, login_as, territory):
    login_as(Role.ADVISOR, territory)
    inquiry = question(territory)
    url = reverse("members_staff:inquiry_note", args=[inquiry.pk])
    version = client.get(url).context["form"]["version"].value()
    at = timezone.now()
    OutcomeInquiry.objects.filter(pk=inquiry.pk).update(outcome=Outcome.EMPLOYED, answered_at=at)
    response = client.post(url, {"outcome": Outcome.SEEKING, "note": "", "version": version})
    inquiry.refresh_from_db()
    assert (response.status_code, inquiry.outcome) == (422, Outcome.EMPLOYED)
    assert "Modifié entre-temps" in response.content.decode()


def test_the_list_of_questions_takes_as_many_queries_for_three_as_for_one(client, login_as, territory):
    login_as(Role.ADVISOR, territory)
    counts = []
    for _ in range(3):
        question(territory)
        counts.append(queries(client, "members_staff:inquiry_list"))
    assert counts[0] == counts[2] <= 9
