from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig

from coopconnexion import panels


class SiteConfig(AppConfig):
    name = "coopconnexion.site"
    verbose_name = "site"

    def ready(self):
        panels.discover()


class BackOfficeConfig(AdminConfig):
    """The Django admin, with our own site class as the one every app registers with."""

    default_site = "coopconnexion.site.back_office.BackOffice"
