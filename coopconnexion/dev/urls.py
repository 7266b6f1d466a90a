from django.urls import path

from coopconnexion.dev import views

app_name = "dev"
urlpatterns = [
    path("", views.mail_list, name="mail_list"),
    path("<slug:name>/", views.mail, name="mail"),
    path("<slug:name>/html/", views.mail_html, name="mail_html"),
    path("<slug:name>/pieces/<int:number>/", views.mail_part, name="mail_part"),
]
