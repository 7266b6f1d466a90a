"""The reference data that a migration brings, brought back where a test has emptied the tables."""

from members.enums import ContractNature, ExitKind
from members.models import ContractKind, ExitReason

KINDS = {
    "cape": ("CAPE", 12, 2, ContractNature.SUPPORT, False),
    "cesa": ("CESA", None, None, ContractNature.EMPLOYMENT, True),
    "cdi": ("CDI", None, None, ContractNature.EMPLOYMENT, False),
    "cdd": ("CDD", 18, 2, ContractNature.EMPLOYMENT, False),
}


def kind(key: str) -> ContractKind:
    label, months, renewals, nature, clock = KINDS[key]
    wanted = {
        "label": label,
        "max_months": months,
        "max_renewals": renewals,
        "nature": nature,
        "starts_association_clock": clock,
    }
    return ContractKind.objects.get_or_create(key=key, defaults=wanted)[0]


def exit_reason(label: str = "Emploi salarié", kind: str = ExitKind.JOB) -> ExitReason:
    return ExitReason.objects.get_or_create(label=label, defaults={"kind": kind})[0]
