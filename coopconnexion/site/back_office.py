"""The back office: the Django admin with our home page, our search, and the site's own way to sign in."""

from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from coopconnexion.accounts.services import ask_export
from coopconnexion.backoffice import TrackedAdmin
from coopconnexion.site import saved_filters
from coopconnexion.site.flaws import flaws
from coopconnexion.site.search import results

UNUSED_PAGES = frozenset({"password_change", "password_change_done", "view_on_site"})


class BackOffice(AdminSite):
    """Whoever is not staff finds nothing here; nobody signs in with a password."""

    site_title = "Gestion CoopConnexion"
    site_header = "CoopConnexion"
    index_title = "Accueil"
    empty_value_display = "–"
    enable_nav_sidebar = False
    ask_export = staticmethod(ask_export)

    def register(self, model_or_iterable, admin_class=None, **options):
        """Take our own admins only: what the libraries register is neither scoped to a user nor followed."""
        if admin_class and issubclass(admin_class, TrackedAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def get_urls(self):
        return [
            path("recherche/", self.admin_view(self.search), name="search"),
            path("anomalies/", self.admin_view(flaws), name="flaws"),
            *saved_filters.urls(self.admin_view),
            *(url for url in super().get_urls() if getattr(url, "name", None) not in UNUSED_PAGES),
        ]

    def each_context(self, request):
        """What every page needs; the list of all tables is made by the pages that show it: it costs as much as one."""
        return {
            "site_title": self.site_title,
            "site_header": self.site_header,
            "site_url": reverse("site:home"),
            "has_permission": self.has_permission(request),
            "is_popup": False,
            "is_nav_sidebar_enabled": self.enable_nav_sidebar,
            "available_apps": (),
        }

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

    def search(self, request):
        """Find anyone and anything by name, reference, phone or e-mail, among what the user may see."""
        return TemplateResponse(request, "admin/search.html", {**self.each_context(request), **results(request)})
