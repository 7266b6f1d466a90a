from django.urls import path

from events import feeds
from events.views import agenda, event, invitations, manage, registering

app_name = "events"
urlpatterns = [
    path("", agenda.AgendaView.as_view(), name="agenda"),
    path("passes/", agenda.PastAgendaView.as_view(), name="agenda_past"),
    path("mois/", agenda.MonthView.as_view(), name="agenda_this_month"),
    path("mois/<int:year>-<int:month>/", agenda.MonthView.as_view(), name="agenda_month"),
    path("agenda.ics", feeds.PublicFeedView.as_view(), name="public_feed"),
    path("agenda.atom", feeds.news, name="news"),
    path("mon-lien/", registering.LinkRequestView.as_view(), name="link_request"),
    path("<int:pk>/", event.EventView.as_view(), name="event"),
    path("<int:pk>/evenement.ics", event.EventCalendarView.as_view(), name="event_calendar"),
    path("<int:pk>/inscription/", registering.RegisterView.as_view(), name="register"),
    path("invitation/<str:token>/", invitations.InvitationView.as_view(), name="invitation"),
    path("invitation/<str:token>/accepter/", invitations.InvitationAcceptView.as_view(), name="invitation_accept"),
    path("invitation/<str:token>/decliner/", invitations.InvitationDeclineView.as_view(), name="invitation_decline"),
    path("inscription/<str:token>/", manage.LinkedRegistrationView.as_view(), name="registration"),
    path(
        "inscription/<str:token>/confirmer/",
        manage.LinkedRegistrationConfirmView.as_view(),
        name="registration_confirm",
    ),
    path(
        "inscription/<str:token>/retirer/",
        manage.LinkedRegistrationWithdrawView.as_view(),
        name="registration_withdraw",
    ),
    path(
        "inscription/<str:token>/evenement.ics",
        manage.LinkedRegistrationCalendarView.as_view(),
        name="registration_calendar",
    ),
    path("inscription/<str:token>/code.svg", manage.LinkedRegistrationCodeView.as_view(), name="registration_code"),
    path(
        "inscription/<str:token>/attestation.pdf",
        manage.LinkedRegistrationCertificateView.as_view(),
        name="registration_certificate",
    ),
    path(
        "mes-inscriptions/<int:pk>/evenement.ics",
        manage.MyRegistrationCalendarView.as_view(),
        name="my_registration_calendar",
    ),
    path("mes-inscriptions/<int:pk>/code.svg", manage.MyRegistrationCodeView.as_view(), name="my_registration_code"),
    path(
        "mes-inscriptions/<int:pk>/attestation.pdf",
        manage.MyRegistrationCertificateView.as_view(),
        name="my_registration_certificate",
    ),
    path("mes-inscriptions/<int:pk>/", manage.MyRegistrationView.as_view(), name="my_registration"),
    path(
        "mes-inscriptions/<int:pk>/confirmer/",
        manage.MyRegistrationConfirmView.as_view(),
        name="my_registration_confirm",
    ),
    path(
        "mes-inscriptions/<int:pk>/retirer/",
        manage.MyRegistrationWithdrawView.as_view(),
        name="my_registration_withdraw",
    ),
]
