from django.db.models import TextChoices


class OccupancyState(TextChoices):
    OCCUPIED = "occupied", "occupée"
    PARTLY = "partly", "partiellement occupée"
    VACANT = "vacant", "vacante"
    NEVER = "never", "jamais occupée"
    TRANSITION = "transition", "en transition (travaux, reprise)"
    UNKNOWN = "unknown", "inconnu"


EMPTY_STATES = frozenset({OccupancyState.VACANT, OccupancyState.NEVER})
"""Nobody trades there, for a time that nobody knows: what the vacancy rate counts."""

TRADING = frozenset({OccupancyState.OCCUPIED, OccupancyState.PARTLY})
"""Somebody trades there, in all of it or in a part."""


class Availability(TextChoices):
    YES = "yes", "à louer"
    NO = "no", "pas à louer"
    RESERVED = "reserved", "réservée"
    UNKNOWN = "unknown", "inconnu"


class DatePrecision(TextChoices):
    DAY = "day", "au jour"
    MONTH = "month", "au mois"
    YEAR = "year", "à l’année"


class Condition(TextChoices):
    GOOD = "good", "bon état"
    WORK = "work", "travaux à prévoir"
    POOR = "poor", "dégradée"
    UNKNOWN = "unknown", "inconnu"


class ErpType(TextChoices):
    """Kinds of buildings open to the public (arrêté du 25 juin 1980)."""

    J = "J", "J, accueil de personnes âgées ou handicapées"
    L = "L", "L, salles de réunion et de spectacle"
    M = "M", "M, magasins"
    N = "N", "N, restaurants et débits de boissons"
    O = "O", "O, hôtels"  # noqa: E741
    P = "P", "P, salles de danse et de jeux"
    R = "R", "R, enseignement et garde d’enfants"
    S = "S", "S, bibliothèques et documentation"
    T = "T", "T, salles d’exposition"
    U = "U", "U, soins"
    V = "V", "V, lieux de culte"
    W = "W", "W, bureaux et banques"
    X = "X", "X, sport couvert"
    Y = "Y", "Y, musées"


class FollowUpStatus(TextChoices):
    NONE = "none", "non suivie"
    WAITING = "waiting", "en attente de réponse"
    FIRST_CONTACT = "first_contact", "premier contact"
    ONGOING = "ongoing", "suivi en cours"
    BLOCKED = "blocked", "suivi bloqué"
    DONE = "done", "suivi terminé"


class FollowUpDetail(TextChoices):
    """The closed list below each status."""

    OWNER_WRITTEN = "owner_written", "courrier envoyé au propriétaire"
    OWNER_CALLED = "owner_called", "message laissé au propriétaire"
    OWNER_MET = "owner_met", "propriétaire rencontré"
    OWNER_OPEN = "owner_open", "propriétaire intéressé"
    VISIT = "visit", "visite prévue ou faite"
    NEGOTIATION = "negotiation", "loyer ou bail en discussion"
    WORKS = "works", "travaux en cours"
    OWNER_UNWILLING = "owner_unwilling", "propriétaire opposé"
    OWNER_WILLING = "owner_willing", "propriétaire volontaire mais empêché"
    BUILDING = "building", "état du bâtiment"
    ENVIRONMENT = "environment", "environnement de la rue"
    THIRD_PARTY = "third_party", "tiers (indivision, succession, procédure)"
    VACANCY_ENDED = "vacancy_ended", "sortie de vacance"
    WAS_NOT_VACANT = "was_not_vacant", "n’était pas vacante"
    GONE = "gone", "démolie ou divisée"


DETAILS_OF = {
    FollowUpStatus.NONE: (),
    FollowUpStatus.WAITING: (FollowUpDetail.OWNER_WRITTEN, FollowUpDetail.OWNER_CALLED),
    FollowUpStatus.FIRST_CONTACT: (FollowUpDetail.OWNER_MET, FollowUpDetail.OWNER_OPEN),
    FollowUpStatus.ONGOING: (FollowUpDetail.VISIT, FollowUpDetail.NEGOTIATION, FollowUpDetail.WORKS),
    FollowUpStatus.BLOCKED: (
        FollowUpDetail.OWNER_UNWILLING,
        FollowUpDetail.OWNER_WILLING,
        FollowUpDetail.BUILDING,
        FollowUpDetail.ENVIRONMENT,
        FollowUpDetail.THIRD_PARTY,
    ),
    FollowUpStatus.DONE: (FollowUpDetail.VACANCY_ENDED, FollowUpDetail.WAS_NOT_VACANT, FollowUpDetail.GONE),
}
"""What may be said below each status; a blocked or finished follow-up always says it."""

DETAILED = frozenset({FollowUpStatus.BLOCKED, FollowUpStatus.DONE})


class ClosureReason(TextChoices):
    DEMOLISHED = "demolished", "démolie"
    SPLIT = "split", "divisée"
    MERGED = "merged", "réunie à une autre"
    CHANGED_USE = "changed_use", "n’est plus un commerce"
    MISTAKE = "mistake", "enregistrée par erreur"


class TenureKind(TextChoices):
    PROVISION = "provision", "mise à disposition"
    SHORT_LEASE = "short_lease", "bail dérogatoire"
    TRIAL_SHOP = "trial_shop", "boutique à l’essai"
    COMMERCIAL_LEASE = "commercial_lease", "bail commercial 3-6-9"
    PRECARIOUS = "precarious", "convention d’occupation précaire"


class InterestOrigin(TextChoices):
    PUBLIC = "public", "page des locaux"
    STAFF = "staff", "équipe"


class Finding(TextChoices):
    """What who walks the street says of a unit, in one tap."""

    UNCHANGED = "unchanged", "inchangé"
    VACANT = "vacant", "vacant"
    OPEN = "open", "ouvert"
    WORKS = "works", "travaux"


class CampaignOrigin(TextChoices):
    WALK = "walk", "tour de terrain"
    IMPORT = "import", "fichier importé"


class ImportState(TextChoices):
    RECEIVED = "received", "à préparer"
    CHECKING = "checking", "vérification en cours"
    CHECKED = "checked", "vérifié"
    APPLYING = "applying", "import en cours"
    APPLIED = "applied", "importé"
    DISCARDED = "discarded", "abandonné"
    FAILED = "failed", "refusé"


class CountKind(TextChoices):
    BPE = "bpe", "Base permanente des équipements (INSEE)"
    SIRENE = "sirene", "SIRENE, stock des établissements (INSEE)"
    PORTAL = "portal", "SIRENE, ancien portail (INSEE)"


class GapStatus(TextChoices):
    SUSPECTED = "suspected", "pressentie"
    CONFIRMED = "confirmed", "confirmée"
    IN_PROGRESS = "in_progress", "projet en cours"
    FILLED = "filled", "comblée"
    DISMISSED = "dismissed", "écartée"


class GapSource(TextChoices):
    COMPUTED = "computed", "calcul (écart à la référence)"
    SURVEY = "survey", "enquête auprès des habitants"
    ELECTED = "elected", "élu·e ou service de la ville"
    PERMANENCE = "permanence", "permanence"
    STUDY = "study", "étude"
    OTHER = "other", "autre"


class Level(TextChoices):
    """How the offer of a town stands to that of the towns it is compared with, worst first."""

    ABSENT = "absent", "absente"
    STRONG = "strong", "écart fort"
    MODERATE = "moderate", "écart modéré"
    BALANCED = "balanced", "équilibre"
    OVER = "over", "sur-représentée"
    UNMEASURABLE = "unmeasurable", "non mesurable"
    UNKNOWN = "unknown", "inconnue"


GAPS = frozenset({Level.ABSENT, Level.STRONG, Level.MODERATE})
"""Levels at which a town has less than its like."""


class Settlement(TextChoices):
    """Who is right, of the register and of what was seen in the street."""

    REGISTER = "register", "garder le registre"
    OBSERVATION = "observation", "prendre ce qui a été vu"


class Band(TextChoices):
    """How Procos reads a rate of vacancy."""

    LOW = "low", "faible"
    MODERATE = "moderate", "modérée"
    HIGH = "high", "élevée"
    VERY_HIGH = "very_high", "très élevée"


class NoRate(TextChoices):
    """Why a rate is not given: only numbers are."""

    NOTHING_SEEN = "nothing_seen", "aucune cellule vue"
    PARTIAL_PARK = "partial_park", "parc incomplet"
    TOO_FEW = "too_few", "moins de 4 cellules relevées"


class Change(TextChoices):
    """What became of a unit from one survey to the next."""

    NEWLY_VACANT = "newly_vacant", "nouvellement vacantes"
    LET_AGAIN = "let_again", "sorties de vacance"
    WAS_NOT_VACANT = "was_not_vacant", "n’étaient pas vacantes"
    WORKS = "works", "en travaux ou en transition"
    OPENED = "opened", "ouvertes après travaux"
    STILL_VACANT = "still_vacant", "toujours vacantes"
    STILL_OPEN = "still_open", "toujours ouvertes"
    NEW = "new", "vues pour la première fois"
    UNSEEN = "unseen", "non vues"
    GONE = "gone", "n’existent plus"
    UNKNOWN = "unknown", "vues, sans pouvoir comparer"
