"""What became of those who left: their own page by the link of a message, and the list of staff."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import FormView, ListView

from coopconnexion.accounts.permissions import can_work
from coopconnexion.backoffice import EditPage, StaffPage
from members import services
from members.forms.outcomes import AnswerForm, NoteForm
from members.models import OutcomeInquiry, OutcomeLink
from members.rules import ANSWER_CHANGEABLE


@method_decorator([login_not_required, never_cache], name="dispatch")
class OutcomeView(FormView):
    """One question, by the token of a message; looking at it answers nothing."""

    form_class = AnswerForm
    template_name = "members/outcomes/outcome.html"

    def dispatch(self, request, *args, **kwargs):
        self.at = timezone.now()
        links = OutcomeLink.objects.opened_by(self.kwargs["token"], self.at)
        link = links.select_related("inquiry__departure__member__person").first()
        if link is None:
            return render(request, "members/outcomes/link_dead.html", status=404)
        self.inquiry = link.inquiry
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self):
        """Their own answer; what staff noted is for staff."""
        own = self.inquiry.answered_by_id is None
        return {"outcome": self.inquiry.outcome, "note": self.inquiry.note} if own else {}

    def get_context_data(self, **kwargs):
        until = self.inquiry.answered_at and self.inquiry.answered_at + ANSWER_CHANGEABLE
        return super().get_context_data(
            inquiry=self.inquiry,
            changeable_until=until,
            is_settled=bool(until and self.at > until),
            **kwargs,
        )

    def form_valid(self, form):
        try:
            self.inquiry = services.answer_outcome(inquiry=self.inquiry, at=self.at, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, ValidationError(refusal.messages))
            return self.form_invalid(form)
        return self.render_to_response(self.get_context_data(form=form, is_done=True))

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)


class InquiryListView(StaffPage, ListView):
    """The people of whom there is no news: no e-mail to write to, or no answer so far."""

    template_name = "members/outcomes/inquiry_list.html"
    context_object_name = "inquiries"
    paginate_by = 50
    title = "Nouvelles après la sortie"

    def get_trail(self):
        return [("Membres", reverse("members_staff:member_list"))]

    def get_queryset(self):
        return (
            OutcomeInquiry.objects.visible_to(self.request.user)
            .unanswered(timezone.localdate())
            .select_related("departure__member__person", "departure__member__territory", "departure__reason")
            .order_by("-due_on", "pk")
        )


class InquiryNoteView(EditPage, FormView):
    """Note what somebody said on the phone, or put an answer right."""

    form_class = NoteForm
    template_name = "members/outcomes/inquiry_note.html"
    title = "Noter des nouvelles"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        inquiries = OutcomeInquiry.objects.visible_to(request.user)
        self.row = self.inquiry = get_object_or_404(
            inquiries.select_related("departure__member__person", "departure__reason"), pk=kwargs["pk"]
        )
        if not can_work(request.user, self.inquiry.departure.member.territory_id):
            raise PermissionDenied

    def get_trail(self):
        return [("Nouvelles après la sortie", reverse("members_staff:inquiry_list"))]

    def get_initial(self):
        return {"outcome": self.row.outcome, "note": self.row.note}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"edited": self.row}

    def get_context_data(self, **kwargs):
        return super().get_context_data(inquiry=self.inquiry, member=self.inquiry.departure.member, **kwargs)

    def form_valid(self, form):
        try:
            services.answer_outcome(inquiry=self.inquiry, by=self.request.user, at=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, ValidationError(refusal.messages))
            return self.form_invalid(form)
        messages.success(self.request, "C’est noté.")
        return redirect("members_staff:inquiry_list")

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)
