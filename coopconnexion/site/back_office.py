"""The back office: the Django admin with our home page, our search, and the site's own way to sign in."""

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from coopconnexion.notices.models import Message
from coopconnexion.notices.services import mark_failure_seen

PASSWORD_PAGES = frozenset({"password_change", "password_change_done"})
FAILURES_SHOWN = 8


class BackOffice(AdminSite):
    """Whoever is not staff finds nothing here; nobody signs in with a password."""

    site_title = "Gestion CoopConnexion"
    site_header = "CoopConnexion"
    index_title = "Accueil"
    empty_value_display = "–"

    def get_urls(self):
        seen = path("echecs/<int:pk>/vu/", self.admin_view(require_POST(self.failure_seen)), name="failure_seen")
        return [seen, *(url for url in super().get_urls() if getattr(url, "name", None) not in PASSWORD_PAGES)]

    @method_decorator([never_cache, login_not_required])
    def login(self, request, extra_context=None):
        """Sign in as on the rest of the site: a code by e-mail, then the second factor."""
        if request.user.is_authenticated:
            if not self.has_permission(request):
                raise Http404
            return redirect("admin:index")
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))

    def admin_view(self, view, cacheable=False):
        inner = super().admin_view(view, cacheable)

        def guarded(request, *args, **kwargs):
            if request.user.is_authenticated and not self.has_permission(request):
                raise Http404
            return inner(request, *args, **kwargs)

        return guarded

    def index(self, request, extra_context=None):
        failures = Message.objects.visible_to(request.user).failed().filter(seen_at=None)
        rows = list(failures.select_related("person").order_by("-failed_at", "-pk")[: FAILURES_SHOWN + 1])
        context = {"failures": rows[:FAILURES_SHOWN], "more_failures": len(rows) > FAILURES_SHOWN}
        return super().index(request, {**context, **(extra_context or {})})

    def failure_seen(self, request, pk):
        """« Vu »: the failure leaves the home page."""
        message = get_object_or_404(Message.objects.visible_to(request.user).failed(), pk=pk)
        mark_failure_seen(message=message, at=timezone.now())
        messages.success(request, "L’échec est marqué comme vu.")
        return redirect("admin:index")
