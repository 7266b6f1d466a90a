from django.contrib.auth.backends import BaseBackend
from django.core.exceptions import PermissionDenied

from coopconnexion.accounts.models import User
from coopconnexion.accounts.permissions import ACTIONS, SEE_CONTACTS, can_reach, may


class MandateBackend(BaseBackend):
    """Answer ``has_perm`` from mandates; knows no password."""

    def get_user(self, user_id: int) -> User | None:
        return User.objects.filter(pk=user_id).first()

    def has_perm(self, user: User, perm: str, obj=None) -> bool:
        if perm == SEE_CONTACTS:
            return can_reach(user, obj)
        app_label, _, codename = perm.partition(".")
        action, _, model_name = codename.partition("_")
        if not may(user, action, f"{app_label}.{model_name}"):
            raise PermissionDenied  # no other backend grants anything: spare its two queries
        return True

    def has_module_perms(self, user: User, app_label: str) -> bool:
        return user.is_active and any(role in ACTIONS for role in user.roles)
