"""Processes under a supervisor: each in a group of its own, so that nothing it starts outlives it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE = 8  # seconds a child has to stop before it is killed
MAX_DEATHS = 3  # within a minute
LEASH = [sys.executable, "-I", "-S", str(Path(__file__).with_name("leash.py"))]
LONGEST_PAUSE = 30  # seconds before a child that keeps dying is started again


def say(text: str) -> None:
    print(text, flush=True)


@dataclass
class Child:
    """A process to keep alive; ``vital`` means that nothing is worth running without it."""

    name: str
    command: list[str]
    log: Path
    vital: bool = False
    process: subprocess.Popen | None = None
    restart_at: float = 0
    deaths: list[float] = field(default_factory=list)

    def start(self, environ: dict[str, str]) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*LEASH, *self.command],
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def is_dead(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def bury(self, now: float) -> None:
        """Note a death, end what it left behind, and choose when to start again: at once, then later and later."""
        self.kill()
        self.process = None
        self.deaths = [death for death in self.deaths if death > now - 60] + [now]
        self.restart_at = now + min(LONGEST_PAUSE, 2 ** (len(self.deaths) - 1) - 1)

    @property
    def is_hopeless(self) -> bool:
        return self.vital and len(self.deaths) >= MAX_DEATHS

    def ask_to_stop(self) -> None:
        """Only the leader: it knows how to end its own processes."""
        if self.process:
            self.process.terminate()

    def kill(self) -> None:
        """End the whole group, whether or not its leader still lives."""
        if self.process:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def supervise(
    children: list[Child], *, environ: dict[str, str], stop: threading.Event, ready: Callable[[], bool]
) -> int:
    """Start the children, restart those that die, stop them all when asked; return the exit status.

    :param ready: asked until it answers yes: there is nothing to say to a reader before
    """
    waiting = True
    try:
        for child in children:
            child.start(environ)
        while not stop.wait(0.3):
            waiting = waiting and not ready()
            for child in children:
                if not _tend(child, environ):
                    return 1
        return 0
    finally:
        say("Arrêt…")
        halt(children)


def _tend(child: Child, environ: dict[str, str]) -> bool:
    """Start a dead child again; say no when that is hopeless."""
    now = time.monotonic()
    if child.is_dead:
        child.bury(now)
        if child.is_hopeless:
            say(f"« {child.name} » ne tient pas debout. Lisez {child.log}, puis relancez make run.")
            return False
        say(f"« {child.name} » s’est arrêté ; il redémarre. Son journal : {child.log}")
    if child.process is None and now >= child.restart_at:
        child.start(environ)
    return True


def halt(children: list[Child]) -> None:
    """Ask every child to stop, then kill what has not, whole groups: no process is left."""
    for child in children:
        child.ask_to_stop()
    deadline = time.monotonic() + PATIENCE
    for child in children:
        if child.process is None:
            continue
        with suppress(subprocess.TimeoutExpired):
            child.process.wait(max(0.1, deadline - time.monotonic()))
        child.kill()


def call(command: list[str], *, environ: dict[str, str], stop: threading.Event) -> tuple[int, str]:
    """Run a command to its end, or until ``stop``; return its exit status and what it printed."""
    process = subprocess.Popen(
        command,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    output: list[str] = []
    reader = threading.Thread(target=lambda: output.append(process.stdout.read()), daemon=True)
    reader.start()
    while process.poll() is None:
        if stop.wait(0.05):
            process.terminate()
            break
    status = process.wait()
    reader.join()
    process.stdout.close()
    return status, "".join(output)


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]
