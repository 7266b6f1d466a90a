from django.urls import path

from coopconnexion.notices import views

app_name = "notices_staff"
urlpatterns = [path("inviter/", views.InviteView.as_view(), name="invite")]
