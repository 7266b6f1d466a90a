from django.db.models import TextChoices

from coopconnexion.accounts.enums import Source

__all__ = ["CLOSED_STAGES", "OPEN_STAGES", "Hardship", "ReasonKind", "Source", "Stage"]


class Stage(TextChoices):
    FIRST_CONTACT = "first_contact", "premier contact"
    ASSESSMENT = "assessment", "diagnostic"
    SUPPORT = "support", "accompagnement"
    POOL = "pool", "vivier"
    INTEGRATED = "integrated", "intégré"
    REFUSED = "refused", "refusé"
    ABANDONED = "abandoned", "abandonné"


OPEN_STAGES = frozenset({Stage.FIRST_CONTACT, Stage.ASSESSMENT, Stage.SUPPORT, Stage.POOL})
CLOSED_STAGES = frozenset({Stage.REFUSED, Stage.ABANDONED})


class ReasonKind(TextChoices):
    """Which end of a project a reason is for."""

    REFUSED = "refused", "refus"
    ABANDONED = "abandoned", "abandon"


class Hardship(TextChoices):
    """The situation of a candidate, as they say it; several may hold."""

    JOB_SEEKER = "job_seeker", "demandeur·se d’emploi"
    MINIMUM_INCOME = "minimum_income", "minima sociaux (RSA, ASS, AAH…)"
    STUDENT = "student", "étudiant·e"
    EMPLOYED = "employed", "en emploi"
    OTHER = "other", "autre"
