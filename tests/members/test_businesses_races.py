"""Two people write about one business, or welcome one person, at the same instant."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from coopconnexion.accounts.enums import Source
from coopconnexion.accounts.models import Person
from members import services
from members.models import Business, Member
from tests.factories import BusinessFactory, MemberFactory, TerritoryFactory
from tests.members.reference import exit_reason

pytestmark = pytest.mark.django_db(transaction=True)

AT = datetime(2026, 3, 12, 10, tzinfo=ZoneInfo("Europe/Paris"))
ROUNDS = 6


def at_once(*works) -> list:
    """Run ``works`` in threads that begin together; return the code of each refusal, nothing for who got through."""
    start = Barrier(len(works))

    def run(work):
        try:
            start.wait()
            work()
        except ValidationError as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_the_last_two_do_not_both_leave():
    business, members = BusinessFactory(opened_on=date(2025, 1, 1)), [MemberFactory(), MemberFactory()]
    business.members.add(*members)
    works = [lambda each=each: services.leave_business(business=business, member=each) for each in members]
    refusals = at_once(*works)
    assert (sorted(map(str, refusals)), business.members.count()) == (["None", "business_without_member"], 1)


def departing(member, reason):
    return lambda: services.record_departure(member=member, left_on=AT.date(), reason=reason, by=None, at=AT)


def carried_by_two(**fields):
    business, members = BusinessFactory(opened_on=date(2025, 1, 1), **fields), [MemberFactory(), MemberFactory()]
    business.members.add(*members)
    return business, members


def has_somebody(business) -> bool:
    """An open business keeps somebody who is in the coop."""
    business.refresh_from_db()
    return bool(business.closed_on) or business.members.present().exists()


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_one_leaves_the_business_while_the_other_leaves_the_coop(round_):
    business, (first, second) = carried_by_two()
    at_once(lambda: services.leave_business(business=business, member=first), departing(second, exit_reason()))
    assert has_somebody(business)


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_both_leave_the_coop_at_once(round_):
    business, members = carried_by_two()
    reason = exit_reason()
    assert at_once(*[departing(each, reason) for each in members]) == [None, None]
    assert has_somebody(business)


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_a_business_opens_again_while_the_last_of_it_leaves_the_coop(round_):
    business, (first, second) = carried_by_two(closed_on=date(2026, 1, 1))
    reason = exit_reason()
    departing(second, reason)()
    at_once(lambda: services.reopen_business(business=business), departing(first, reason))
    assert has_somebody(business)


def test_a_business_sent_twice_at_once_is_one():
    member, today = MemberFactory(), timezone.localdate()
    fields = {"name": "Le Fournil", "activity": "Pain", "opened_on": today, "today": today}
    assert at_once(*[lambda: services.start_business(member=member, **fields)] * 4) == [None] * 4
    assert Business.objects.count() == 1


@pytest.mark.parametrize("email", ["ada@exemple.org", ""])
def test_somebody_welcomed_twice_at_once_is_one(email):
    contact = {"first_name": "Ada", "last_name": "Lévêque", "email": email, "phone": "+33612345670"}
    belonging = {"territory": TerritoryFactory(), "advisor": None, "source": Source.EVENT, "referrer": None}

    def work():
        services.welcome_member(person=None, contact=contact, at=timezone.now(), **belonging)

    assert at_once(*[work] * 4) == [None] * 4
    assert (Person.objects.count(), Member.objects.count()) == (1, 1)
