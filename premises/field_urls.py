"""A survey on a phone: its pages, what it sends, and the worker that keeps both while there is no network."""

from django.urls import path

from premises.views import field, field_api, field_passes

app_name = "premises_field"

urlpatterns = [
    path("", field.CampaignListView.as_view(), name="campaign_list"),
    path("sw.js", field_api.worker, name="worker"),
    path("observations/<int:pk>/photo/", field.observation_photo, name="observation_photo"),
    path("telephones/<int:pk>/retirer/", field_passes.PassRevokeView.as_view(), name="pass_revoke"),
    path("<int:pk>/", field.WalkView.as_view(), name="walk"),
    path("<int:pk>/telephones/", field_passes.PassListView.as_view(), name="pass_list"),
    path("<int:pk>/laissez-passer/", field_passes.PassIssueView.as_view(), name="pass_issue"),
    path("<int:pk>/observations/", field_api.look, name="send_look"),
    path("<int:pk>/observations/nouvelle/", field_api.found, name="send_found"),
    path("<int:pk>/observations/annuler/", field_api.undo, name="send_undo"),
    path("<int:pk>/voies/<str:street>/", field.StreetView.as_view(), name="street"),
    path("<int:pk>/voies/<str:street>/ajouter/", field.FoundView.as_view(), name="found"),
    path("<int:pk>/voies/<str:street>/<int:unit>/", field.LookView.as_view(), name="look"),
    path("<int:pk>/voies/<str:street>/<int:unit>/annuler/", field.UndoView.as_view(), name="undo"),
]
