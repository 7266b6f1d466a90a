"""The back office of units: register, leases, imports, surveys."""

from django.urls import path  # noqa: F401

app_name = "premises_staff"

urlpatterns = []
