from django.conf import settings
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("coopconnexion.site.urls")),
    path("permanences/", include("permanences.urls")),
    path("agenda/", include("events.urls")),
    path("reseau/", include("events.network_urls")),
    path("projets/", include("projects.urls")),
    path("membres/", include("members.urls")),
    path("", include("premises.urls")),
    path("gestion/locaux/terrain/", include("premises.field_urls")),
    path("gestion/locaux/", include("premises.staff_urls")),
    path("gestion/activites/", include("premises.gap_urls")),
    path("gestion/permanences/", include("permanences.staff_urls")),
    path("gestion/evenements/", include("events.staff_urls")),
    path("gestion/reseau/", include("events.network_staff_urls")),
    path("gestion/projets/", include("projects.staff_urls")),
    path("gestion/membres/", include("members.staff_urls")),
    path("gestion/personnes/", include("coopconnexion.accounts.staff_urls")),
    path("gestion/personnes/acces/", include("coopconnexion.notices.staff_urls")),
    path("gestion/", admin.site.urls),
    path("compte/", include("coopconnexion.accounts.urls")),
    path("compte/", include("allauth.urls")),
]
if settings.DEV_MAILBOX:
    urlpatterns.append(path("messages/", include("coopconnexion.dev.urls")))
