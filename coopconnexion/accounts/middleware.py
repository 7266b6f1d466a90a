import time
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
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


class StaffSessionMiddleware:
    """Sign staff out who come back to the back office after hours elsewhere: the data of others lies open there."""

    KEY = "staff_seen_at"
    PACE = 300  # seconds between two notes of the time: a session is written, not each page

    def __init__(self, get_response):
        self.get_response = get_response
        self.back_office = reverse("admin:index")

    def __call__(self, request):
        if request.path_info.startswith(self.back_office) and request.user.is_authenticated and request.user.is_staff:
            idle = self.idle_seconds(request)
            if idle > settings.STAFF_SESSION_IDLE:
                logout(request)
                messages.info(request, "Par sécurité, vous avez été déconnecté·e\u202f: demandez un nouveau code.")
                return redirect_to_login(request.get_full_path() if request.method == "GET" else self.back_office)
            if idle >= self.PACE or self.KEY not in request.session:
                request.session[self.KEY] = time.time()
        return self.get_response(request)

    def idle_seconds(self, request) -> float:
        """Return how long ago the user last opened a page of the back office, or signed in."""
        signed_in = [record["at"] for record in get_authentication_records(request, request.user)]
        seen = [request.session.get(self.KEY, 0), *signed_in]
        return time.time() - max(seen) if any(seen) else 0


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
