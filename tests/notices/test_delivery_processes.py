"""Real workers on a real broker and a real mail server, killed at each point of a delivery."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
import redis
from celery import Celery
from django.conf import settings
from django.db import connection
from django.db.models import F
from django.utils import timezone

from coopconnexion.notices import rules
from coopconnexion.notices.models import Message
from tests.factories import MessageFactory
from tests.notices.mailserver import MailServer
from tests.notices.worker import CLAIMED, DUE, TAKEN

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]
WORKER = [sys.executable, "-m", "celery", "-A", "tests.notices.worker", "worker", "--loglevel", "info"]
QUIET = ["--without-gossip", "--without-mingle", "--without-heartbeat"]


class Bench:
    """A mail server, a broker of our own and the workers started on them."""

    def __init__(self, directory, database: str):
        self.prefix = f"kill-{uuid4()}:"
        self.order = directory / "die"
        self.log = directory / "workers.log"
        self.server = MailServer()
        self.server.start()
        self.client = Celery(broker=settings.CELERY_BROKER_URL, set_as_current=False)
        self.client.conf.broker_transport_options = {"global_keyprefix": self.prefix}
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.notices.worker_settings",
            "WORKER_DATABASE": database,
            "WORKER_PREFIX": self.prefix,
            "DIE_FILE": str(self.order),
            "EMAIL_URL": f"smtp://127.0.0.1:{self.server.port}",
            "REDIS_URL": settings.CELERY_BROKER_URL,
        }
        self.workers = []

    def start_worker(self, *options: str) -> subprocess.Popen:
        with self.log.open("ab") as log:
            worker = subprocess.Popen(
                [*WORKER, *QUIET, *options],
                env=self.environment,
                cwd=settings.BASE_DIR,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.workers.append(worker)
        return worker

    def ask(self, task: str, **kwargs) -> None:
        self.client.send_task(task, kwargs=kwargs)

    def wait_for(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + 30
        while not condition():
            alive = self.workers[0].poll() is None
            assert alive and time.monotonic() < deadline, self.log.read_text()[-4000:]  # noqa: PT018
            time.sleep(0.05)

    def is_idle(self) -> bool:
        """Nothing waits and nothing is being done."""
        with self.broker as broker:
            return not broker.exists(f"{self.prefix}celery", f"{self.prefix}unacked")

    def forget_dead_workers(self) -> None:
        """Drop what the broker keeps for an hour in the name of a worker that was killed."""
        with self.broker as broker:
            broker.delete(f"{self.prefix}unacked", f"{self.prefix}unacked_index")

    @property
    def broker(self) -> redis.Redis:
        return redis.Redis.from_url(settings.CELERY_BROKER_URL)

    def close(self):
        for worker in self.workers:
            if worker.poll() is None:
                os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
        self.server.stop()
        self.client.close()
        with self.broker as broker:
            for key in broker.scan_iter(f"{self.prefix}*"):
                broker.delete(key)


@pytest.fixture(scope="module")
def workshop(tmp_path_factory, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        database = connection.settings_dict["NAME"]
    bench = Bench(tmp_path_factory.mktemp("workshop"), database)
    bench.start_worker("--concurrency", "4")
    yield bench
    bench.close()


@pytest.fixture
def bench(workshop):
    workshop.server.envelopes.clear()
    workshop.order.unlink(missing_ok=True)
    workshop.forget_dead_workers()
    return workshop


def make_message(**values) -> Message:
    """Return a message that was due some minutes ago."""
    past = timezone.now() - timedelta(minutes=10)
    return MessageFactory(**({"created_at": past, "due_at": past} | values))


def let_the_claim_grow_stale(message: Message) -> None:
    """Let time pass for the row, rather than for us."""
    Message.objects.filter(pk=message.pk).update(
        claimed_at=F("claimed_at") - rules.CLAIM_LIFETIME - timedelta(seconds=1)
    )


def row(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def test_a_worker_killed_before_its_claim_loses_nothing(bench):
    message = make_message()
    bench.order.write_text(DUE)
    bench.ask("notices.send_message", message_id=message.pk)
    bench.wait_for(lambda: row(message).sent_at)  # the broker gives it to another process
    assert not bench.order.exists()
    assert bench.server.message_ids == [message.message_id]
    assert row(message).attempts == 1


def test_a_worker_killed_before_the_server_heard_of_it_loses_nothing(bench):
    message = make_message()
    bench.order.write_text(CLAIMED)
    bench.ask("notices.send_message", message_id=message.pk)
    bench.wait_for(lambda: not bench.order.exists() and bench.is_idle())
    assert (row(message).state, bench.server.message_ids) == ("en attente", [])
    bench.ask("notices.sweep_messages")
    bench.wait_for(bench.is_idle)
    assert bench.server.message_ids == []  # the claim holds: the worker may be slow rather than dead
    let_the_claim_grow_stale(message)
    bench.ask("notices.sweep_messages")
    bench.wait_for(lambda: row(message).sent_at)
    assert bench.server.message_ids == [message.message_id]


def test_the_only_duplicate_comes_after_the_server_took_it_and_bears_the_same_message_id(bench):
    message = make_message()
    bench.order.write_text(TAKEN)
    bench.ask("notices.send_message", message_id=message.pk)
    bench.wait_for(lambda: not bench.order.exists() and bench.is_idle())
    assert (row(message).state, bench.server.message_ids) == ("en attente", [message.message_id])
    let_the_claim_grow_stale(message)
    bench.ask("notices.sweep_messages")
    bench.wait_for(lambda: row(message).sent_at)
    bench.ask("notices.sweep_messages")
    bench.wait_for(bench.is_idle)
    first, second = bench.server.envelopes
    assert bench.server.message_ids == [message.message_id] * 2
    assert first.original_content == second.original_content


@pytest.mark.parametrize(("point", "mails"), [(CLAIMED, 1), (TAKEN, 2)])
def test_a_whole_worker_that_dies_is_replaced_by_another(bench, point, mails):
    message = make_message()
    bench.order.write_text(point)
    worker = bench.start_worker("--pool", "solo", "--queues", "dying", "--hostname", f"dying-{point}@%h")
    bench.client.send_task("notices.send_message", kwargs={"message_id": message.pk}, queue="dying")
    bench.wait_for(lambda: worker.poll() is not None)
    assert worker.returncode == -signal.SIGKILL
    assert row(message).claimed_at
    let_the_claim_grow_stale(message)
    bench.ask("notices.sweep_messages")
    bench.wait_for(lambda: row(message).sent_at)
    assert bench.server.message_ids == [message.message_id] * mails


def test_four_workers_on_one_row_send_one_mail(bench):
    message = make_message()
    for _ in range(12):
        bench.ask("notices.send_message", message_id=message.pk)
    bench.wait_for(lambda: row(message).sent_at and bench.is_idle())
    assert bench.server.message_ids == [message.message_id]


def test_a_message_that_fails_holds_back_no_other(bench):
    refused = make_message(to_email="inconnu@example.org")
    others = [make_message() for _ in range(5)]
    bench.order.write_text(CLAIMED)
    bench.ask("notices.sweep_messages")
    bench.wait_for(lambda: not bench.order.exists() and bench.is_idle())
    bench.wait_for(lambda: Message.objects.pending().count() <= 1)
    for message in Message.objects.pending():
        let_the_claim_grow_stale(message)
    bench.ask("notices.sweep_messages")
    bench.wait_for(lambda: not Message.objects.pending().exists())
    assert row(refused).state == "refusé"
    assert sorted(bench.server.message_ids) == sorted(message.message_id for message in others)
