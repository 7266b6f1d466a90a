"""An engine shared by processes that know nothing of one another."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, LOCK_UN, flock
from pathlib import Path
from typing import TextIO


@contextmanager
def shared(folder: Path, *, start: Callable[[], str], stop: Callable[[], None]) -> Iterator[str]:
    """Yield what ``start`` returns; the last process to leave calls ``stop``.

    The kernel drops the locks of a process that dies: no list of users can be stale. ``start`` finds by itself an
    engine that is already running, ours or one that a killed process left.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".gate").open("a") as gate, (folder / ".users").open("a") as users:
        flock(gate, LOCK_EX)
        flock(users, LOCK_SH)
        try:
            value = start()
            flock(gate, LOCK_UN)
            yield value
        finally:
            flock(gate, LOCK_EX)
            if _is_alone(users):
                stop()


def is_used(folder: Path) -> bool:
    """Tell whether a living process uses the engine."""
    if not folder.exists():
        return False
    with (folder / ".users").open("a") as users:
        return not _is_alone(users)


def _is_alone(users: TextIO) -> bool:
    try:
        flock(users, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    return True
