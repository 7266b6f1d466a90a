"""``python leash.py COMMAND…``: become a command that the kernel ends when its supervisor dies, even killed."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # of <sys/prctl.h>; kept through exec


def main(command: list[str]) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    os.execv(command[0], command)  # noqa: S606  # the supervisor's own command


if __name__ == "__main__":
    main(sys.argv[1:])
