"""The rows of a file of statements: whose they are, of which month, and what is wrong with them."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from coopconnexion.accounts.enums import WORK_ROLES
from coopconnexion.accounts.models import User
from coopconnexion.sheets import CellError, Column, Row, Table, read_table, values
from members.models import Member, Statement

FIGURES = ("turnover", "purchases", "contribution", "gross_pay")
BATCH = 500
REFERENCE = re.compile(r"m? ?0*([1-9]\d{0,8})", re.I)

COLUMNS = [
    Column("reference", "Référence", values.text(), ("Réf", "Référence membre", "N° membre", "Membre", "ID")),
    Column("email", "E-mail", values.email, ("Courriel", "Adresse e-mail", "Mail", "Adresse électronique")),
    Column("last_name", "Nom", values.text(), ("Nom de famille",)),
    Column("first_name", "Prénom", values.text()),
    Column("month", "Mois", values.month(), ("Période", "Date"), required=True, filled=True),
    Column(
        "turnover",
        "Chiffre d’affaires",
        values.decimal(),
        ("CA", "CA HT", "Chiffre d’affaires HT", "Ventes"),
        required=True,
        filled=True,
    ),
    Column("purchases", "Achats", values.decimal(), ("Achats HT", "Dépenses")),
    Column("contribution", "Contribution", values.decimal(), ("Contribution coopérative",)),
    Column("gross_pay", "Salaire brut", values.decimal(minimum=Decimal(0)), ("Brut", "Salaire", "Rémunération brute")),
]


@dataclass
class StatementRow:
    """One row: the member and the month that it is about, its figures, or what is wrong with it."""

    number: int
    typed: dict[str, object]
    places: dict[str, str]
    errors: list[CellError] = field(default_factory=list)
    member: int | None = None

    @property
    def month(self) -> date:
        return self.typed["month"]

    @property
    def key(self) -> tuple[int, date]:
        return self.member, self.month

    @property
    def figures(self) -> dict[str, Decimal]:
        """What the row says; an empty cell says nothing."""
        return {name: self.typed[name] for name in FIGURES if self.typed.get(name) is not None}

    def refuse(self, message: str, key: str = "") -> None:
        """Add an error, of the column of this key or of the whole row."""
        self.errors.append(CellError(self.number, self.places.get(key, ""), message))


def members_worked_with(user: User) -> QuerySet[Member]:
    """Those whose statements ``user`` may write: of the territories where they do the daily work."""
    ids = user.territory_ids(*WORK_ROLES) if user.is_active else set()
    return Member.objects.all() if ids is None else Member.objects.filter(territory__in=ids)


def open_table(file: BinaryIO, filename: str) -> Table:
    """Return the table of a file of statements.

    :raises ValidationError: what :func:`read_table` refuses, member_column_missing
    """
    table = read_table(file, name=filename, columns=COLUMNS)
    if not {"reference", "email"} & {each.key for each in table.columns.values()}:
        raise ValidationError(
            "Rien ne dit de quel membre est chaque ligne\u202f: ajoutez une colonne «\u202fRéférence\u202f» (M45), ou"
            " «\u202fE-mail\u202f», «\u202fNom\u202f» et «\u202fPrénom\u202f».",
            code="member_column_missing",
        )
    return table


def statement_rows(table: Table, *, by: User, today: date) -> Iterator[list[StatementRow]]:
    """Yield the rows in batches, their members found; a (member, month) met before is refused."""
    rows, seen = iter(table), {}
    places = {each.key: table.place(each) for each in table.columns.values()}
    while batch := [as_statement(row, places) for row in islice(rows, BATCH)]:
        find_members(batch, by)
        for row in batch:
            if "month" in row.typed and row.month > today:
                row.refuse(f"{row.month:%m/%Y} est à venir\u202f: vérifiez le mois.", "month")
            if row.member is None or "month" not in row.typed:
                continue
            first = seen.setdefault(row.key, row.number)
            if first != row.number:
                row.refuse(f"même membre et même mois que la ligne {first}\u202f: gardez une seule des deux.")
        yield batch


def as_statement(row: Row, places: dict[str, str]) -> StatementRow:
    return StatementRow(number=row.number, typed=row.values, places=places, errors=list(row.errors))


# --- whose row is it -------------------------------------------------------------------------------------------------


def find_members(batch: list[StatementRow], by: User) -> None:
    """Set the member of each row, by reference, else by e-mail and name: one query for the batch."""
    references = {row.number: reference_of(row) for row in batch}
    emails = {str(row.typed["email"]) for row in batch if row.typed.get("email")}
    known = members_worked_with(by).annotate(address=Lower("person__email")).select_related("person")
    members = list(known.filter(Q(pk__in=set(references.values()) - {None}) | Q(address__in=emails)).order_by("pk"))
    by_reference = {member.pk: member for member in members}
    by_email: dict[str, list[Member]] = defaultdict(list)
    for member in members:
        by_email[member.address or ""].append(member)
    for row in batch:
        if row.typed.get("reference"):
            find_by_reference(row, references[row.number], by_reference)
        else:
            find_by_name(row, by_email.get(str(row.typed.get("email") or "-"), []))


def reference_of(row: StatementRow) -> int | None:
    found = REFERENCE.fullmatch(str(row.typed.get("reference") or ""))
    return int(found[1]) if found else None


def find_by_reference(row: StatementRow, reference: int | None, members: dict[int, Member]) -> None:
    typed = row.typed["reference"]
    if reference is None:
        row.refuse(f"«\u202f{typed}\u202f» n’est pas une référence de membre\u202f: écrivez-la comme M45.", "reference")
    elif reference not in members:
        row.refuse(f"aucun membre de vos territoires ne porte la référence {typed}.", "reference")
    elif (name := row.typed.get("last_name")) and values.fold(name) not in values.fold(members[reference].person):
        row.refuse(f"{typed} est {members[reference]}, pas {name}\u202f: vérifiez la référence ou le nom.", "last_name")
    else:
        row.member = reference


def find_by_name(row: StatementRow, candidates: list[Member]) -> None:
    email, names = row.typed.get("email"), [row.typed.get("first_name"), row.typed.get("last_name")]
    if not email or not all(names):
        if not row.errors:
            row.refuse("de quel membre est cette ligne\u202f? Indiquez sa référence, ou son e-mail, nom et prénom.")
        return
    wanted = values.fold(" ".join(map(str, names)))
    found = [each for each in candidates if values.fold(each.person) == wanted]
    if len(found) == 1:
        row.member = found[0].pk
    elif found:
        references = ", ".join(each.reference for each in found)
        row.refuse(f"plusieurs membres correspondent ({references})\u202f: indiquez la référence.", "email")
    else:
        row.refuse("aucun membre de vos territoires n’a cette adresse et ce nom\u202f: indiquez la référence.", "email")


def known_figures(batch: list[StatementRow]) -> dict[tuple[int, date], dict[str, Decimal | None]]:
    """Return what is stored for the members and months of a batch: one query."""
    good = [row for row in batch if not row.errors]
    months, members = {row.month for row in good}, {row.member for row in good}
    stored = Statement.objects.filter(member__in=members, month__in=months).values("member", "month", *FIGURES)
    return {(each["member"], each["month"]): {name: each[name] for name in FIGURES} for each in stored}
