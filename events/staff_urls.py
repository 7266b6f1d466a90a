"""The back office of events."""

from django.urls import path

from events.views import invitations, office, office_forms, office_people, office_series, presence

app_name = "events_staff"

urlpatterns = [
    path("", office.EventListView.as_view(), name="event_list"),
    path("liste.csv", office.EventExportView.as_view(), {"kind": "csv"}, name="event_csv"),
    path("liste.xlsx", office.EventExportView.as_view(), {"kind": "xlsx"}, name="event_xlsx"),
    path("planifier/", office_forms.EventAddView.as_view(), name="event_add"),
    path("<int:pk>/", office.EventView.as_view(), name="event"),
    path("<int:pk>/corriger/", office_forms.EventEditView.as_view(), name="event_edit"),
    path("<int:pk>/publier/", office.EventPublishView.as_view(), name="event_publish"),
    path("<int:pk>/depublier/", office.EventUnpublishView.as_view(), name="event_unpublish"),
    path("<int:pk>/effacer/", office.EventRemoveView.as_view(), name="event_remove"),
    path("<int:pk>/dupliquer/", office_forms.EventDuplicateView.as_view(), name="event_duplicate"),
    path("<int:pk>/deplacer/", office_forms.EventMoveView.as_view(), name="event_move"),
    path("<int:pk>/annuler/", office_forms.EventCancelView.as_view(), name="event_cancel"),
    path("<int:pk>/repeter/", office_series.SeriesAddView.as_view(), name="series_add"),
    path("<int:pk>/prolonger/", office_series.SeriesExtendView.as_view(), name="series_extend"),
    path("<int:pk>/annuler-la-suite/", office_series.SeriesCancelView.as_view(), name="series_cancel"),
    path("<int:pk>/seances/ajouter/", office_forms.SessionAddView.as_view(), name="session_add"),
    path("<int:pk>/seances/<int:session_pk>/", office_forms.SessionMoveView.as_view(), name="session_move"),
    path("<int:pk>/seances/<int:session_pk>/annuler/", office_forms.SessionCancelView.as_view(), name="session_cancel"),
    path("<int:pk>/emargement.pdf", presence.SignInView.as_view(), name="sign_in"),
    path("<int:pk>/emargement/<int:session_pk>.pdf", presence.SignInView.as_view(), name="sign_in_session"),
    path("<int:pk>/attestations.pdf", presence.CertificatesView.as_view(), name="certificates"),
    path("<int:pk>/attestations/<int:registration_pk>.pdf", presence.CertificatesView.as_view(), name="certificate"),
    path("<int:pk>/participants.csv", presence.ParticipantsView.as_view(), {"kind": "csv"}, name="participants_csv"),
    path("<int:pk>/participants.xlsx", presence.ParticipantsView.as_view(), {"kind": "xlsx"}, name="participants_xlsx"),
    path("presences/", presence.PresenceListView.as_view(), name="presence_list"),
    path("seances/<int:pk>/presences/", presence.PresenceView.as_view(), name="presence"),
    path("seances/<int:pk>/presences/tous/", presence.PresenceAllView.as_view(), name="presence_all"),
    path(
        "seances/<int:pk>/presences/<int:registration_pk>/",
        presence.PresenceNoteView.as_view(),
        name="presence_note",
    ),
    path("presence/<uuid:code>/", presence.ByCodeView.as_view(), name="presence_by_code"),
    path("invitations/<str:kind>/<int:pk>/", invitations.InviteView.as_view(), name="invite"),
    path("invitations/<int:pk>/retirer/", invitations.InvitationRevokeView.as_view(), name="invitation_revoke"),
    path("<int:pk>/inscrire/", office_people.RegistrationAddView.as_view(), name="registration_add"),
    path(
        "inscriptions/<int:pk>/desinscrire/",
        office_people.RegistrationWithdrawView.as_view(),
        name="registration_withdraw",
    ),
]
