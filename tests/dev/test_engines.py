import os
import signal
import subprocess
import sys

import pytest

from tests.dev.processes import ROOT, engines_of, python, surroundings

EXEC = ["-m", "coopconnexion.dev.engines", "exec"]
SAY_URLS = "import os; print(os.environ['DATABASE_URL'], os.environ['REDIS_URL'])"
USE = (
    "import os, psycopg, redis; "
    "redis.Redis.from_url(os.environ['REDIS_URL']).ping(); "
    "print(*psycopg.connect(os.environ['DATABASE_URL']).execute('SELECT datlocale, datlocprovider FROM pg_database "
    "WHERE datname = current_database()').fetchone())"
)


@pytest.mark.process
def test_the_engines_are_there_for_the_command_and_gone_after(data):
    done = python(*EXEC, "--data", str(data), "--", sys.executable, "-c", USE)
    assert (done.stdout.strip(), done.returncode) == ("C.UTF-8 b", 0), done.stderr


@pytest.mark.process
def test_a_clone_that_lies_deep_has_its_socket_elsewhere(data):
    deep = data.parent / ("très loin " * 9).strip() / "test"
    done = python(*EXEC, "--data", str(deep), "--", sys.executable, "-c", USE)
    assert (done.stdout.strip(), done.returncode) == ("C.UTF-8 b", 0), done.stderr


@pytest.mark.process
def test_two_commands_share_the_engines_and_the_last_one_out_stops_them(data):
    wait = [*EXEC, "--data", str(data), "--", sys.executable, "-c", f"{SAY_URLS}; input()"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    first = subprocess.Popen([sys.executable, *wait], cwd=ROOT, env=surroundings(), **pipes)
    urls = first.stdout.readline().strip()

    second = python(*EXEC, "--data", str(data), "--", sys.executable, "-c", SAY_URLS)
    still_there = engines_of(data)
    first.communicate("\n")

    assert (second.stdout.strip(), len(still_there), first.returncode) == (urls, 1, 0)


@pytest.mark.process
def test_engines_left_by_a_killed_command_are_found_again(data):
    command = [sys.executable, *EXEC, "--data", str(data), "--", sys.executable, "-c", f"{SAY_URLS}; input()"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    killed = subprocess.Popen(command, cwd=ROOT, env=surroundings(), **pipes)
    urls = killed.stdout.readline().strip()
    killed.kill()
    killed.communicate()

    again = python(*EXEC, "--data", str(data), "--", sys.executable, "-c", SAY_URLS)

    assert (again.stdout.strip(), again.returncode) == (urls, 0), again.stderr


@pytest.mark.process
def test_data_are_erased_but_not_under_a_run(data):
    run = {"RUN_FOLDER": str(data.parent)}
    command = [sys.executable, *EXEC, "--", sys.executable, "-c", "print('prêt', flush=True); input()"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    running = subprocess.Popen(command, cwd=ROOT, env=surroundings(**run), **pipes)
    running.stdout.readline()

    refused = python("-m", "coopconnexion.dev.engines", "reset", **run)
    running.communicate("\n")
    done = python("-m", "coopconnexion.dev.engines", "reset", **run)

    refusal = "make run tourne encore ici. Arrêtez-le d’abord avec Ctrl-C.\n"
    assert (refused.returncode, refused.stderr, done.returncode) == (1, refusal, 0), done.stderr
    assert not (data.parent / "data").exists()


@pytest.fixture
def elsewhere():
    """Servers that need not be started: the tests' own."""
    return {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)}


@pytest.mark.process
@pytest.mark.parametrize(
    ("script", "status"), [("raise SystemExit(7)", 7), ("import os; os.kill(os.getpid(), 9)", 137)]
)
def test_the_status_of_the_command_is_passed_on(elsewhere, script, status):
    assert python(*EXEC, "--data", "test", "--", sys.executable, "-c", script, **elsewhere).returncode == status


@pytest.mark.process
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_are_passed_on(elsewhere, number):
    script = (
        f"import signal, time; signal.signal({number:d}, lambda *_: exit(5)); print('prêt', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen(
        [sys.executable, *EXEC, "--data", "test", "--", sys.executable, "-c", script],
        cwd=ROOT,
        env=surroundings(**elsewhere),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    process.stdout.readline()
    process.send_signal(number)
    process.communicate(timeout=20)
    assert process.returncode == 5


@pytest.mark.process
@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"DATABASE_URL": "postgres://x:secret@127.0.0.1:1/x"}, "Le serveur PostgreSQL de DATABASE_URL ne répond pas"),
        ({"DATABASE_URL": "sqlite:///x"}, "DATABASE_URL doit commencer par postgresql://."),
        ({"REDIS_URL": "127.0.0.1"}, "REDIS_URL doit commencer par redis://."),
        ({"REDIS_URL": "redis://:secret@127.0.0.1:1/0"}, "Le serveur Redis de REDIS_URL (127.0.0.1:1) ne répond pas"),
    ],
)
def test_a_server_that_does_not_answer_is_named_in_one_sentence(variables, sentence):
    done = python(*EXEC, "--", "true", **variables)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith(sentence)
    assert "secret" not in done.stderr


@pytest.mark.process
def test_the_command_chooses_its_settings(elsewhere):
    script = "import os; print(os.environ.get('DJANGO_SETTINGS_MODULE'))"
    done = python(*EXEC, "--data", "test", "--", sys.executable, "-c", script, **elsewhere)
    assert done.stdout == "None\n"


@pytest.mark.process
def test_an_unknown_command_is_named(elsewhere):
    done = python(*EXEC, "--data", "test", "--", "no-such-command", **elsewhere)
    assert (done.returncode, done.stderr) == (127, "Commande introuvable\u202f: no-such-command\n")
