"""``make run``: engines, mail sink, site, worker and beat under one supervisor; Ctrl-C stops them all."""

import argparse
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

from coopconnexion.dev.engines import ROOT, RUN, EngineError, engines
from coopconnexion.dev.mail_sink import start_sink

PATIENCE = 8  # seconds a child has to stop before it is killed
MAX_DEATHS = 3
GUNICORN = ["--reload", "--no-control-socket", "--access-logfile", "-"]


@dataclass
class Child:
    """A process of ours, in a group of its own so that nothing it starts outlives it."""

    name: str
    command: list[str]
    process: subprocess.Popen | None = None
    deaths: list[float] = field(default_factory=list)

    def start(self, environ: dict[str, str]) -> None:
        log = (RUN / "log" / f"{self.name}.log").open("ab")
        self.process = subprocess.Popen(
            self.command, cwd=ROOT, env=environ, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        log.close()

    def signal(self, number: int) -> None:
        with suppress(ProcessLookupError):  # it ended by itself
            os.killpg(self.process.pid, number)

    @property
    def is_hopeless(self) -> bool:
        """Died too often within a minute to be started again."""
        return len([death for death in self.deaths if death > time.monotonic() - 60]) >= MAX_DEATHS


def children(port: int) -> list[Child]:
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "-A", "coopconnexion"]
    return [
        Child(
            "web",
            [*python, "gunicorn", "coopconnexion.wsgi", "--bind", f"0.0.0.0:{port}", "--workers", "2", *GUNICORN],
        ),
        Child("worker", [*celery, "worker", "--concurrency", "2", "--loglevel", "info"]),
        Child("beat", [*celery, "beat", "--schedule", str(RUN / "data" / "beat"), "--pidfile", ""]),
    ]


def is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))  # noqa: S104  # as gunicorn will
        except OSError:
            return True
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def manage(*arguments: str, environ: dict[str, str]) -> str:
    """Run a management command; its output is kept for the caller.

    :raises EngineError: with what it said, when it fails
    """
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise EngineError(f"« manage.py {arguments[0]} » a échoué :\n{done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def say(text: str) -> None:
    print(text, flush=True)


def run(port: int, stop: threading.Event) -> int:
    (RUN / "log").mkdir(parents=True, exist_ok=True)
    (RUN / "data").mkdir(exist_ok=True)
    say("Moteurs : PostgreSQL et Redis…")
    with engines() as urls:
        mail_port = free_port()
        environ = {
            **os.environ,
            **urls,
            "DEBUG": "true",
            "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
            "DEV_MAILBOX": str(RUN / "mail"),
            "SITE_URL": f"http://localhost:{port}",
            "PYTHONUNBUFFERED": "1",
        }
        sink = start_sink(RUN / "mail", port=mail_port)
        try:
            say("Base de données : migrations…")
            manage("migrate", "--no-input", environ=environ)
            say("Démonstration…")
            manage("load_demo", environ=environ)
            accounts = manage("load_demo", "--accounts", environ=environ)
            return supervise(children(port), environ=environ, stop=stop, ready=lambda: welcome(port, accounts))
        finally:
            sink.stop()


def supervise(processes: list[Child], *, environ: dict[str, str], stop: threading.Event, ready) -> int:
    """Start the children, restart those that die, stop them all when asked; return the exit status."""
    status = 0
    try:
        for child in processes:
            child.start(environ)
        ready()
        while not stop.wait(0.5):
            for child in processes:
                if child.process.poll() is None:
                    continue
                child.deaths.append(time.monotonic())
                journal = f".run/log/{child.name}.log"
                if child.is_hopeless:
                    say(f"« {child.name} » ne tient pas debout ; lisez {journal}.")
                    status = 1
                    stop.set()
                    break
                say(f"« {child.name} » s’est arrêté ; il redémarre ({journal}).")
                child.start(environ)
    finally:
        halt(processes)
    return status


def halt(processes: list[Child]) -> None:
    """Ask every child to stop, then kill what has not; whole groups, so that no process is left."""
    started = [child for child in processes if child.process]
    for child in started:
        child.signal(signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    for child in started:
        try:
            child.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            say(f"« {child.name} » tarde ; il est interrompu.")
        child.signal(signal.SIGKILL)
        child.process.wait()


def welcome(port: int, accounts: str) -> None:
    address = f"http://localhost:{port}"
    say(f"\n  Le site             {address}/\n  La gestion          {address}/gestion/")
    say(f"  Les messages        {address}/messages/   (aucun courriel ne quitte cette machine)\n")
    say(f"  Se connecter : {address}/compte/login/ avec une adresse ci-dessous ; le code arrive dans les messages.")
    for line in accounts.strip().splitlines():
        say(f"    {line}")
    say("\n  Journaux : .run/log/ · Ctrl-C arrête tout.\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    port = parser.parse_args().port
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if is_taken(port):
        print(f"Le port {port} est déjà pris. Choisissez-en un autre : make run PORT={port + 1}", file=sys.stderr)
        return 1
    try:
        status = run(port, stop)
    except EngineError as error:
        print(error, file=sys.stderr)
        return 1
    say("Tout est arrêté.")
    return status


if __name__ == "__main__":
    raise SystemExit(main())
