"""Lists that people bring in a spreadsheet, row by row: register of what may be brought, and how a row is written.

Each app's ``resources.py`` registers its lists; ``accounts.services`` checks and applies them: all rows, or none.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from coopconnexion.sheets import Column

NEW, CHANGED, UNCHANGED = "new", "changed", "unchanged"


@dataclass(frozen=True)
class Outcome:
    """What a row is: ``NEW``, ``CHANGED`` or ``UNCHANGED``; ``changes`` are words: (what, before, after)."""

    kind: str
    what: str
    changes: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class RowList:
    """A list that may be brought.

    :param back: name of the page that it is brought from
    :param write: write a row, a mapping of the keys of ``columns``, by the services of its app; may raise
        ``ValidationError``, whose field names a column
    """

    key: str
    title: str
    back: str
    columns: tuple[Column, ...]
    may: Callable[[object], bool]
    write: Callable[..., Outcome]
    advice: tuple[str, ...] = ()
    example: Callable[[object], Iterable[list]] = lambda user: ()


lists: dict[str, RowList] = {}


def register(row_list: RowList) -> None:
    lists[row_list.key] = row_list


def refused(refusal: ValidationError, columns: dict[str, str]) -> Iterable[tuple[str, str]]:
    """Yield each reason of a refusal with the place of the column that it names, or none."""
    if not hasattr(refusal, "error_dict"):
        yield from (("", message) for message in refusal.messages)
        return
    for name, errors in refusal.message_dict.items():
        yield from ((columns.get(name, ""), message) for message in errors)
