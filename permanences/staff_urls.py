from django.urls import path

from permanences.views import agenda, callers, desk, planning, schedules

app_name = "permanences_staff"
urlpatterns = [
    path("", agenda.PermanenceListView.as_view(), name="permanence_list"),
    path("<int:pk>/", agenda.PermanenceView.as_view(), name="permanence"),
    path("<int:pk>/feuille/", agenda.SheetView.as_view(), name="sheet"),
    path("<int:pk>/feuille.pdf", agenda.SheetPdfView.as_view(), name="sheet_pdf"),
    path("<int:pk>/reserver/", callers.SlotBookView.as_view(), name="slot_book"),
    path("<int:pk>/liste-attente/", callers.WaitingAddView.as_view(), name="waiting_add"),
    path("liste-attente/<int:pk>/retirer/", callers.WaitingRemoveView.as_view(), name="waiting_remove"),
    path("propositions/<int:pk>/accepter/", callers.OfferAcceptView.as_view(), name="offer_accept"),
    path("propositions/<int:pk>/decliner/", callers.OfferDeclineView.as_view(), name="offer_decline"),
    path("rendez-vous/<int:pk>/presence/", agenda.BookingOutcomeView.as_view(), name="booking_outcome"),
    path("rendez-vous/<int:pk>/note/", agenda.BookingNoteView.as_view(), name="booking_note"),
    path("rendez-vous/<int:pk>/annuler/", agenda.BookingCancelView.as_view(), name="booking_cancel"),
    path("rendez-vous/<int:pk>/deplacer/", agenda.BookingMoveView.as_view(), name="booking_move"),
    path("rendez-vous/<int:pk>/liberer/", agenda.BookingReleaseView.as_view(), name="booking_release"),
    path("liberer/", desk.ReleaseUnconfirmedView.as_view(), name="release_unconfirmed"),
    path("mon-agenda/", desk.FeedListView.as_view(), name="feed_list"),
    path("mon-agenda/<int:pk>/revoquer/", desk.FeedRevokeView.as_view(), name="feed_revoke"),
    path("ajouter/", planning.PermanenceAddView.as_view(), name="permanence_add"),
    path("<int:pk>/deplacer/", planning.PermanenceMoveView.as_view(), name="permanence_move"),
    path("<int:pk>/annuler/", planning.PermanenceCancelView.as_view(), name="permanence_cancel"),
    path("<int:pk>/fermer/", planning.SlotsCloseView.as_view(), name="slots_close"),
    path("<int:pk>/rouvrir/", planning.SlotsReopenView.as_view(), name="slots_reopen"),
    path("<int:pk>/suspendre/", planning.BookingPauseView.as_view(), name="booking_pause"),
    path("<int:pk>/reponses/", planning.PermanenceAnswersView.as_view(), name="permanence_answers"),
    path("rendez-vous/<int:pk>/repondu/", planning.MoveAnswerView.as_view(), name="move_answer"),
    path("rythmes/", schedules.ScheduleListView.as_view(), name="schedule_list"),
    path("rythmes/nouveau/", schedules.ScheduleAddView.as_view(), name="schedule_add"),
    path("rythmes/<int:pk>/", schedules.ScheduleChangeView.as_view(), name="schedule_change"),
    path("rythmes/<int:pk>/dates/", schedules.ScheduleDatesView.as_view(), name="schedule_dates"),
    path("rythmes/<int:pk>/fermer/", schedules.ClosureAddView.as_view(), name="closure_add"),
    path("fermetures/<int:pk>/lever/", schedules.ClosureRemoveView.as_view(), name="closure_remove"),
]
