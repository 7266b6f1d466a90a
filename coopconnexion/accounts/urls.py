from django.urls import path

from coopconnexion.accounts import views

app_name = "accounts"
urlpatterns = [
    path("invitation/<str:uid>/<str:token>/", views.InvitationView.as_view(), name="invitation"),
]
