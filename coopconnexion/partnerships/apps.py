from django.apps import AppConfig


class PartnershipsConfig(AppConfig):
    name = "coopconnexion.partnerships"
    verbose_name = "partenariats"
