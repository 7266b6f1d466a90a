from django.contrib.auth.decorators import login_not_required
from django.urls import path, reverse_lazy
from django.views.generic import RedirectView

from coopconnexion.accounts.views import sign_in

app_name = "accounts"
urlpatterns = [
    # nobody has a password: allauth's pages that set, change or reset one are shadowed
    path("password/<path:page>", login_not_required(RedirectView.as_view(url=reverse_lazy("account_login")))),
    path("invitation/<str:uid>/<str:token>/", sign_in.InvitationView.as_view(), name="invitation"),
]
