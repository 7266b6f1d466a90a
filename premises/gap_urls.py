"""The back office of missing activities: counts, comparisons, inventory."""

from django.urls import path

from premises.views import comparison, gaps

app_name = "gaps_staff"

urlpatterns = [
    path("", gaps.GapListView.as_view(), name="gap_list"),
    path("inventaire.csv", gaps.GapExportView.as_view(), {"kind": "csv"}, name="gap_csv"),
    path("inventaire.xlsx", gaps.GapExportView.as_view(), {"kind": "xlsx"}, name="gap_xlsx"),
    path("ajouter/", gaps.GapAddView.as_view(), name="gap_add"),
    path("<int:pk>/", gaps.GapView.as_view(), name="gap"),
    path("<int:pk>/corriger/", gaps.GapChangeView.as_view(), name="gap_change"),
    path("<int:pk>/etat/", gaps.GapMoveView.as_view(), name="gap_move"),
    path("<int:pk>/revoir/", gaps.GapReviewView.as_view(), name="gap_review"),
    path("ecarts/", comparison.ComparisonView.as_view(), name="comparison"),
    path("ecarts/noter/", comparison.GapFromComparisonView.as_view(), name="gap_from_comparison"),
    path("statistiques/", comparison.CountListView.as_view(), name="count_list"),
    path("statistiques/<int:pk>/retirer/", comparison.CountRetireView.as_view(), name="count_retire"),
]
