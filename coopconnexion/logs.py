"""What the log must not keep: the tokens of links, which stand in the address of their pages."""

import logging
import re

TOKEN_IN_PATH = re.compile(r"(/(?:rdv|attente|agenda|invitation|confirm-email|reprendre)/)[^\s?\"']+")


def without_tokens(text: str) -> str:
    return TOKEN_IN_PATH.sub(r"\1•••", text)


class TokenFilter(logging.Filter):
    """Blank the tokens of the addresses that a record tells: refusals and errors name the page."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = without_tokens(record.getMessage()), ()
        return True
