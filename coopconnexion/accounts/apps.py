from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class AccountsConfig(AppConfig):
    name = "coopconnexion.accounts"
    verbose_name = "personnes et accès"

    def ready(self):
        autodiscover_modules("visibility", "personal_data", "search", "duties", "consistency", "resources")
