from django.urls import path

from permanences import feeds, waiting_urls
from permanences.views import manage, public

app_name = "permanences"
urlpatterns = [
    path("", public.PermanenceListView.as_view(), name="permanence_list"),
    path("agenda.ics", feeds.PublicFeedView.as_view(), name="public_feed"),
    path("agenda/<str:token>.ics", feeds.PrivateFeedView.as_view(), name="private_feed"),
    path("<int:pk>/", public.permanence, name="permanence"),
    path("<int:pk>/reserver/", public.SlotBookView.as_view(), name="slot_book"),
    path("mon-lien/", public.LinkRequestView.as_view(), name="link_request"),
    path("rdv/<str:token>/", manage.LinkedBookingView.as_view(), name="booking"),
    path("rdv/<str:token>/confirmer/", manage.LinkedBookingConfirmView.as_view(), name="booking_confirm"),
    path("rdv/<str:token>/annuler/", manage.LinkedBookingCancelView.as_view(), name="booking_cancel"),
    path("rdv/<str:token>/deplacer/", manage.LinkedBookingMoveView.as_view(), name="booking_move"),
    path("mes-rendez-vous/<int:pk>/", manage.MyBookingView.as_view(), name="my_booking"),
    path("mes-rendez-vous/<int:pk>/confirmer/", manage.MyBookingConfirmView.as_view(), name="my_booking_confirm"),
    path("mes-rendez-vous/<int:pk>/annuler/", manage.MyBookingCancelView.as_view(), name="my_booking_cancel"),
    path("mes-rendez-vous/<int:pk>/deplacer/", manage.MyBookingMoveView.as_view(), name="my_booking_move"),
    *waiting_urls.urlpatterns,
]
