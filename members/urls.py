from django.urls import path

from members.views import cards, directory, documents, outcomes

app_name = "members"
urlpatterns = [
    path("", directory.DirectoryView.as_view(), name="directory"),
    path("<int:pk>/", directory.CardView.as_view(), name="card"),
    path("images/<str:name>", directory.CardPictureView.as_view(), name="card_picture"),
    path("ma-fiche/<int:pk>/", cards.OwnCardView.as_view(), name="card_edit"),
    path("nouvelles/<str:token>/", outcomes.OutcomeView.as_view(), name="outcome"),
    path("pieces/<int:pk>/", documents.DocumentFileView.as_view(), name="document_file"),
    path("documents/<int:pk>/", documents.IssuedDocumentView.as_view(), name="issued_document"),
    path("mes-documents/<int:pk>/", documents.OwnDocumentIssueView.as_view(), name="own_document_issue"),
]
