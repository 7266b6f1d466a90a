"""A mail server that delivers to a folder: no mail of ``make run`` leaves the machine."""

import time
from email import message_from_bytes, policy
from pathlib import Path
from uuid import uuid4

from aiosmtpd.controller import Controller


class FolderHandler:
    """Write each mail as ``<instant>-<random>.eml``; under a temporary name until it is whole."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  # the name aiosmtpd calls
        message = message_from_bytes(envelope.content, policy=policy.default)
        message["X-Envelope-To"] = ", ".join(envelope.rcpt_tos)
        name = f"{time.time_ns()}-{uuid4().hex[:8]}.eml"
        partial = self.folder / f".{name}"
        partial.write_bytes(message.as_bytes())
        partial.rename(self.folder / name)
        return "250 Message rangé"


def start_sink(folder: Path, *, port: int) -> Controller:
    """Listen on the loopback, in a thread of this process; ``stop()`` ends it."""
    controller = Controller(FolderHandler(folder), hostname="127.0.0.1", port=port)
    controller.start()
    return controller
