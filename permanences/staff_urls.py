from django.urls import path

from permanences.views import agenda, desk

app_name = "permanences_staff"
urlpatterns = [
    path("", agenda.PermanenceListView.as_view(), name="permanence_list"),
    path("<int:pk>/", agenda.PermanenceView.as_view(), name="permanence"),
    path("<int:pk>/feuille/", agenda.SheetView.as_view(), name="sheet"),
    path("<int:pk>/feuille.pdf", agenda.SheetPdfView.as_view(), name="sheet_pdf"),
    path("<int:pk>/reserver/", agenda.SlotBookView.as_view(), name="slot_book"),
    path("rendez-vous/<int:pk>/presence/", agenda.BookingOutcomeView.as_view(), name="booking_outcome"),
    path("rendez-vous/<int:pk>/note/", agenda.BookingNoteView.as_view(), name="booking_note"),
    path("rendez-vous/<int:pk>/annuler/", agenda.BookingCancelView.as_view(), name="booking_cancel"),
    path("rendez-vous/<int:pk>/deplacer/", agenda.BookingMoveView.as_view(), name="booking_move"),
    path("rendez-vous/<int:pk>/liberer/", agenda.BookingReleaseView.as_view(), name="booking_release"),
    path("liberer/", desk.ReleaseUnconfirmedView.as_view(), name="release_unconfirmed"),
    path("mon-agenda/", desk.FeedListView.as_view(), name="feed_list"),
    path("mon-agenda/<int:pk>/revoquer/", desk.FeedRevokeView.as_view(), name="feed_revoke"),
]
