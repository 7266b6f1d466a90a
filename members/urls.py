from django.urls import path

from members.views import outcomes

app_name = "members"
urlpatterns = [
    path("nouvelles/<str:token>/", outcomes.OutcomeView.as_view(), name="outcome"),
]
