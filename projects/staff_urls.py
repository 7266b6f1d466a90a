from django.urls import path

from projects.views import bulk, integration, lists, opening, profiles, project, records, steps

app_name = "projects_staff"
urlpatterns = [
    path("", lists.BoardView.as_view(), name="board"),
    path("liste/", lists.ProjectListView.as_view(), name="project_list"),
    path("liste/projets.csv", lists.ProjectsCsvView.as_view(), name="projects_csv"),
    path("liste/projets.xlsx", lists.ProjectsXlsxView.as_view(), name="projects_xlsx"),
    path("liste/confier/", bulk.ProjectsHandOverView.as_view(), name="projects_hand_over"),
    path("liste/terminer/", bulk.ProjectsCloseView.as_view(), name="projects_close"),
    path("liste/archiver/", bulk.ProjectsArchiveView.as_view(), name="projects_archive"),
    path("liste/desarchiver/", bulk.ProjectsUnarchiveView.as_view(), name="projects_unarchive"),
    path("ajouter/", opening.ProjectAddView.as_view(), name="project_add"),
    path("<int:pk>/", project.ProjectView.as_view(), name="project"),
    path("<int:pk>/modifier/", project.ProjectChangeView.as_view(), name="project_change"),
    path("<int:pk>/local/", project.PremisesNeedView.as_view(), name="premises_need"),
    path("<int:pk>/etape/", steps.ProjectStepView.as_view(), name="project_step"),
    path("<int:pk>/suite/", steps.ProjectNextStepView.as_view(), name="project_next_step"),
    path("<int:pk>/confier/", steps.ProjectHandOverView.as_view(), name="project_hand_over"),
    path("<int:pk>/entretiens/ajouter/", records.InterviewAddView.as_view(), name="interview_add"),
    path("<int:pk>/notes/ajouter/", records.NoteAddView.as_view(), name="note_add"),
    path("<int:pk>/documents/ajouter/", records.DocumentAddView.as_view(), name="document_add"),
    path("<int:pk>/integrer/", integration.IntegrateView.as_view(), name="integrate"),
    path("<int:pk>/integrer/annuler/", integration.IntegrationUndoView.as_view(), name="integration_undo"),
    path("entretiens/<int:pk>/", records.InterviewChangeView.as_view(), name="interview_change"),
    path("notes/<int:pk>/", records.NoteChangeView.as_view(), name="note_change"),
    path("documents/<int:pk>/", records.ProjectDocumentView.as_view(), name="project_document"),
    path("documents/<int:pk>/partager/", records.DocumentShareView.as_view(), name="document_share"),
    path("documents/<int:pk>/retirer/", records.DocumentRemoveView.as_view(), name="document_remove"),
    path("personnes/<int:pk>/profil/", profiles.ProfileView.as_view(), name="profile"),
]
