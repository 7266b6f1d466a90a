app_name = "members_staff"
urlpatterns = []
