from django.db.models import TextChoices


class Situation(TextChoices):
    """Where somebody stands in the coop on a day: computed from contracts and departures, never typed."""

    CANDIDATE = "candidate", "candidat·e"
    SUPPORTED = "supported", "en convention"
    EMPLOYED = "employed", "entrepreneur·e salarié·e"
    ASSOCIATE = "associate", "entrepreneur·e salarié·e associé·e"
    BETWEEN = "between", "sans contrat en cours"
    LEFT = "left", "sorti·e"


class ContractNature(TextChoices):
    """What a contract of this kind makes of the member."""

    SUPPORT = "support", "appui au projet"
    EMPLOYMENT = "employment", "contrat de travail"


class AmendmentSubject(TextChoices):
    TERMS = "terms", "contribution ou part fixe"
    HOURS = "hours", "durée du travail"
    OBJECTIVE = "objective", "objectif d’activité"
    END = "end", "date de fin"
    OTHER = "other", "autre"


class DeadlineKind(TextChoices):
    CONTRACT_END = "contract_end", "fin de contrat"
    ASSOCIATION = "association", "date limite d’association"


class ExitKind(TextChoices):
    BUSINESS = "business", "création d’entreprise"
    JOB = "job", "emploi salarié"
    TRAINING = "training", "formation"
    NOT_ASSOCIATED = "not_associated", "non-association"
    OTHER = "other", "fin sans suite"


class Outcome(TextChoices):
    """What became of somebody some months after they left."""

    RUNNING = "running", "l’activité continue"
    EMPLOYED = "employed", "en emploi salarié"
    TRAINING = "training", "en formation"
    SEEKING = "seeking", "en recherche d’emploi"
    OTHER = "other", "autre situation"
    UNREACHABLE = "unreachable", "sans nouvelles"


class MeetingMode(TextChoices):
    ON_SITE = "on_site", "sur place"
    PHONE = "phone", "téléphone"
    VIDEO = "video", "visioconférence"
    PERMANENCE = "permanence", "permanence"
    OUTSIDE = "outside", "chez la personne"


class Attendance(TextChoices):
    EXPECTED = "expected", "attendu·e"
    PRESENT = "present", "présent·e"
    ABSENT = "absent", "absent·e"
    EXCUSED = "excused", "excusé·e"


class IssuedKind(TextChoices):
    """The fixed documents that the coop gives, each kept as given."""

    MEMBERSHIP = "membership", "attestation d’appartenance"
    ASSOCIATION = "association", "attestation d’association"
    YEAR = "year", "relevé de l’année"


class DocumentState(TextChoices):
    """Where a document asked of a member stands on a day: computed, never typed."""

    MISSING = "missing", "manquante"
    EXPIRED = "expired", "périmée"
    EXPIRING = "expiring", "bientôt périmée"
    RECEIVED = "received", "reçue"
