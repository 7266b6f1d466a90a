from datetime import datetime

from django.db.models import QuerySet

from coopconnexion.accounts.models import Person, User
from coopconnexion.accounts.personal_data import DELETE, last_day_of, register
from members.doubles import join_files
from members.models import (
    AdviceMeeting,
    Amendment,
    Business,
    Contract,
    ContractTerms,
    DeadlineAlert,
    Departure,
    IssuedDocument,
    MeetingParticipant,
    Member,
    OutcomeInquiry,
    OutcomeLink,
    PublicCard,
    ReceivedDocument,
    Statement,
    StatementImport,
)

IN_THE_BOOKS = "Les contrats et ce qui s’y rattache se conservent ; une personne sous contrat n’est pas effacée."


def contracts_to_keep(person: Person, at: datetime) -> str | None:
    return "ses contrats doivent être conservés" if Contract.objects.filter(member__person=person).exists() else None


def keep_one_member(kept: Person, gone: Person, at: datetime) -> None:
    """A person is a member once: two files become one."""
    theirs = Member.objects.select_for_update(of=("self",)).filter(person=gone).first()
    ours = Member.objects.select_for_update(of=("self",)).filter(person=kept).first()
    if theirs and ours:
        join_files(ours, theirs)
    elif theirs:
        Member.objects.filter(pk=theirs.pk).update(person=kept)


register(
    Member,
    person="person",
    export={
        "territoire": "territory",
        "référent·e": "advisor",
        "provenance": "get_source_display",
        "prescripteur": "referrer",
        "associé·e depuis le": "associated_on",
        "nombre de parts": "share_count",
        "montant des parts": "share_amount",
    },
    kept=IN_THE_BOOKS,
    merge=keep_one_member,
)
register(
    Contract,
    person="member__person",
    export={
        "nature": "kind",
        "signé le": "signed_on",
        "du": "starts_on",
        "au": last_day_of,
        "heures par semaine": "weekly_hours",
        "programme": "programme",
        "motif de fin anticipée": "ended_early_because",
    },
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
register(Business.themes.through, person="business__members__person", kept="Des thèmes choisis dans une liste.")
register(
    Business.themes.through.link_history, person="business__members__person", kept="Des thèmes choisis dans une liste."
)
register(
    PublicCard,
    person="business__members__person",
    user="agreed_by",
    export={
        "entreprise": "business",
        "présentation": "description",
        "site web": "website",
        "accord donné le": "agreed_at",
        "retirée le": "withdrawn_at",
    },
    kept="La fiche d’une entreprise, parfois portée à plusieurs ; son accord se retire sur la fiche elle-même.",
)

# --- contracts and what hangs on them --------------------------------------------------------------------------------

register(
    ContractTerms,
    person="contract__member__person",
    export={
        "contrat": "contract.kind",
        "du": "starts_on",
        "au": last_day_of,
        "taux de contribution": "contribution_rate",
        "part fixe": "fixed_pay",
    },
    kept=IN_THE_BOOKS,
)
register(
    Amendment,
    person="contract__member__person",
    export={
        "contrat": "contract.kind",
        "numéro": "number",
        "signé le": "signed_on",
        "prend effet le": "effective_on",
        "objet": "get_subject_display",
        "contenu": "text",
    },
    kept=IN_THE_BOOKS,
)
register(DeadlineAlert, person="contract__member__person", kept="Des dates ; le message, lui, est effacé.")

# --- after the coop --------------------------------------------------------------------------------------------------

register(
    Departure,
    person="member__person",
    export={"motif": "reason", "à partir du": "left_on", "précisions": "note", "revenu·e le": "returned_on"},
    erase={"note": ""},
)
register(
    OutcomeInquiry,
    person="departure__member__person",
    export={
        "mois après la sortie": "months",
        "demandé le": "asked_at",
        "situation": "get_outcome_display",
        "précisions": "note",
        "répondu le": "answered_at",
    },
    erase={"note": ""},
)
register(OutcomeLink, person="inquiry__departure__member__person", erase=DELETE)

# --- follow-up -------------------------------------------------------------------------------------------------------


def remove_files(documents: QuerySet, at: datetime) -> None:
    for document in documents.exclude(file=""):
        document.file.delete(save=False)


register(
    ReceivedDocument,
    person="member__person",
    user="recorded_by",
    export={"pièce": "kind", "reçue le": "received_on", "valable jusqu’au": "valid_until", "précisions": "note"},
    erase=DELETE,
    stamp=remove_files,
)
register(
    IssuedDocument,
    person="member__person",
    export={"document": "get_kind_display", "année": "year", "donné le": "issued_at"},
    kept=IN_THE_BOOKS,
)
register(
    Statement,
    person="member__person",
    export={
        "mois": "month",
        "chiffre d’affaires": "turnover",
        "achats": "purchases",
        "contribution": "contribution",
        "salaire brut": "gross_pay",
    },
    kept=IN_THE_BOOKS,
)
register(StatementImport, user="uploaded_by", kept="Qui a apporté quel fichier de relevés, et quand.")


def said_to_one(name: str):
    """Return what tells a part of a meeting to who was there alone, or to whom it was shared: others have their own."""

    def tell(meeting: AdviceMeeting) -> str:
        told = getattr(meeting, name)
        is_theirs = not told or meeting.is_shared or meeting.participations.count() < 2
        return told if is_theirs else "Dit à plusieurs : à relire avec l’équipe avant de le transmettre."

    return tell


def closed_to(name: str):
    """Return what says who completes the export, to a member of staff who may not read this part of a meeting."""

    def tell(meeting: AdviceMeeting, reader: User) -> str:
        if not getattr(meeting, name) or meeting.is_readable_by(reader):
            return ""
        authors = {str(user) for user in (*meeting.advisors.all(), meeting.recorded_by) if user}
        return f"Réservé à qui l’a écrit, à qui le demander\u202f: {', '.join(sorted(authors)) or 'auteur inconnu'}."

    return tell


MINUTES = "Un compte rendu, parfois à plusieurs ; une personne sous contrat n’est pas effacée."
register(
    AdviceMeeting,
    person="participants__person",
    export={
        "rendez-vous du": "held_at",
        "mode": "get_mode_display",
        "points abordés": said_to_one("topics"),
        "objectifs": said_to_one("objectives"),
        "notes": said_to_one("notes"),
    },
    withheld={
        "points abordés": closed_to("topics"),
        "objectifs": closed_to("objectives"),
        "notes": closed_to("notes"),
    },
    kept=MINUTES,
)
register(
    MeetingParticipant,
    person="member__person",
    export={"rendez-vous du": "meeting.held_at", "présence": "get_attendance_display"},
    kept=MINUTES,
)
ADVISED = "Qui a conseillé, et quand."
register(AdviceMeeting.advisors.through, user="user", kept=ADVISED)
register(AdviceMeeting.advisors.through.link_history, user="user", kept=ADVISED)
