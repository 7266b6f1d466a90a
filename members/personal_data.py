from datetime import datetime

from django.core.exceptions import ValidationError

from coopconnexion.accounts.models import Person
from coopconnexion.accounts.personal_data import last_day_of, register
from members.models import Business, Contract, Member

IN_THE_BOOKS = "Les contrats et ce qui s’y rattache se conservent ; une personne sous contrat n’est pas effacée."


def contracts_to_keep(person: Person, at: datetime) -> str | None:
    return "ses contrats doivent être conservés" if Contract.objects.filter(member__person=person).exists() else None


def keep_one_member(kept: Person, gone: Person, at: datetime) -> None:
    """A person is a member once: two files with contracts are for staff to sort out."""
    theirs = Member.objects.filter(person=gone)
    if theirs.exists() and Member.objects.filter(person=kept).exists():
        raise ValidationError(
            "Les deux fiches ont un dossier de membre : rattachez d’abord les contrats et les entreprises de l’un à"
            " l’autre, puis supprimez le dossier vide.",
            code="two_members",
        )
    theirs.update(person=kept)


register(
    Member,
    person="person",
    export={"territoire": "territory", "associé·e depuis le": "associated_on"},
    kept=IN_THE_BOOKS,
    merge=keep_one_member,
)
register(
    Contract,
    person="member__person",
    export={"nature": "kind", "signé le": "signed_on", "du": "starts_on", "au": last_day_of},
    blocks_erasure=contracts_to_keep,
    kept=IN_THE_BOOKS,
)
register(
    Business,
    person="members__person",
    export={"nom": "name", "activité": "activity", "ouverte le": "opened_on", "fermée le": "closed_on"},
    kept="Une entreprise publiée, parfois portée à plusieurs.",
)
register(Business.members.through, person="member__person", kept=IN_THE_BOOKS)
register(Business.members.through.link_history, person="member__person", kept=IN_THE_BOOKS)
