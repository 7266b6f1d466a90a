"""Partners invited to an event or to a project: accepted or refused, never both; reminded once, then over."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from coopconnexion.notices.models import Message
from coopconnexion.notices.services import new_link
from events import services
from events.enums import Audience
from events.models import Event, Invitation, InvitationLink, NetworkLink, Registration
from events.services.invitations import Guest
from tests.conftest import page
from tests.factories import (
    EventFactory,
    NetworkActorFactory,
    ProjectFactory,
    RegistrationFactory,
    TerritoryFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    return timezone.now()


@pytest.fixture
def territory():
    return TerritoryFactory()


@pytest.fixture
def advisor(client, territory):
    user = UserFactory(advisor=True, territory=territory)
    client.force_login(user)
    return user


@pytest.fixture
def event(territory):
    return EventFactory(territory=territory, title="Rencontre", audience=Audience.INVITATION, capacity=1)


ZOE = Guest("zoe@example.org", "Zoé Lefebvre")


def invite(at, *, by=None, guests=(ZOE,), **to):
    days = to.pop("days", 14)
    by = by or UserFactory()
    return services.invite_guests(guests=guests, role="adviser", by=by, at=at, days=days, **to)


def one(at, **to) -> Invitation:
    (invitation,), _ = invite(at, **to)
    return invitation


def accept(invitation, at, **told):
    told = {"first_name": "Zoé", "last_name": "Lefebvre", "form_token": uuid4()} | told
    return services.accept_invitation(invitation=invitation, at=at, **told)


def refused(call):
    with pytest.raises(ValidationError) as refusal:
        call()
    error = refusal.value
    return next(iter(error.error_dict.values()))[0].code if hasattr(error, "error_dict") else error.code


def link_of(invitation) -> str:
    at = timezone.now()
    token = new_link(InvitationLink, at=at, expires_at=at + timedelta(days=30), invitation=invitation)
    return reverse("events:invitation", kwargs={"token": token})


# --- services --------------------------------------------------------------------------------------------------------


def test_an_invitation_is_written_once_to_each_address(event, at):
    guests = [Guest("zoe@example.org"), Guest("ZOE@example.org "), Guest("max@example.org", "Max\r\nBcc: a@b.fr")]
    sent, known = invite(at, guests=guests, event=event)
    assert ([each.email for each in sent], known) == (["zoe@example.org", "max@example.org"], [])
    again, known = invite(at, guests=guests[:1], event=event)
    assert (again, known) == ([], ["zoe@example.org"])
    assert Message.objects.count() == 2
    message = Message.objects.latest("pk")
    assert "\n" not in message.to_name
    assert message.secrets[0] in message.text
    assert sent[0].expires_at == event.ends_at


def test_what_cannot_be_sent_is_refused(event, at):
    many = [Guest(f"p{number}@example.org") for number in range(101)]
    assert refused(lambda: invite(at, guests=many, event=event)) == "too_many_guests"
    assert refused(lambda: invite(at, guests=[], event=event)) == "no_guest"
    assert refused(lambda: invite(at, event=event, days=91)) == "days"
    assert refused(lambda: invite(at)) == "one_subject"
    assert refused(lambda: invite(event.ends_at, event=event)) == "event_past"
    Event.objects.filter(pk=event.pk).update(cancelled_at=at)
    event.refresh_from_db()
    assert refused(lambda: invite(at, event=event)) == "event_cancelled"
    assert not Message.objects.exists()


def test_accepting_gives_a_place_under_the_same_rules_as_others(event, at):
    first = accept(one(at, event=event), at)
    second = one(at, event=event, guests=[Guest("max@example.org")])
    second = accept(second, at, first_name="Max", last_name="Martin")
    assert (first.registration.is_seated, first.registration.confirmed_at) == (True, at)
    assert second.registration.is_waiting
    assert accept(first, at) == first
    assert Registration.objects.count() == 2


def test_who_is_registered_already_keeps_their_place(event, at):
    known = RegistrationFactory(
        event=event, person__first_name="Zoé", person__last_name="Lefebvre", person__email="zoe@example.org"
    )
    assert accept(one(at, event=event), at).registration == known


def test_an_actor_who_accepts_is_linked(event, at):
    actor = NetworkActorFactory()
    invitation = one(at, event=event, guests=[Guest("zoe@example.org", str(actor), actor)])
    accept(invitation, at)
    assert NetworkLink.objects.get().role == "adviser"
    project = ProjectFactory()
    to_project = one(at, project=project, guests=[Guest("zoe@example.org", str(actor), actor)])
    accept(to_project, at)
    assert to_project.registration is None
    assert NetworkLink.objects.get(project=project).actor == actor


def test_never_both(event, at):
    accepted = one(at, event=event)
    accept(accepted, at)
    assert refused(lambda: services.decline_invitation(invitation=accepted, at=at)) == "accepted"
    declined = one(at, event=event, guests=[Guest("max@example.org")])
    for _ in range(2):
        services.decline_invitation(invitation=declined, reason="Pris", at=at)
    assert refused(lambda: accept(declined, at)) == "declined"
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.filter(pk=declined.pk).update(accepted_at=at)


def test_what_is_over_takes_no_answer(event, at):
    invitation = one(at, event=event, days=3)
    late = at + timedelta(days=3)
    assert refused(lambda: accept(invitation, late)) == "expired"
    assert refused(lambda: services.decline_invitation(invitation=invitation, at=late)) == "expired"
    by = UserFactory()
    for _ in range(2):
        services.revoke_invitation(invitation=invitation, by=by, at=at)
    assert refused(lambda: accept(invitation, at)) == "revoked"
    again = one(at, event=event)
    Event.objects.filter(pk=event.pk).update(cancelled_at=at)
    assert refused(lambda: accept(again, at)) == "event_cancelled"


def test_an_answered_invitation_is_not_revoked(event, at):
    invitation = one(at, event=event)
    accept(invitation, at)
    assert refused(lambda: services.revoke_invitation(invitation=invitation, by=UserFactory(), at=at)) == "answered"


def test_one_reminder_leaves_half_way(event, at, monkeypatch):
    asked = []
    monkeypatch.setattr("coopconnexion.jobs.enqueue", lambda task, **told: asked.append((task, told)))
    invitation = one(at, event=event, days=4)
    asked.clear()
    services.enqueue_invitation_reminders(at=at + timedelta(days=1))
    assert asked == []
    half = at + timedelta(days=2)
    services.enqueue_invitation_reminders(at=half)
    assert asked == [("events.remind_invitation", {"invitation_id": invitation.pk})]
    for _ in range(2):
        services.remind_invitation(invitation=invitation, at=half)
    assert Message.objects.filter(kind="invitation-reminder").count() == 1
    asked.clear()
    services.enqueue_invitation_reminders(at=half)
    assert asked == []


def test_who_answered_is_not_reminded(event, at):
    invitation = one(at, event=event)
    services.decline_invitation(invitation=invitation, at=at)
    services.remind_invitation(invitation=invitation, at=at)
    assert not Message.objects.filter(kind="invitation-reminder").exists()


# --- pages -----------------------------------------------------------------------------------------------------------


def test_staff_invite_actors_and_addresses_from_an_event(client, advisor, event, territory):
    actor = NetworkActorFactory(territory=territory, organisation__name="CCI", organisation__email="cci@example.org")
    NetworkActorFactory(territory=territory, organisation__name="Sans courriel", organisation__email="")
    url = reverse("events_staff:invite", args=["evenement", event.pk])
    content = page(client, url)
    assert "CCI" in content
    assert "Sans courriel" not in content
    form = {"actors": [actor.pk], "guests": "Zoé <zoe@example.org>, max@example.org", "role": "observer", "days": "7"}
    assert client.post(url, form).status_code == 302
    assert sorted(Invitation.objects.values_list("email", "name")) == [
        ("cci@example.org", "CCI"),
        ("max@example.org", ""),
        ("zoe@example.org", "Zoé"),
    ]
    content = page(client, reverse("events_staff:event", args=[event.pk]))
    assert content.count("en attente") >= 3
    invitation = Invitation.objects.get(name="CCI")
    client.post(reverse("events_staff:invitation_revoke", args=[invitation.pk]))
    invitation.refresh_from_db()
    assert invitation.revoked_at is not None


@pytest.mark.parametrize("guests", ["zoe@", "Zoé <pas une adresse>", "a@b.fr\nx", ""])
def test_what_is_no_address_is_said_and_kept(client, advisor, event, guests):
    url = reverse("events_staff:invite", args=["evenement", event.pk])
    response = client.post(url, {"guests": guests, "role": "observer", "days": "7", "message": "À bientôt"})
    assert response.status_code == 422
    assert "À bientôt" in response.content.decode()
    assert not Invitation.objects.exists()


def test_elsewhere_and_readers_invite_nobody(client, event, territory):
    url = reverse("events_staff:invite", args=["evenement", event.pk])
    client.force_login(UserFactory(reader=True, territory=territory))
    assert client.get(url).status_code == 403
    client.force_login(UserFactory(advisor=True, territory=TerritoryFactory()))
    assert client.get(url).status_code == 404


def test_a_guest_sees_accepts_and_is_expected(client, event, at):
    invitation = one(at, event=event)
    url = link_of(invitation)
    assert "Rencontre" in page(client, url)
    assert 'value="Zoé"' in page(client, f"{url}accepter/")
    assert not Registration.objects.exists()
    form = {"first_name": "Zoé", "last_name": "Lefebvre", "form_token": str(uuid4())}
    for _ in range(2):
        content = client.post(f"{url}accepter/", form, follow=True).content.decode()
        assert "Vous avez accepté" in content
    assert Registration.objects.get().channel == "invitation"


def test_a_guest_declines_and_may_not_accept_after(client, event, at):
    url = link_of(one(at, event=event))
    assert "Vous avez décliné" in client.post(f"{url}decliner/", {"reason": "Pris"}, follow=True).content.decode()
    form = {"first_name": "Zoé", "last_name": "Lefebvre", "form_token": str(uuid4())}
    content = client.post(f"{url}accepter/", form, follow=True).content.decode()
    assert "Vous avez décliné cette invitation" in content
    assert not Registration.objects.exists()


def test_a_guest_reads_nothing_of_a_project_but_its_title(client, at):
    project = ProjectFactory(title="La Cantine", pitch="Un secret de fabrication")
    content = page(client, link_of(one(at, project=project)))
    assert "La Cantine" in content
    assert "secret" not in content
    assert str(project.holder) not in content


@pytest.mark.parametrize("path", ["", "accepter/", "decliner/"])
def test_a_link_that_is_dead_or_made_up_says_what_to_do(client, path):
    response = client.get(f"/agenda/invitation/{'A' * 26}/{path}")
    assert response.status_code == 404
    assert "n’est plus valable" in response.content.decode()
