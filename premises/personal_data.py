from django.db.models import Q

from coopconnexion.accounts.models import Person
from coopconnexion.accounts.personal_data import DELETE, last_day_of, register
from premises.models import (
    CampaignPass,
    CountedCommune,
    CountImport,
    CountSet,
    EstablishmentCount,
    FollowUp,
    MissingActivity,
    Observation,
    Occupancy,
    OccupancyAlert,
    ReferenceGroup,
    SurveyCampaign,
    UnitDocument,
    UnitGroup,
    UnitImport,
    UnitInterest,
    UnitNote,
    UnitPhoto,
)


def occupied_by(person: Person) -> Q:
    return Q(member__person=person) | Q(project__holder=person)


def alerted_about(person: Person) -> Q:
    return Q(occupancy__member__person=person) | Q(occupancy__project__holder=person)


register(
    Occupancy,
    person=occupied_by,
    export={
        "cellule": "unit",
        "titre": "get_tenure_display",
        "du": "starts_on",
        "au": last_day_of,
        "loyer mensuel": "monthly_rent",
    },
    erase={"note": ""},
)
register(OccupancyAlert, person=alerted_about, kept="Des dates d’échéance et une cellule.")
register(
    UnitInterest,
    person="project__holder",
    user="said_by",
    export={"cellule": "unit", "projet": "project.title", "message": "message", "dit le": "said_at"},
    erase={"message": ""},
)
register(
    MissingActivity,
    person="project__holder",
    user="created_by",
    export={"activité": "label", "commune": "commune", "projet": "project.title"},
    kept="Une activité que la commune n’avait pas ; le projet ne dit plus de qui il est.",
)

# --- who of the team did what ----------------------------------------------------------------------------------------

register(UnitPhoto, user="added_by", kept="Qui a ajouté la photo d’une cellule, et quand.")
register(UnitDocument, user="added_by", kept="Qui a ajouté un document sur une cellule, et quand.")
register(UnitNote, user="written_by", kept="Qui a noté quoi d’une cellule, et quand.")
register(FollowUp, user="written_by", kept="Qui suit une cellule, et depuis quand.")
register(SurveyCampaign, user="opened_by", kept="Qui a ouvert un tour de terrain.")
register(CampaignPass, user="user", erase=DELETE)
register(Observation, user="seen_by", kept="Qui a vu une cellule, et quand : la preuve d’un chiffre.")
register(UnitImport, user="uploaded_by", kept="Qui a apporté quel fichier de locaux, et quand.")
register(CountImport, user="uploaded_by", kept="Qui a apporté quel fichier de statistiques, et quand.")
register(CountSet, user="imported_by", kept="Qui a importé quelles statistiques, et quand.")
register(ReferenceGroup, user="made_by", kept="Qui a composé un groupe de communes.")
OF_A_FILE = "Des nombres par commune\u202f: rien de qui les a importés."
register(EstablishmentCount, user="count_set__imported_by", kept=OF_A_FILE)
register(CountedCommune, user="count_set__imported_by", kept=OF_A_FILE)
TOWNS = "Des communes d’un groupe."
register(ReferenceGroup.communes.through, user="referencegroup__made_by", kept=TOWNS)
register(ReferenceGroup.communes.through.link_history, user="referencegroup__made_by", kept=TOWNS)
register(UnitGroup, user="made_by", kept="Qui a composé un groupe de cellules.")
CELLS = "Des cellules d’un groupe."
register(UnitGroup.units.through, user="unitgroup__made_by", kept=CELLS)
register(UnitGroup.units.through.link_history, user="unitgroup__made_by", kept=CELLS)
