"""The back office of units: register, leases, imports, surveys."""

from django.urls import path

from premises.views import campaigns, imports, occupancies, unit, unit_actions, unit_files, unit_forms, units, vacancy

app_name = "premises_staff"

urlpatterns = [
    path("", units.UnitListView.as_view(), name="unit_list"),
    path("locaux.csv", units.UnitExportView.as_view(), {"kind": "csv"}, name="units_csv"),
    path("locaux.xlsx", units.UnitExportView.as_view(), {"kind": "xlsx"}, name="units_xlsx"),
    path("suivre/", units.UnitsFollowView.as_view(), name="units_follow"),
    path("publier/", units.UnitsPublishView.as_view(), name="units_publish"),
    path("depublier/", units.UnitsWithdrawView.as_view(), name="units_withdraw"),
    path("ajouter/", unit_forms.UnitAddView.as_view(), name="unit_add"),
    path("echeances/", occupancies.DueListView.as_view(), name="due_list"),
    path("<int:pk>/occupations/ajouter/", occupancies.OccupancyAddView.as_view(), name="occupancy_add"),
    path("occupations/<int:pk>/corriger/", occupancies.OccupancyChangeView.as_view(), name="occupancy_change"),
    path("occupations/<int:pk>/terminer/", occupancies.OccupancyEndView.as_view(), name="occupancy_end"),
    path("<int:pk>/interets/ajouter/", occupancies.InterestAddView.as_view(), name="interest_add"),
    path("interets/<int:pk>/retirer/", occupancies.InterestWithdrawView.as_view(), name="interest_withdraw"),
    path("<int:pk>/corriger/", unit_forms.UnitChangeView.as_view(), name="unit_change"),
    path("<int:pk>/", unit.UnitView.as_view(), name="unit"),
    path("<int:pk>/etat/", unit_actions.UnitStateView.as_view(), name="unit_state"),
    path("<int:pk>/suivi/", unit_actions.UnitFollowView.as_view(), name="unit_follow"),
    path("<int:pk>/notes/ecrire/", unit_actions.UnitNoteView.as_view(), name="unit_note"),
    path("<int:pk>/publier/", unit_actions.UnitPublishView.as_view(), name="unit_publish"),
    path("<int:pk>/depublier/", unit_actions.UnitWithdrawView.as_view(), name="unit_withdraw"),
    path("<int:pk>/fermer/", unit_actions.UnitCloseView.as_view(), name="unit_close"),
    path("<int:pk>/diviser/", unit_actions.UnitSplitView.as_view(), name="unit_split"),
    path("<int:pk>/photos/ajouter/", unit_files.UnitPhotoAddView.as_view(), name="unit_photo_add"),
    path("<int:pk>/documents/ajouter/", unit_files.UnitDocumentAddView.as_view(), name="unit_document_add"),
    path("photos/<int:pk>/", unit_files.unit_photo, name="unit_photo"),
    path("photos/<int:pk>/modifier/", unit_files.UnitPhotoChangeView.as_view(), name="unit_photo_change"),
    path("photos/<int:pk>/retirer/", unit_files.UnitPhotoRemoveView.as_view(), name="unit_photo_remove"),
    path("documents/<int:pk>/", unit_files.UnitDocumentView.as_view(), name="unit_document"),
    path("documents/<int:pk>/retirer/", unit_files.UnitDocumentRemoveView.as_view(), name="unit_document_remove"),
    path("imports/", imports.ImportListView.as_view(), name="import_list"),
    path("imports/apporter/", imports.ImportAddView.as_view(), name="import_add"),
    path("imports/<int:pk>/", imports.ImportView.as_view(), name="import"),
    path("imports/<int:pk>/colonnes/", imports.ImportPrepareView.as_view(), name="import_prepare"),
    path("imports/<int:pk>/feuille/", imports.ImportSheetView.as_view(), name="import_sheet"),
    path("imports/<int:pk>/importer/", imports.ImportApplyView.as_view(), name="import_apply"),
    path("imports/<int:pk>/abandonner/", imports.ImportDiscardView.as_view(), name="import_discard"),
    path("tours/", campaigns.CampaignListView.as_view(), name="campaign_list"),
    path("tours/ouvrir/", campaigns.CampaignAddView.as_view(), name="campaign_add"),
    path("tours/<int:pk>/", campaigns.CampaignView.as_view(), name="campaign"),
    path("tours/<int:pk>/cellules.csv", campaigns.CampaignExportView.as_view(), {"kind": "csv"}, name="campaign_csv"),
    path(
        "tours/<int:pk>/cellules.xlsx", campaigns.CampaignExportView.as_view(), {"kind": "xlsx"}, name="campaign_xlsx"
    ),
    path("tours/<int:pk>/corriger/", campaigns.CampaignChangeView.as_view(), name="campaign_change"),
    path("tours/<int:pk>/terminer/", campaigns.CampaignCloseView.as_view(), name="campaign_close"),
    path("tours/<int:pk>/rouvrir/", campaigns.CampaignReopenView.as_view(), name="campaign_reopen"),
    path("tours/observations/<int:pk>/regler/", campaigns.ObservationSettleView.as_view(), name="observation_settle"),
    path("vacance/", vacancy.VacancyView.as_view(), name="vacancy"),
]
