"""The back office of the network."""

from django.urls import path

from events.views import network, network_forms

app_name = "network_staff"
urlpatterns = [
    path("", network.ActorListView.as_view(), name="actor_list"),
    path("liste.csv", network.ActorExportView.as_view(), {"kind": "csv"}, name="actor_csv"),
    path("liste.xlsx", network.ActorExportView.as_view(), {"kind": "xlsx"}, name="actor_xlsx"),
    path("ajouter/", network_forms.ActorAddView.as_view(), name="actor_add"),
    path("<int:pk>/", network.ActorView.as_view(), name="actor"),
    path("<int:pk>/corriger/", network_forms.ActorEditView.as_view(), name="actor_edit"),
    path("<int:pk>/accord/", network_forms.ConsentView.as_view(), name="actor_consent"),
    path("<int:pk>/accord/retirer/", network_forms.ActorAct.as_view(), name="actor_unlist"),
    path("<int:pk>/echanges/ajouter/", network_forms.ExchangeView.as_view(), name="actor_exchange"),
    path("<int:pk>/liens/ajouter/", network_forms.LinkAddView.as_view(), name="actor_link"),
    path("<int:pk>/archiver/", network_forms.ActorArchiveView.as_view(), name="actor_archive"),
    path("<int:pk>/reprendre/", network_forms.ActorRestoreView.as_view(), name="actor_restore"),
    path("liens/<int:pk>/retirer/", network_forms.LinkRemoveView.as_view(), name="link_remove"),
    path("liens/<str:kind>/<int:pk>/", network_forms.ActorLinkView.as_view(), name="link_add"),
]
