from django.urls import path

from events.views import network

app_name = "network"
urlpatterns = [path("", network.DirectoryView.as_view(), name="directory")]
