from django.db.models import TextChoices


class OccupancyState(TextChoices):
    OCCUPIED = "occupied", "occupée"
    PARTLY = "partly", "partiellement occupée"
    VACANT = "vacant", "vacante"
    UNKNOWN = "unknown", "inconnu"


class TenureKind(TextChoices):
    PROVISION = "provision", "mise à disposition"
    SHORT_LEASE = "short_lease", "bail dérogatoire"
    TRIAL_SHOP = "trial_shop", "boutique à l’essai"
    COMMERCIAL_LEASE = "commercial_lease", "bail commercial 3-6-9"
    PRECARIOUS = "precarious", "convention d’occupation précaire"
