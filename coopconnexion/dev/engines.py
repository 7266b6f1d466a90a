"""PostgreSQL and Redis for development and tests: those configured, else embedded ones.

``python -m coopconnexion.dev.engines exec [--data NAME] -- COMMAND`` starts what ``DATABASE_URL`` and ``REDIS_URL`` do
not name, runs the command with both variables set, stops what it started and exits as the command did.
``python -m coopconnexion.dev.engines reset`` erases the data of ``make run``.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import environ
import psycopg
import redis

from coopconnexion.dev import postgres, valkey
from coopconnexion.dev.shared import is_used, shared

ROOT = Path(__file__).resolve().parents[2]
RUN = Path(os.environ.get("RUN_FOLDER") or ROOT / ".run").absolute()
SCHEMES = {"DATABASE_URL": ("postgresql", "postgres"), "REDIS_URL": ("redis", "rediss", "unix")}
TESTS = "test"  # data that may be lost: the engine trades durability for speed


class EngineError(Exception):
    """An engine that cannot be had, said in one French sentence."""


@contextmanager
def engines(data: str = "data") -> Iterator[dict[str, str]]:
    """Yield ``DATABASE_URL`` and ``REDIS_URL``, of the configured servers or of embedded ones under ``.run/<data>``.

    :raises EngineError: when a configured server does not answer, or an embedded one does not start
    """
    database, broker = _configured("DATABASE_URL"), _configured("REDIS_URL")
    if database:
        _probe_database(database)
    if broker:
        _probe_broker(broker)
    with ExitStack() as stack:
        yield {
            "DATABASE_URL": database or stack.enter_context(_postgres(RUN / data)),
            "REDIS_URL": broker or stack.enter_context(_valkey(RUN / data)),
        }


def _configured(name: str) -> str:
    url = os.environ.get(name, "")
    if url and urlsplit(url).scheme not in SCHEMES[name]:
        raise EngineError(f"{name} doit commencer par {SCHEMES[name][0]}://. Corrigez-la ou retirez-la.")
    return url


@contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    home = folder / "postgres"
    start = partial(postgres.start, home, hurried=folder.name.startswith(TESTS))
    try:
        with shared(folder / "postgres.users", start=start, stop=partial(postgres.stop, home)) as url:
            yield url
    except postgres.PostgresError as error:
        raise EngineError(
            f"PostgreSQL embarqué ne démarre pas ici ({error}). Essayez « make reset », ou indiquez un serveur dans "
            "DATABASE_URL."
        ) from error


@contextmanager
def _valkey(folder: Path) -> Iterator[str]:
    home = folder / "valkey"
    try:
        with shared(folder / "valkey.users", start=partial(valkey.start, home), stop=partial(valkey.stop, home)) as url:
            yield url
    except valkey.ValkeyError as error:
        raise EngineError(
            f"Valkey embarqué ne démarre pas ici ({error}). Indiquez un serveur Redis dans REDIS_URL."
        ) from error


def _probe_database(url: str) -> None:
    known = environ.Env.db_url_config(url)
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    options = {option: known[name] for option, name in names.items() if known.get(name)} | known.get("OPTIONS", {})
    try:
        psycopg.connect(**{"connect_timeout": 5, **options}).close()
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[0]
        raise EngineError(
            f"Le serveur PostgreSQL de DATABASE_URL ne répond pas ({reason}). Corrigez DATABASE_URL ou retirez-la."
        ) from error


def _probe_broker(url: str) -> None:
    try:
        redis.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5).ping()
    except (redis.RedisError, ValueError) as error:
        host = urlsplit(url).netloc.rpartition("@")[2]  # without the password
        raise EngineError(
            f"Le serveur Redis de REDIS_URL ({host}) ne répond pas ({error}). Corrigez REDIS_URL ou retirez-la."
        ) from error


def execute(command: list[str], *, data: str) -> int:
    """Run ``command`` on the engines and pass signals on to it; return its exit status, 1 when an engine is missing."""
    process: subprocess.Popen | None = None

    def pass_on(number: int, _) -> None:
        if process is None:
            raise SystemExit(128 + number)
        if number != signal.SIGINT or not _has_terminal():  # the terminal interrupts the command as well
            process.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, pass_on)
    try:
        with engines(data) as urls:
            process = subprocess.Popen(command, env=_surroundings() | urls)
            status = process.wait()
            return 128 - status if status < 0 else status
    except EngineError as error:
        print(error, file=sys.stderr)
        return 1
    except FileNotFoundError:
        print(f"Commande introuvable : {command[0]}", file=sys.stderr)
        return 127


def _surroundings() -> dict[str, str]:
    """Return the environment without the settings that importing our package chose: the command chooses its own."""
    chosen = {"DJANGO_SETTINGS_MODULE": "coopconnexion.settings"}
    return dict(os.environ.items() - chosen.items())


def _has_terminal() -> bool:
    try:
        return os.isatty(0)
    except OSError:
        return False


def reset() -> int:
    """Erase what ``make run`` keeps, unless it is running."""
    folder = RUN / "data"
    if any(is_used(folder / f"{name}.users") for name in ("postgres", "valkey")):
        print("make run tourne encore ici. Arrêtez-le d’abord avec Ctrl-C.", file=sys.stderr)
        return 1
    if folder.exists():  # a killed run leaves its engines behind
        postgres.stop(folder / "postgres")
        valkey.stop(folder / "valkey")
    for name in ("data", "mail", "log"):
        shutil.rmtree(RUN / name, ignore_errors=True)
    for beat in RUN.glob("beat-*"):
        beat.unlink()
    print("Données effacées : le prochain make run repart de zéro.")
    return 0


def main(arguments: list[str]) -> int:
    data = "data"
    if arguments == ["reset"]:
        return reset()
    if arguments[:1] == ["exec"]:
        arguments = arguments[1:]
    if arguments[:1] == ["--data"]:
        data, arguments = arguments[1], arguments[2:]
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    if not command:
        print(__doc__, file=sys.stderr)
        return 2
    return execute(command, data=data)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
