"""Routes of the waiting lists, part of ``permanences.urls``."""

from django.urls import path

from permanences.views import waiting

urlpatterns = [
    path("<int:pk>/liste-attente/", waiting.WaitingJoinView.as_view(), name="waiting_join"),
    path("attente/<str:token>/", waiting.WaitingManageView.as_view(), name="waiting_manage"),
    path("attente/<str:token>/confirmer/", waiting.WaitingConfirmView.as_view(), name="waiting_confirm"),
    path("attente/<str:token>/quitter/", waiting.WaitingLeaveView.as_view(), name="waiting_leave"),
    path("attente/<str:token>/<int:pk>/accepter/", waiting.OfferAcceptView.as_view(), name="offer_accept"),
    path("attente/<str:token>/<int:pk>/decliner/", waiting.OfferDeclineView.as_view(), name="offer_decline"),
]
