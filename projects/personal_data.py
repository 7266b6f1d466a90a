from datetime import datetime

from django.db.models import Case, Q, QuerySet, TextField, Value, When
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Concat, Lower

from coopconnexion.accounts.models import Person
from coopconnexion.accounts.personal_data import DELETE, register
from coopconnexion.db import NameKey
from projects.models import (
    CandidateProfile,
    DraftLink,
    Handover,
    Integration,
    Interview,
    Note,
    PremisesNeed,
    Project,
    ProjectDocument,
    ProjectDraft,
    StageChange,
)


def blanked(name: str) -> Case:
    """Return what replaces a text that the database wants filled or empty: as it was."""
    return Case(When(**{name: ""}, then=Value("")), default=Value("Effacé"))


def forget_files(documents: QuerySet, at: datetime) -> None:
    """The files go with their rows, and with what the history knew of them."""
    for document in documents:
        document.file.delete(save=False)


def keep_latest_profile(kept: Person, gone: Person, at: datetime) -> None:
    """What was told last counts; the history keeps what was told before."""
    theirs = CandidateProfile.objects.filter(person=gone).first()
    ours = CandidateProfile.objects.filter(person=kept).first()
    if theirs is None:
        return
    if ours is not None:
        latest, other = (theirs, ours) if theirs.told_on > ours.told_on else (ours, theirs)
        latest.situations = latest.situations or other.situations
        if latest.in_priority_district is None:
            latest.in_priority_district = other.in_priority_district
        latest.save(update_fields=["situations", "in_priority_district"])
        other.delete()
    CandidateProfile.objects.filter(person=gone).update(person=kept)


def situations_told(profile: CandidateProfile) -> str:
    return ", ".join(profile.situation_labels)


def drafted_by(person: Person) -> Q:
    """Their project's draft, and what they write now: the same address and the same name."""
    contact = KeyTransform("contact", "data")
    parts = KeyTextTransform("first_name", contact), Value(" "), KeyTextTransform("last_name", contact)
    name = Concat(*parts, output_field=TextField())
    same = ProjectDraft.objects.unfinished().exclude(email="").alias(name=NameKey(name), address=Lower("email"))
    typed = NameKey(Value(f"{person.first_name} {person.last_name}"))
    writing = same.filter(name=typed, address=person.email.lower())
    return Q(project__holder=person) | Q(pk__in=writing.values("pk"))


def draft_of_link(person: Person) -> Q:
    return Q(draft__in=ProjectDraft.objects.filter(drafted_by(person)).values("pk"))


register(
    Project,
    person="holder",
    export={
        "titre": "title",
        "présentation": "pitch",
        "activité envisagée": "intended_activity",
        "territoire": "territory",
        "étape": "get_stage_display",
        "provenance": "get_source_display",
        "créé le": "created_at",
        "intégré le": "integrated_on",
        "prochaine étape": "next_step",
        "pour le": "next_step_on",
    },
    erase={
        "title": "Projet effacé",
        "pitch": "",
        "intended_activity": "",
        "source_detail": "",
        "pool_reason": blanked("pool_reason"),
        "next_step": blanked("next_step"),
    },
)
register(
    StageChange,
    person="project__holder",
    export={"projet": "project.title", "à": "get_to_stage_display", "le": "changed_at", "motif": "reason"},
    erase={"reason": ""},
)
THEMES = "Des thèmes choisis dans une liste : un chiffre."

register(Project.themes.through, person="project__holder", kept=THEMES)
register(Project.themes.through.link_history, person="project__holder", kept=THEMES)
register(
    CandidateProfile,
    person="person",
    export={"situations": situations_told, "quartier prioritaire": "in_priority_district", "dit le": "told_on"},
    erase=DELETE,
    merge=keep_latest_profile,
)
register(
    ProjectDraft,
    person=drafted_by,
    export={"courriel": "email", "réponses": "data", "commencé le": "created_at", "envoyé le": "submitted_at"},
    erase=DELETE,
)
register(DraftLink, person=draft_of_link, erase=DELETE)

# --- what is written about a project: private to the team, but about the person -------------------------------------

register(
    Interview,
    person="project__holder",
    export={"projet": "project.title", "le": "held_at", "compte rendu": "summary"},
    erase=DELETE,
)
register(
    Note, person="project__holder", export={"projet": "project.title", "le": "written_at", "note": "text"}, erase=DELETE
)
register(
    ProjectDocument,
    person="project__holder",
    export={"projet": "project.title", "titre": "title", "fichier": "filename", "ajouté le": "added_at"},
    erase=DELETE,
    stamp=forget_files,
)
register(
    PremisesNeed,
    person="project__holder",
    export={
        "projet": "project.title",
        "surface minimale": "min_area_m2",
        "surface maximale": "max_area_m2",
        "loyer maximal": "max_monthly_rent",
        "précisions": "note",
    },
    erase={"note": ""},
)
register(
    Handover,
    person="project__holder",
    export={"projet": "project.title", "à": "to_advisor", "le": "handed_at"},
    erase={"note": ""},
)
register(
    Integration,
    person="project__holder",
    export={"projet": "project.title", "intégré le": "integrated_on", "annulé le": "undone_at"},
    erase={"pool_reason": blanked("pool_reason"), "next_step": blanked("next_step")},
)
WATCHERS = "Qui de l’équipe suivait quel projet."

register(Project.observers.through, person="project__holder", user="user", kept=WATCHERS)
register(Project.observers.through.link_history, person="project__holder", user="user", kept=WATCHERS)
