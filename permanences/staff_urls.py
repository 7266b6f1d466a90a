from django.urls import path

app_name = "permanences_staff"
urlpatterns = []
