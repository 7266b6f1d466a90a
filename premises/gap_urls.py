"""The back office of missing activities: counts, comparisons, inventory."""

from django.urls import path  # noqa: F401

app_name = "gaps_staff"

urlpatterns = []
