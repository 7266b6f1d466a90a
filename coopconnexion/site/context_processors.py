from django.conf import settings


def site(request):
    """What every page may name: the coop's phone and address."""
    return {"coop_phone": settings.COOP_PHONE, "coop_email": settings.COOP_EMAIL}
