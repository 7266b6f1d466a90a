"""Start and stop the two servers of the bench: ours and the floor, each gunicorn with two sync workers."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORKERS = 2


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def gunicorn(application: str, *, path: str, environ: dict[str, str], config: str = "coopconnexion.server"):
    """Serve ``application`` and yield ``(base address, master pid, seconds until the first answer)``."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", application, "--config", f"python:{config}"]
    command += ["--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS), "--log-level", "error"]
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environ})
    base = f"http://127.0.0.1:{port}"
    try:
        _wait(base + path, process)
        yield base, process.pid, time.perf_counter() - started
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(url: str, process: subprocess.Popen, seconds: float = 30) -> None:
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline:
        if process.poll() is not None:
            raise SystemExit("Le serveur du banc s’est arrêté au démarrage.")
        try:
            urllib.request.urlopen(url, timeout=5).read()  # noqa: S310
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise SystemExit(f"Le serveur du banc ne répond pas à {url}.")


def workers_of(master: int) -> list[int]:
    """Return the pids of the worker processes."""
    return [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()]


def pss_megabytes(pid: int) -> float:
    """Return the proportional memory of a process: what it shares is divided among those that share it."""
    return int(re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)[1]) / 1024
