from django.urls import path

app_name = "permanences"
urlpatterns = []
