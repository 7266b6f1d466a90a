from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "coopconnexion.accounts"
    verbose_name = "personnes et accès"
