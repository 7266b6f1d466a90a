from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from pghistory.middleware import HistoryMiddleware


class SecondFactorMiddleware:
    """Send staff without a second factor to where they set one up, before any page of the back office."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.back_office = reverse("admin:index")

    def __call__(self, request):
        inside = request.path_info.startswith(self.back_office)  # a header of the request may prefix ``path``
        if settings.STAFF_SECOND_FACTOR and inside and self.lacks_it(request.user):
            messages.info(
                request, "Pour entrer dans la gestion, ajoutez d’abord une seconde vérification à votre compte."
            )
            return redirect("mfa_index")
        return self.get_response(request)

    @staticmethod
    def lacks_it(user) -> bool:
        return user.is_authenticated and user.is_staff and not is_mfa_enabled(user)


class PrivatePagesMiddleware:
    """Let no browser keep what a signed-in person sees, unless the page says otherwise: computers are shared."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if "Cache-Control" not in response and request.user.is_authenticated:
            add_never_cache_headers(response)
        return response


class AuthorMiddleware(HistoryMiddleware):
    """Note who writes in the history, and not the address of the page: it may hold the token of a link."""

    def get_context(self, request) -> dict[str, Any]:
        context = super().get_context(request)
        return {"user": context["user"]}
