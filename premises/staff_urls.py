"""The back office of units: register, leases, imports, surveys."""

from django.urls import path

from premises.views import unit, unit_files

app_name = "premises_staff"

urlpatterns = [
    path("<int:pk>/", unit.UnitView.as_view(), name="unit"),
    path("photos/<int:pk>/", unit_files.UnitPhotoView.as_view(), name="unit_photo"),
    path("documents/<int:pk>/", unit_files.UnitDocumentView.as_view(), name="unit_document"),
]
