from django.urls import path

from coopconnexion.site import exports, imports, views

app_name = "site"
urlpatterns = [
    path("", views.HomeView.as_view(), name="home"),
    path("mon-espace/", views.MySpaceView.as_view(), name="my_space"),
    path("mon-espace/entrer/", views.after_login, name="after_login"),
    path("aide/", views.PageView.as_view(template_name="site/help.html"), name="help"),
    path("mentions-legales/", views.PageView.as_view(template_name="site/legal.html"), name="legal"),
    path("confidentialite/", views.PageView.as_view(template_name="site/privacy.html"), name="privacy"),
    path("accessibilite/", views.PageView.as_view(template_name="site/accessibility.html"), name="accessibility"),
    path("composants/", views.ComponentsView.as_view(), name="components"),
    path("gestion/exports/", exports.ExportListView.as_view(), name="export_list"),
    path("gestion/exports/<int:pk>/", exports.ExportFileView.as_view(), name="export_file"),
    path("gestion/exports/<int:pk>/supprimer/", exports.ExportDeleteView.as_view(), name="export_delete"),
    path("gestion/imports/<slug:key>/", imports.RowImportView.as_view(), name="row_import"),
    path("gestion/imports/<slug:key>/exemple.xlsx", imports.RowImportExampleView.as_view(), name="row_import_example"),
    path("gestion/imports/<slug:key>/<int:pk>/", imports.RowImportCheckView.as_view(), name="row_import_check"),
    path(
        "gestion/imports/<slug:key>/<int:pk>/abandonner/",
        imports.RowImportDiscardView.as_view(),
        name="row_import_discard",
    ),
    path("robots.txt", views.robots, name="robots"),
]
