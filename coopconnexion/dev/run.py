"""``make run``: engines, mail sink, site, worker and beat under one supervisor; Ctrl-C stops them all."""

import argparse
import errno
import os
import signal
import socket
import sys
import threading
from functools import partial

from django.core.management.base import CommandError

from coopconnexion.dev.children import Child, call, python, say, supervise
from coopconnexion.dev.engines import ROOT, RUN, EngineError, engines
from coopconnexion.dev.mail_sink import start_sink
from coopconnexion.dev.valkey import free_port

HOST = "127.0.0.1"  # the messages, sign-in codes among them, are nobody else's
GUNICORN = ["--workers", "2", "--no-control-socket", "--graceful-timeout", "5", "--access-logfile", "-"]
RELOAD = ["--reload", "--reload-extra-file", "templates/**/*"]


class SetupError(Exception):
    """A step before the site, failed; says which and why."""


def children(port: int) -> list[Child]:
    """Return the site, the worker and the clock."""
    celery = python("-m", "celery", "-A", "coopconnexion")
    web = python("-m", "gunicorn", "coopconnexion.wsgi", "--bind", f"{HOST}:{port}", *GUNICORN, *RELOAD)
    worker = [*celery, "worker", "--concurrency", "2", "--loglevel", "info", "--without-gossip", "--without-mingle"]
    beat = [*celery, "beat", "--schedule", str(RUN / f"beat-{port}"), "--pidfile", "", "--loglevel", "info"]
    commands = {"site": web, "tâches": worker, "horloge": beat}
    logs = {"site": "web", "tâches": "worker", "horloge": "beat"}
    return [
        Child(name, command, RUN / "log" / f"{logs[name]}.log", vital=name == "site")
        for name, command in commands.items()
    ]


def refuse_port(port: int) -> str:
    """Say why the site cannot listen there; nothing when it can."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno == errno.EACCES:
                return f"Le port {port} est réservé à l’administrateur. Choisissez-en un autre : make run PORT=8000"
            return f"Le port {port} est déjà pris. Choisissez-en un autre : make run PORT={port + 1}"
    return ""


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def surroundings(urls: dict[str, str], *, port: int, mail_port: int) -> dict[str, str]:
    return {
        **os.environ,
        **urls,
        "DEBUG": "true",
        "EMAIL_URL": f"smtp://{HOST}:{mail_port}",
        "DEV_MAILBOX": str(RUN / "mail"),
        "SITE_URL": f"http://localhost:{port}",
        "PYTHONUNBUFFERED": "1",
    }


def manage(*arguments: str, environ: dict[str, str], stop: threading.Event) -> str:
    """Run a management command and return what it prints.

    :raises CommandError: when it refuses
    :raises SetupError: when it breaks
    """
    status, output = call(python("manage.py", *arguments), environ=environ, stop=stop)
    if not status or stop.is_set():
        return output
    last_line = output.strip().rpartition("\n")[2]
    if last_line.startswith("CommandError: "):
        raise CommandError(last_line.removeprefix("CommandError: "))
    log = RUN / "log" / "setup.log"
    log.write_text(output)
    raise SetupError(f"« manage.py {arguments[0]} » a échoué : {last_line} (tout est dans {log})")


def run(port: int, stop: threading.Event) -> int:
    (RUN / "log").mkdir(parents=True, exist_ok=True)
    say("PostgreSQL et Redis…")
    mail_port = free_port()
    with engines() as urls:
        environ = surroundings(urls, port=port, mail_port=mail_port)
        sink = start_sink(RUN / "mail", port=mail_port)
        try:
            accounts = prepare(environ, stop)
            if stop.is_set():
                return 0
            return supervise(children(port), environ=environ, stop=stop, ready=partial(welcome, port, accounts))
        finally:
            sink.stop()


def prepare(environ: dict[str, str], stop: threading.Event) -> str:
    """Migrate and load the demo; return the lines that name its accounts."""
    step = partial(manage, environ=environ, stop=stop)
    say("Base de données…")
    step("migrate", "--no-input")
    say("Démonstration (une minute la première fois)…")
    try:
        step("load_demo")
        return step("load_demo", "--accounts")
    except CommandError as refusal:  # a database that holds real data is served as it is
        say(str(refusal))
        return "les comptes de cette base"


def welcome(port: int, accounts: str) -> bool:
    """Tell where everything is, once the site answers."""
    if not answers(port):
        return False
    address = f"http://localhost:{port}"
    lines = [
        "",
        f"  Le site       {address}/",
        f"  La gestion    {address}/gestion/",
        f"  Les messages  {address}/messages/   (aucun courriel ne quitte cette machine)",
        "",
        f"  Pour entrer : {address}/compte/login/ avec une adresse ci-dessous, le code arrive dans les messages.",
        *(f"    {line}" for line in accounts.strip().splitlines()),
        "",
        f"  Journaux : {RUN / 'log'}. Ctrl-C arrête tout.",
        "",
    ]
    say("\n".join(lines))
    return True


def read_port(arguments: list[str]) -> int | None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", default="8000")
    text = parser.parse_args(arguments).port
    return int(text) if text.isascii() and text.isdecimal() and 0 < int(text) < 65536 else None


def main(arguments: list[str]) -> int:
    port = read_port(arguments)
    refusal = "PORT doit être un nombre entre 1 et 65535." if port is None else refuse_port(port)
    if refusal:
        print(refusal, file=sys.stderr)
        return 1
    os.chdir(ROOT)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    try:
        status = run(port, stop)
    except (EngineError, SetupError, CommandError) as error:
        print(error, file=sys.stderr)
        return 1
    say("Tout est arrêté.")
    return status


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
