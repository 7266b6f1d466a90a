"""A mail server that delivers to a folder: no mail of ``make run`` leaves the machine."""

import time
from pathlib import Path
from uuid import uuid4

from aiosmtpd.controller import Controller

LARGEST_MAIL = 50_000_000  # bytes


class FolderHandler:
    """Write each mail, as received, to ``<instant>-<random>.eml``; under a hidden name until it is whole."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  # the name aiosmtpd calls
        name = f"{time.time_ns()}-{uuid4().hex[:8]}.eml"
        partial = self.folder / f".{name}"
        partial.write_bytes(f"X-Envelope-To: {', '.join(envelope.rcpt_tos)}\r\n".encode() + envelope.original_content)
        partial.rename(self.folder / name)
        return "250 Message rangé"


def start_sink(folder: Path, *, port: int) -> Controller:
    """Listen on the loopback, in a thread of this process; ``stop()`` ends it."""
    controller = Controller(
        FolderHandler(folder), hostname="127.0.0.1", port=port, data_size_limit=LARGEST_MAIL, enable_SMTPUTF8=True
    )
    controller.start()
    return controller
