from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from coopconnexion.notices.models import Message
from members.enums import Outcome
from members.models import DeadlineAlert, Member, OutcomeInquiry
from members.schedules import ask_due_outcomes, raise_due_alerts
from members.services import (
    amend_contract,
    ask_outcome,
    associate_member,
    enqueue_due_alerts,
    enqueue_due_inquiries,
    raise_alerts,
    record_departure,
    sign_contract,
)
from members.tasks import ask_outcome as ask_outcome_task
from members.tasks import raise_alerts as raise_alerts_task
from tests.factories import MemberFactory, PersonFactory, TerritoryFactory, UserFactory
from tests.members.reference import exit_reason, kind
from tests.members.test_contracts_races import at_once

pytestmark = pytest.mark.django_db


def at(year, month, day) -> datetime:
    return timezone.make_aware(datetime(year, month, day, 7))  # noqa: DTZ001


def followed(**values) -> Member:
    territory = TerritoryFactory()
    return MemberFactory(territory=territory, advisor=UserFactory(advisor=True, territory=territory), **values)


def cape(member=None, ends_on=date(2025, 3, 1)):
    member = member or followed()
    return sign_contract(member=member, kind=kind("cape"), starts_on=date(2024, 3, 1), ends_on=ends_on)


def given() -> list[tuple]:
    rows = DeadlineAlert.objects.order_by("raised_at", "pk")
    return list(rows.values_list("kind", "deadline_on", "months_before"))


@pytest.fixture
def sent(monkeypatch):
    """What is handed over to workers, instead of leaving."""
    names = []
    monkeypatch.setattr("coopconnexion.jobs.enqueue", lambda name, **kwargs: names.append((name, kwargs)))
    return names


# --- alerts ----------------------------------------------------------------------------------------------------------


def test_the_advisor_is_told_at_six_three_and_one_months_each_once():
    contract = cape()
    day = date(2024, 3, 1)
    while day < date(2025, 4, 10):
        raise_alerts(member=contract.member, at=at(day.year, day.month, day.day))
        day += timedelta(days=5)
    last = date(2025, 2, 28)
    assert given() == [("contract_end", last, 6), ("contract_end", last, 3), ("contract_end", last, 1)]
    assert set(Message.objects.values_list("to_email", flat=True)) == {contract.member.advisor.email}
    assert Message.objects.count() == 3
    contract.refresh_from_db()
    assert contract.ends_on == date(2025, 3, 1)


def test_a_message_says_what_ends_and_when_without_the_whole_name():
    contract = cape(followed(person=PersonFactory(first_name="Aïcha", last_name="Benali")))
    raise_alerts(member=contract.member, at=at(2025, 2, 1))
    message = Message.objects.get()
    assert "Aïcha B." in message.subject
    assert "vendredi 28\u00a0février 2025" in message.text
    assert "Benali" not in message.text
    assert message.person is None


def test_without_an_advisor_at_work_the_direction_is_told():
    managers = UserFactory.create_batch(2, manager=True)
    gone = UserFactory(advisor=True, territory=TerritoryFactory())
    for member in (MemberFactory(), MemberFactory(advisor=gone)):
        (alert,) = raise_alerts(member=cape(member).member, at=at(2025, 2, 1))
        assert alert.message is not None
    told = list(Message.objects.order_by("pk").values_list("to_email", flat=True))
    assert told == [user.email for user in managers] * 2


def test_where_nobody_is_to_be_told_the_alert_stands_without_a_message():
    (alert,) = raise_alerts(member=cape(MemberFactory()).member, at=at(2025, 2, 1))
    assert alert.message is None


def test_a_contract_that_moves_is_announced_anew_for_its_new_end():
    contract = cape(ends_on=date(2024, 9, 1))
    raise_alerts(member=contract.member, at=at(2024, 8, 15))
    amend_contract(contract=contract, subject="end", text="…", effective_on=date(2024, 8, 20), ends_on=date(2025, 3, 1))
    for moment in (at(2024, 9, 1), at(2024, 9, 2)):
        raise_alerts(member=contract.member, at=moment)
    assert given() == [("contract_end", date(2024, 8, 31), 1), ("contract_end", date(2025, 2, 28), 6)]


def test_association_is_announced_until_it_takes_place():
    contract = sign_contract(member=followed(), kind=kind("cesa"), starts_on=date(2024, 3, 1))
    raise_alerts(member=contract.member, at=at(2026, 9, 1))
    associate_member(member=contract.member, associated_on=date(2026, 10, 1))
    raise_alerts(member=contract.member, at=at(2026, 12, 1))
    assert given() == [("association", date(2027, 3, 1), 6)]


def test_who_left_is_announced_no_more():
    contract = cape()
    record_departure(member=contract.member, left_on=date(2024, 9, 1), reason=exit_reason(), by=None, at=at(2024, 9, 1))
    assert raise_alerts(member=contract.member, at=at(2025, 2, 1)) == []


def test_the_beat_asks_once_per_member_with_something_due(sent):
    due = cape().member
    cape(ends_on=date(2024, 12, 1))
    enqueue_due_alerts(at=at(2024, 9, 5))
    assert ("members.raise_alerts", {"member_id": due.pk}) in sent
    assert len(sent) == 2


def test_tasks_and_beat_jobs_call_the_services(sent):
    raise_due_alerts()
    ask_due_outcomes()
    raise_alerts_task(member_id=0)
    raise_alerts_task(member_id=followed().pk)
    ask_outcome_task(inquiry_id=0)
    assert (sent, Message.objects.count()) == ([], 0)


@pytest.mark.django_db(transaction=True)
def test_workers_at_the_same_instant_give_an_alert_once():
    contract = cape()
    at_once(lambda: raise_alerts(member=contract.member, at=at(2025, 2, 1)), 4)
    assert (given(), Message.objects.count()) == ([("contract_end", date(2025, 2, 28), 1)], 1)


# --- questions -------------------------------------------------------------------------------------------------------


def left(**values):
    member = followed(**values)
    return record_departure(member=member, left_on=date(2025, 1, 1), reason=exit_reason(), by=None, at=at(2025, 1, 2))


def test_a_question_is_asked_once_by_mail_with_a_link(sent):
    inquiry = left().inquiries.get(months=6)
    enqueue_due_inquiries(at=at(2025, 6, 30))
    assert sent == []
    enqueue_due_inquiries(at=at(2025, 7, 1))
    assert sent == [("members.ask_outcome", {"inquiry_id": inquiry.pk})]
    for _ in range(2):
        ask_outcome(inquiry_id=inquiry.pk, at=at(2025, 7, 1))
    inquiry.refresh_from_db()
    message = Message.objects.get(kind="member-outcome")
    assert (inquiry.asked_at, inquiry.message) == (at(2025, 7, 1), message)
    assert "/membres/nouvelles/" in message.text
    assert message.shown_text.count(message.secrets[0]) == 0


def test_who_has_no_address_is_left_to_staff(sent):
    left(person=PersonFactory(email=""))
    enqueue_due_inquiries(at=at(2025, 7, 1))
    assert (sent, OutcomeInquiry.objects.unanswered(date(2025, 7, 1)).count()) == ([], 1)


def test_of_several_questions_due_the_last_alone_is_asked_and_old_ones_never(sent):
    departure = left()
    enqueue_due_inquiries(at=at(2026, 1, 2))
    assert sent == [("members.ask_outcome", {"inquiry_id": departure.inquiries.get(months=12).pk})]
    sent.clear()
    enqueue_due_inquiries(at=at(2026, 10, 1))
    assert sent == []


def test_an_answer_noted_meanwhile_is_not_asked_for():
    inquiry = left().inquiries.get(months=6)
    OutcomeInquiry.objects.filter(pk=inquiry.pk).update(outcome=Outcome.RUNNING, answered_at=at(2025, 7, 1))
    ask_outcome(inquiry_id=inquiry.pk, at=at(2025, 7, 1))
    assert Message.objects.count() == 0
