from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.models import AbstractBaseUser

from coopconnexion.accounts.permissions import ACTIONS, may


class MandateBackend(BaseBackend):
    """Answer ``has_perm`` from mandates; knows no password."""

    def has_perm(self, user: AbstractBaseUser, perm: str, obj=None) -> bool:
        app_label, _, codename = perm.partition(".")
        action, _, model_name = codename.partition("_")
        return may(user, action, f"{app_label}.{model_name}")

    def has_module_perms(self, user: AbstractBaseUser, app_label: str) -> bool:
        return user.is_active and any(role in ACTIONS for role in user.roles)
