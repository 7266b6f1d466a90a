"""The back office of events."""

from django.urls import path

from events.views import office, office_forms, office_people

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
    path("<int:pk>/repeter/", office_forms.SeriesAddView.as_view(), name="series_add"),
    path("<int:pk>/prolonger/", office_forms.SeriesExtendView.as_view(), name="series_extend"),
    path("<int:pk>/annuler-la-suite/", office_forms.SeriesCancelView.as_view(), name="series_cancel"),
    path("<int:pk>/seances/ajouter/", office_forms.SessionAddView.as_view(), name="session_add"),
    path("<int:pk>/seances/<int:session_pk>/", office_forms.SessionMoveView.as_view(), name="session_move"),
    path("<int:pk>/seances/<int:session_pk>/annuler/", office_forms.SessionCancelView.as_view(), name="session_cancel"),
    path("<int:pk>/inscrire/", office_people.RegistrationAddView.as_view(), name="registration_add"),
    path(
        "inscriptions/<int:pk>/desinscrire/",
        office_people.RegistrationWithdrawView.as_view(),
        name="registration_withdraw",
    ),
]
