from django.urls import path

from projects.views import drafts, own

app_name = "projects"
urlpatterns = [
    path("proposer/", drafts.DraftStartView.as_view(), name="draft_start"),
    path("proposer/projet/", drafts.DraftProjectView.as_view(), name="draft_project"),
    path("proposer/besoins/", drafts.DraftNeedsView.as_view(), name="draft_needs"),
    path("proposer/verifier/", drafts.DraftReviewView.as_view(), name="draft_review"),
    path("proposer/merci/", drafts.DraftDoneView.as_view(), name="draft_done"),
    path("proposer/effacer/", drafts.DraftDropView.as_view(), name="draft_drop"),
    path("reprendre/<str:token>/", drafts.DraftResumeView.as_view(), name="draft_resume"),
    path("mes-projets/<int:pk>/", own.MyProjectView.as_view(), name="my_project"),
    path("mes-projets/<int:pk>/presentation/", own.MyPitchView.as_view(), name="my_pitch"),
    path("mes-documents/<int:pk>/", own.MyDocumentView.as_view(), name="my_document"),
]
