"""Two clicks, two tabs, two workers at the same instant: one draft, one project, one relaunch."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Barrier
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from coopconnexion.accounts.models import Person
from coopconnexion.notices.models import Message
from projects import services
from projects.models import Project, ProjectDraft
from tests.factories import TerritoryFactory

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2027, 5, 6, 9, tzinfo=UTC)
TOKEN = UUID("12345678-1234-5678-1234-567812345678")
CONTACT = {"first_name": "Élodie", "last_name": "Lefèbvre", "email": "elodie@example.org", "phone": ""}
THREADS = 8


def at_once(work) -> list:
    """Run ``work`` in several threads that begin together; return what each answered."""
    start = Barrier(THREADS)

    def run(_):
        try:
            start.wait()
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def start():
    return services.start_draft(contact=CONTACT, form_token=TOKEN, at=NOW)[0]


@pytest.fixture
def draft():
    draft, territory = start(), TerritoryFactory()
    told = {"title": "Épicerie", "pitch": "", "intended_activity": "", "territory": territory.pk, "themes": []}
    services.save_step(draft=draft, step="project", answers=told, at=NOW)
    return services.save_step(draft=draft, step="needs", answers={"premises": "no", "heard_from": ""}, at=NOW)


def test_one_form_sent_many_times_makes_one_draft():
    drafts = at_once(start)
    assert (len(set(drafts)), ProjectDraft.objects.count(), Message.objects.count()) == (1, 1, 1)


def test_a_draft_sent_many_times_makes_one_project(draft):
    sent = at_once(lambda: services.send_draft(draft=draft, at=NOW))
    assert len({each.project_id for each in sent}) == 1
    assert (Project.objects.count(), Person.objects.count()) == (1, 1)
    assert Message.objects.filter(kind="draft-received").count() == 1


def test_many_workers_relaunch_once(draft):
    at_once(lambda: services.tend_draft(draft_id=draft.pk, at=NOW + timedelta(days=3)))
    assert Message.objects.filter(kind="draft-relaunch").count() == 1


def test_sending_and_dropping_at_once_leaves_one_end(draft):
    ProjectDraft.objects.filter(pk=draft.pk).update(reminded_at=NOW, updated_at=NOW)
    works = iter([lambda: services.drop_draft(draft=draft, at=NOW)] + [lambda: send_if_there(draft)] * (THREADS - 1))
    at_once(lambda: next(works)())
    draft.refresh_from_db()
    assert (draft.submitted_at is None) != (draft.dropped_at is None)
    assert Project.objects.count() == (1 if draft.submitted_at else 0)


def send_if_there(draft):
    with suppress(ValidationError):
        services.send_draft(draft=draft, at=NOW)
