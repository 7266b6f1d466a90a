from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class PartnershipsConfig(AppConfig):
    name = "coopconnexion.partnerships"
    verbose_name = "partenariats"

    def ready(self):
        autodiscover_modules("indicators")
