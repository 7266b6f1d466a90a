from django.urls import path

from coopconnexion.accounts.views import access, doubles, people

app_name = "accounts_staff"
urlpatterns = [
    path("doublons/", doubles.DoubleListView.as_view(), name="double_list"),
    path("<int:pk>/", people.PersonView.as_view(), name="person"),
    path("<int:pk>/donnees.json", people.PersonExportView.as_view(), name="person_export"),
    path("<int:pk>/effacer/", people.PersonEraseView.as_view(), name="person_erase"),
    path("<int:pk>/reunie/<int:merge_pk>/", people.PersonFormerView.as_view(), name="person_former"),
    path("<int:pk>/reunir/", doubles.PersonMergeChoiceView.as_view(), name="person_merge_choice"),
    path("<int:pk>/reunir/<int:other>/", doubles.PersonMergeView.as_view(), name="person_merge"),
    path("<int:pk>/distinguer/<int:other>/", doubles.PersonApartView.as_view(), name="person_apart"),
    path("acces/", access.AccessListView.as_view(), name="access_list"),
    path("acces/<int:pk>/", access.AccountView.as_view(), name="account"),
    path("acces/<int:pk>/fermer/", access.AccountCloseView.as_view(), name="account_close"),
    path("acces/<int:pk>/rouvrir/", access.AccountReopenView.as_view(), name="account_reopen"),
    path("acces/mandats/<int:pk>/retirer/", access.MandateRevokeView.as_view(), name="mandate_revoke"),
]
