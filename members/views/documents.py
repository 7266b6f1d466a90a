"""Documents asked of members and received; documents given to them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView, View

from coopconnexion.accounts.permissions import can_work
from coopconnexion.backoffice import EditPage, StaffPage
from coopconnexion.pdf import PdfUnavailableError
from coopconnexion.sheets import csv_response, xlsx_response
from coopconnexion.uploads import serve
from members import services
from members.checklist import TO_CHASE, Asked, to_chase
from members.forms.documents import CorrectReceivedForm, IssueForm, MissingFilterForm, ReceiveForm
from members.models import IssuedDocument, Member, ReceivedDocument
from members.views.work import MemberWork

PER_PAGE = 50
HEADER = ["Membre", "Référence", "Pièce", "État", "Valable jusqu’au", "Territoire", "Référent·e"]


# --- received --------------------------------------------------------------------------------------------------------


class DocumentMissingView(StaffPage, TemplateView):
    """Who lacks what; what is filtered is in the address, ``?format=csv`` exports exactly that."""

    template_name = "members/documents/document_missing.html"
    title = "Pièces à demander"

    def get_trail(self):
        return [("Membres", reverse("members_staff:member_list"))]

    def found(self) -> list[Asked]:
        if self.form.is_bound and not self.form.is_valid():
            return []
        chosen = self.form.cleaned_data if self.form.is_bound else {}
        members = Member.objects.visible_to(self.request.user)
        for name in ("advisor", "territory"):
            if chosen.get(name):
                members = members.filter(**{name: chosen[name]})
        states = [chosen["state"]] if chosen.get("state") else TO_CHASE
        return to_chase(members, timezone.localdate(), kind=chosen.get("kind"), states=states)

    def get(self, request, *args, **kwargs):
        self.form = MissingFilterForm(request.GET or None, user=request.user)
        self.rows = self.found()
        if request.GET.get("format") == "csv":
            return csv_response("pieces-a-demander.csv", HEADER, self.lines())
        if request.GET.get("format") == "xlsx":
            return xlsx_response("pieces-a-demander.xlsx", HEADER, self.lines(), "Pièces à demander")
        return super().get(request, *args, **kwargs)

    def lines(self):
        members = self.members(self.rows)
        for row in self.rows:
            member = members[row.member_id]
            who = (str(member.territory), str(member.advisor or ""))
            yield [str(member), member.reference, str(row.kind), row.label, row.valid_until, *who]

    def members(self, rows) -> dict[int, Member]:
        related = Member.objects.select_related("person", "territory", "advisor")
        return related.in_bulk({row.member_id for row in rows})

    def get_context_data(self, **kwargs):
        page = Paginator(self.rows, PER_PAGE).get_page(self.request.GET.get("page"))
        members = self.members(page.object_list)
        query = self.request.GET.copy()
        for name in ("page", "format"):
            query.pop(name, None)
        pairs = [(row, members[row.member_id]) for row in page.object_list]
        return super().get_context_data(form=self.form, page=page, rows=pairs, query=query.urlencode(), **kwargs)


class DocumentReceiveView(MemberWork):
    """``?piece=3`` chooses the kind."""

    form_class = ReceiveForm
    template_name = "members/documents/document_receive.html"
    title = "Noter une pièce reçue"
    done = "La pièce est notée."

    def get_initial(self):
        return {"received_on": self.today, "kind": self.request.GET.get("piece")}

    def work(self, form):
        services.receive_document(member=self.member, by=self.request.user, at=self.at, **form.cleaned_data)


class DocumentCorrectView(EditPage, MemberWork):
    """Put right what was noted wrong, or delete what should not have been noted; the history keeps both."""

    form_class = CorrectReceivedForm
    template_name = "members/documents/document_receive.html"
    title = "Corriger une pièce reçue"
    done = "La pièce est corrigée."

    def load(self, user) -> None:
        documents = ReceivedDocument.objects.visible_to(user).select_related(
            "kind", "member__person", "member__territory", "member__advisor"
        )
        self.row = get_object_or_404(documents, pk=self.kwargs["pk"])
        self.member = self.row.member

    def get_initial(self):
        return {name: getattr(self.row, name) for name in ("kind", "received_on", "valid_until", "note")}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"edited": self.row}

    def get_context_data(self, **kwargs):
        return super().get_context_data(document=self.row, **kwargs)

    def work(self, form):
        services.correct_received(document=self.row, at=self.at, **form.cleaned_data)


class DocumentRemoveView(MemberWork):
    http_method_names = ["post"]

    load = DocumentCorrectView.load

    def post(self, request, *args, **kwargs):
        services.remove_received(document=self.row)
        messages.success(request, "La pièce est supprimée\u202f; l’historique garde qu’elle était là.")
        return redirect(self.get_success_url())


def theirs(model, user):
    """Rows of the members whom ``user`` sees as staff, and their own."""
    seen, own = Member.objects.visible_to(user), Member.objects.of_account(user)
    return model.objects.filter(Q(member__in=seen.values("pk")) | Q(member__in=own.values("pk")))


@method_decorator(never_cache, name="dispatch")
class DocumentFileView(View):
    """The file, for the staff of the territory and for the member; for others it does not exist."""

    def get(self, request, *args, **kwargs):
        document = get_object_or_404(theirs(ReceivedDocument, request.user).exclude(file=""), pk=kwargs["pk"])
        return serve(document.file, filename=document.filename, content_type=document.content_type)


# --- given -----------------------------------------------------------------------------------------------------------


@method_decorator(never_cache, name="dispatch")
class IssuedDocumentView(View):
    """A document as it was given, byte for byte: for the staff of the territory and for the member."""

    def get(self, request, *args, **kwargs):
        document = get_object_or_404(theirs(IssuedDocument, request.user), pk=kwargs["pk"])
        file = ContentFile(bytes(document.content))
        return serve(file, filename=issued_name(document), content_type="application/pdf")


def issued_name(document: IssuedDocument) -> str:
    """« releve-de-l-annee-2026-M45.pdf »: no name of a person in the file's."""
    names = {"membership": "attestation-d-appartenance", "association": "attestation-d-association"}
    stem = names.get(document.kind) or f"releve-de-l-annee-{document.year}"
    return f"{stem}-M{document.member_id}-{timezone.localdate(document.issued_at)}.pdf"


class Issue:
    """Mixin: one click gives the document that ``kind`` and ``year`` name, or says why it cannot be."""

    http_method_names = ["post"]
    service: staticmethod

    def issue(self, request, member: Member) -> IssuedDocument | None:
        form = IssueForm(request.POST)
        if not form.is_valid():
            messages.error(request, "Choisissez un document et une année.")
            return None
        try:
            return self.service(member=member, by=request.user, at=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        except PdfUnavailableError as missing:
            messages.error(request, str(missing))
        return None


class DocumentIssueView(Issue, StaffPage, View):
    """By staff who work with the member; the file is then on the member's page."""

    service = staticmethod(services.issue_document)

    def post(self, request, *args, **kwargs):
        members = Member.objects.visible_to(request.user).select_related("person", "territory")
        member = get_object_or_404(members, pk=kwargs["pk"])
        if not can_work(request.user, member.territory_id):
            raise PermissionDenied
        if document := self.issue(request, member):
            messages.success(request, f"{document.get_kind_display().capitalize()}\u202f: le document est prêt.")
        return redirect(reverse("members_staff:member", args=[member.pk]) + "#issued")


@method_decorator(never_cache, name="dispatch")
class OwnDocumentIssueView(Issue, View):
    """By the member, whom staff confirmed to be behind the account: the document downloads at once."""

    service = staticmethod(services.issue_own_document)

    def post(self, request, *args, **kwargs) -> HttpResponse:
        own = Member.objects.of_account(request.user).select_related("person", "territory")
        member = get_object_or_404(own.distinct(), pk=kwargs["pk"])
        if document := self.issue(request, member):
            return redirect("members:issued_document", document.pk)
        return redirect("site:my_space")
