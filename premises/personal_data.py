from django.db.models import Q

from coopconnexion.accounts.models import Person
from coopconnexion.accounts.personal_data import last_day_of, register
from premises.models import Occupancy


def occupied_by(person: Person) -> Q:
    return Q(member__person=person) | Q(project__holder=person)


register(
    Occupancy,
    person=occupied_by,
    export={"cellule": "unit", "du": "starts_on", "au": last_day_of},
    kept="Des dates et une cellule : un chiffre.",
)
