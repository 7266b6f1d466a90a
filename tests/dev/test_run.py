import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import psutil
import pytest

from coopconnexion.dev import children
from coopconnexion.dev.children import Child, halt
from coopconnexion.dev.valkey import free_port
from tests.dev.processes import ROOT, processes_of, python, surroundings


def groups_of(leaders):
    """Return the living processes of the groups of these leaders."""
    return [process.pid for process in psutil.process_iter(["status"]) if _is_alive_in(process, leaders)]


def gone(leaders):
    """Give killed processes the moment that the kernel takes to bury them."""
    deadline = time.monotonic() + 10
    while groups_of(leaders) and time.monotonic() < deadline:
        time.sleep(0.05)
    return groups_of(leaders) == []


def _is_alive_in(process, leaders):
    try:
        return os.getpgid(process.pid) in leaders and process.info["status"] != psutil.STATUS_ZOMBIE
    except ProcessLookupError:
        return False


@pytest.mark.process
def test_a_port_in_use_is_named_and_nothing_is_started(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = python("-m", "coopconnexion.dev.run", "--port", str(port), RUN_FOLDER=str(tmp_path / "run"))
    sentence = f"Le port {port} est déjà pris. Choisissez-en un autre\u202f: make run PORT={port + 1}\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", sentence)
    assert not (tmp_path / "run").exists()


@pytest.mark.process
@pytest.mark.parametrize("port", ["0", "99999", "huit"])
def test_a_port_that_is_none_is_refused(port):
    done = python("-m", "coopconnexion.dev.run", "--port", port)
    assert (done.returncode, done.stderr) == (1, "PORT doit être un nombre entre 1 et 65535.\n")


@pytest.mark.process
def test_everything_starts_answers_and_stops_at_ctrl_c(data):
    folder = data.parent
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "coopconnexion.dev.run", "--port", str(port)],
        cwd=ROOT,
        env=surroundings(RUN_FOLDER=str(folder)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = ""
    for line in process.stdout:
        said += line
        if "Ctrl-C" in line:
            break
    leaders = {child.pid for child in psutil.Process(process.pid).children()}
    status = urllib.request.urlopen(f"http://localhost:{port}/messages/", timeout=20).status

    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=40)

    assert (status, process.returncode, len(leaders)) == (200, 0, 4), said + rest
    assert f"http://localhost:{port}/messages/" in said
    assert re.search(r"\S+@\S+", said), said
    assert rest.endswith("Tout est arrêté.\n")
    assert gone(leaders)
    assert processes_of(folder) == []


@pytest.fixture
def child(tmp_path):
    def make(script, **options):
        return Child("essai", [sys.executable, "-c", script], tmp_path / "essai.log", **options)

    return make


@pytest.mark.process
def test_a_child_that_ignores_the_request_to_stop_is_killed_with_its_own(child, monkeypatch):
    monkeypatch.setattr(children, "PATIENCE", 0.5)
    deaf = child(
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); print('prêt', flush=True); "
        "time.sleep(60)"
    )
    deaf.start(dict(os.environ))
    while "prêt" not in deaf.log.read_text():
        time.sleep(0.05)

    halt([deaf])

    assert gone({deaf.process.pid})


@pytest.mark.process
@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux ends the children of the dead")
def test_children_end_with_a_supervisor_that_is_killed(tmp_path):
    log = tmp_path / "essai.log"
    script = (
        "import os, sys, time; from pathlib import Path; from coopconnexion.dev.children import Child; "
        f"child = Child('essai', [sys.executable, '-c', 'import time; time.sleep(60)'], Path({str(log)!r})); "
        "child.start(dict(os.environ)); print(child.process.pid, flush=True); time.sleep(60)"
    )
    supervisor = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    leader = int(supervisor.stdout.readline())
    while "sleep" not in " ".join(psutil.Process(leader).cmdline()) or "leash" in str(psutil.Process(leader).cmdline()):
        time.sleep(0.05)

    supervisor.kill()
    supervisor.communicate()

    assert gone({leader})


class TimesThenStop:
    """An event that is set after some looks."""

    def __init__(self, looks):
        self.looks = looks

    def wait(self, _):
        time.sleep(0.2)
        self.looks -= 1
        return self.looks < 0


@pytest.mark.process
def test_a_child_that_dies_is_started_again(child, capsys):
    mortal = child("raise SystemExit(1)")

    status = children.supervise([mortal], environ=dict(os.environ), stop=TimesThenStop(10), ready=lambda: True)

    assert status == 0
    assert len(mortal.deaths) > 1
    assert "essai\u202f» s’est arrêté\u202f; il redémarre." in capsys.readouterr().out


@pytest.mark.process
def test_a_vital_child_that_keeps_dying_ends_it_all(child, capsys):
    mortal = child("raise SystemExit(1)", vital=True)

    status = children.supervise([mortal], environ=dict(os.environ), stop=TimesThenStop(60), ready=lambda: True)

    assert (status, len(mortal.deaths)) == (1, 3)
    assert "essai\u202f» ne tient pas debout." in capsys.readouterr().out
