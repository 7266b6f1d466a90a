app_name = "projects_staff"
urlpatterns = []
