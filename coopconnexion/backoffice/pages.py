"""What every page of the back office that is not the admin's shares: who may enter, and which rows they see."""

from django.contrib import admin
from django.db import models
from django.http import Http404
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache


class StaffPage:
    """Mixin of the views of the back office that are not the admin's; anybody but staff gets a 404.

    ``title`` and ``trail``, pairs (label, address) from the home page down, may be overridden by methods.
    """

    title = ""

    @method_decorator(never_cache)
    def dispatch(self, request, *args, **kwargs):
        if not request.user.is_authenticated:
            return self.sign_in(request)
        if not request.user.is_staff:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    @staticmethod
    def sign_in(request):
        return admin.site.login(request)

    def get_title(self) -> str:
        return self.title

    def get_trail(self) -> list[tuple[str, str]]:
        return []

    def get_context_data(self, **kwargs):
        trail = [("Accueil", reverse("admin:index")), *self.get_trail()]
        page = {**admin.site.each_context(self.request), "title": self.get_title(), "trail": trail}
        return super().get_context_data(**(page | kwargs))


def visible(queryset: models.QuerySet, user) -> models.QuerySet:
    """Return the rows that this user may see, where the model says so."""
    return queryset.visible_to(user) if hasattr(queryset, "visible_to") else queryset
