"""What everybody may open: units on offer, open data, ideas of activities."""

from django.urls import path  # noqa: F401

app_name = "premises"

urlpatterns = []
