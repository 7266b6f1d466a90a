"""A real SMTP server in a thread, that accepts, refuses, dawdles or dies as told."""

import time
from collections.abc import Callable
from email import message_from_bytes
from email.message import Message as Mail

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


class MailServer(Controller):
    """Keeps what it said « 250 » to in ``envelopes``; ``answers`` are the replies to the coming mails, then « 250 »."""

    def __init__(self):
        self.envelopes = []
        self.answers: list[str | Callable[[SMTP], str]] = []
        super().__init__(self, hostname="127.0.0.1", port=0)

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address.startswith("inconnu"):
            return "550 5.1.1 No such user"
        if address.startswith("pleine"):
            return "452 4.2.2 Mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if callable(answer):
            answer = answer(server)
        if answer.startswith("250"):
            self.envelopes.append(envelope)
        return answer

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]  # the system chose one
        super()._trigger_server()

    @property
    def mails(self) -> list[Mail]:
        return [message_from_bytes(envelope.original_content) for envelope in self.envelopes]

    @property
    def message_ids(self) -> list[str]:
        return [mail["Message-ID"] for mail in self.mails]


def hang_up(server: SMTP) -> str:
    """Die before the answer."""
    server.transport.close()
    return "451 dying"


def dawdle(server: SMTP) -> str:
    time.sleep(1.5)
    return "451 late"
