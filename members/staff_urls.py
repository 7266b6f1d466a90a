from django.urls import path

from members.views import cards, contracts, deadlines, departures, documents, members, outcomes, statements

app_name = "members_staff"
urlpatterns = [
    path("", members.MemberListView.as_view(), name="member_list"),
    path("<int:pk>/", members.MemberView.as_view(), name="member"),
    path("echeances/", deadlines.DeadlineListView.as_view(), name="deadline_list"),
    path("passer/", departures.MemberHandOverView.as_view(), name="member_hand_over"),
    path("<int:pk>/contrat/", contracts.ContractSignView.as_view(), name="contract_sign"),
    path("<int:pk>/association/", contracts.MemberAssociateView.as_view(), name="member_associate"),
    path("<int:pk>/sortie/", departures.MemberDepartView.as_view(), name="member_depart"),
    path("<int:pk>/retour/", departures.MemberReturnView.as_view(), name="member_return"),
    path("sorties/<int:pk>/", departures.DepartureCorrectView.as_view(), name="departure_correct"),
    path("contrats/<int:pk>/renouveler/", contracts.ContractRenewView.as_view(), name="contract_renew"),
    path("contrats/<int:pk>/avenant/", contracts.ContractAmendView.as_view(), name="contract_amend"),
    path("contrats/<int:pk>/conditions/", contracts.ContractTermsView.as_view(), name="contract_terms"),
    path("contrats/<int:pk>/fin/", contracts.ContractEndView.as_view(), name="contract_end"),
    path("contrats/<int:pk>/corriger/", contracts.ContractCorrectView.as_view(), name="contract_correct"),
    path("entreprises/<int:pk>/fiche/", cards.StaffCardView.as_view(), name="card_edit"),
    path("nouvelles/", outcomes.InquiryListView.as_view(), name="inquiry_list"),
    path("nouvelles/<int:pk>/", outcomes.InquiryNoteView.as_view(), name="inquiry_note"),
    path("releves/", statements.StatementListView.as_view(), name="statement_list"),
    path("releves/a-remplir/", statements.StatementExampleView.as_view(), name="statement_example"),
    path("releves/import/", statements.StatementImportView.as_view(), name="statement_import"),
    path("releves/import/<int:pk>/", statements.StatementImportCheckView.as_view(), name="statement_import_check"),
    path(
        "releves/import/<int:pk>/abandonner/",
        statements.StatementImportDiscardView.as_view(),
        name="statement_import_discard",
    ),
    path("<int:pk>/releves/", statements.StatementEnterView.as_view(), name="statement_enter"),
    path("pieces/", documents.DocumentMissingView.as_view(), name="document_missing"),
    path("<int:pk>/piece/", documents.DocumentReceiveView.as_view(), name="document_receive"),
    path("<int:pk>/document/", documents.DocumentIssueView.as_view(), name="document_issue"),
    path("pieces/<int:pk>/corriger/", documents.DocumentCorrectView.as_view(), name="document_correct"),
    path("pieces/<int:pk>/supprimer/", documents.DocumentRemoveView.as_view(), name="document_remove"),
]
