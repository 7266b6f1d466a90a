"""The back office of missing activities: counts, comparisons, inventory."""

from django.urls import path

from premises.views import comparison, correspondence, counts, gap_evidence, gaps, groups

app_name = "gaps_staff"

urlpatterns = [
    path("", gaps.GapListView.as_view(), name="gap_list"),
    path("inventaire.csv", gaps.GapExportView.as_view(), {"kind": "csv"}, name="gap_csv"),
    path("inventaire.xlsx", gaps.GapExportView.as_view(), {"kind": "xlsx"}, name="gap_xlsx"),
    path("ajouter/", gaps.GapAddView.as_view(), name="gap_add"),
    path("<int:pk>/", gaps.GapView.as_view(), name="gap"),
    path("<int:pk>/corriger/", gaps.GapChangeView.as_view(), name="gap_change"),
    path("<int:pk>/etat/", gaps.GapMoveView.as_view(), name="gap_move"),
    path("<int:pk>/piece/", gap_evidence.GapEvidenceAttachView.as_view(), name="gap_evidence_attach"),
    path("<int:pk>/piece/fichier/", gap_evidence.GapEvidenceView.as_view(), name="gap_evidence"),
    path("<int:pk>/piece/retirer/", gap_evidence.GapEvidenceRemoveView.as_view(), name="gap_evidence_remove"),
    path("<int:pk>/revoir/", gaps.GapReviewView.as_view(), name="gap_review"),
    path("ecarts/", comparison.ComparisonView.as_view(), name="comparison"),
    path("ecarts/noter/", comparison.GapFromComparisonView.as_view(), name="gap_from_comparison"),
    path("ecarts/communes/<int:pk>.csv", comparison.EverywhereView.as_view(), name="everywhere_csv"),
    path("groupes/", groups.GroupListView.as_view(), name="group_list"),
    path("groupes/ajouter/", groups.GroupAddView.as_view(), name="group_add"),
    path("groupes/<int:pk>/", groups.GroupChangeView.as_view(), name="group_change"),
    path("groupes/<int:pk>/supprimer/", groups.GroupRemoveView.as_view(), name="group_remove"),
    path("correspondance/", correspondence.ActivityListView.as_view(), name="activity_list"),
    path("correspondance/ajouter/", correspondence.ActivityAddView.as_view(), name="activity_add"),
    path("correspondance/<int:pk>/", correspondence.ActivityView.as_view(), name="activity"),
    path("correspondance/<int:pk>/corriger/", correspondence.ActivityChangeView.as_view(), name="activity_change"),
    path("correspondance/<int:pk>/retirer/", correspondence.ActivityRetireView.as_view(), name="activity_retire"),
    path("correspondance/<int:pk>/reprendre/", correspondence.ActivityRestoreView.as_view(), name="activity_restore"),
    path("statistiques/", counts.CountListView.as_view(), name="count_list"),
    path("statistiques/apporter/", counts.CountFileView.as_view(), name="count_add"),
    path("statistiques/imports/<int:pk>/", counts.CountImportView.as_view(), name="count_import"),
    path("statistiques/<int:pk>/", counts.CountView.as_view(), name="count_set"),
    path("statistiques/<int:pk>/retirer/", counts.CountRetireView.as_view(), name="count_retire"),
    path("statistiques/<int:pk>/reprendre/", counts.CountRestoreView.as_view(), name="count_restore"),
]
