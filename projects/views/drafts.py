"""« Proposer un projet »: three short steps, a summary, and the way back by the link of a message.

A draft is opened by a random token, in a signed cookie that no script reads or in the link of a message; no page ever
shows one.
"""

from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import FormView, TemplateView, View

from coopconnexion.throttle import is_busy_address
from projects import services
from projects.documents.drafts import summary
from projects.forms.drafts import ContactStepForm, NeedsStepForm, ProjectStepForm, StartForm
from projects.models import DraftLink, ProjectDraft
from projects.services.drafts import CONTACT, NEEDS, PROJECT, STEPS

COOKIE, SALT = "projet", "projects.draft"
COOKIE_AGE = 60 * 60 * 24 * 20  # a draft that nobody touches lives seventeen days
PAGES = {CONTACT: "projects:draft_start", PROJECT: "projects:draft_project", NEEDS: "projects:draft_needs"}
LABELS = {CONTACT: "Vous", PROJECT: "Votre projet", NEEDS: "Vos besoins"}
REVIEW = "projects:draft_review"
SENDINGS_PER_HOUR = 12  # from one network: past it the address is confirmed first
LOST = "Votre projet n’est plus ouvert dans ce navigateur. Pour le reprendre, ouvrez le lien de notre dernier message."


@method_decorator([login_not_required, never_cache], name="dispatch")
class DraftPage(View):
    """What the pages of a draft share: the draft that this browser opens, if any, and the way to the others."""

    step = ""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.at = timezone.now()
        self.token = request.get_signed_cookie(COOKIE, default="", salt=SALT, max_age=COOKIE_AGE)
        links = DraftLink.objects.opened_by(self.token, self.at).select_related("draft__project")
        self.link = links.first() if self.token else None
        self.draft: ProjectDraft | None = self.link and self.link.draft

    def dispatch(self, request, *args, **kwargs):
        answer = self.elsewhere()
        return answer or super().dispatch(request, *args, **kwargs)

    def elsewhere(self):
        """Answer instead of the page when there is no draft here, or when it is not there yet."""
        if self.draft is None:
            return self.lost()
        if self.draft.submitted_at:
            return redirect("projects:draft_done")
        if self.step and self.draft.step <= STEPS.index(self.step):
            return redirect(PAGES[STEPS[self.draft.step - 1]])
        return None

    def lost(self):
        """Nothing typed is lost without a word: it is shown back, to be copied."""
        if self.request.method == "POST":
            typed = [value for name in ("title", "pitch", "note") if (value := self.request.POST.get(name, "").strip())]
            return render(self.request, "projects/drafts/lost.html", {"typed": typed}, status=410)
        if self.token:
            messages.info(self.request, LOST)
        return redirect("projects:draft_start")

    def kept(self, answer, token: str = ""):
        """Have the browser keep the token that opens the draft."""
        answer.set_signed_cookie(
            COOKIE,
            token or self.token,
            salt=SALT,
            max_age=COOKIE_AGE,
            path="/projets/",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        return answer

    def get_context_data(self, **kwargs):
        reached = self.draft.step if self.draft and not self.draft.submitted_at else 1
        steps = [
            {"label": LABELS[step], "url": PAGES[step], "is_open": number <= reached, "is_current": step == self.step}
            for number, step in enumerate(STEPS, start=1)
        ]
        return super().get_context_data(draft=self.draft, steps=steps, **kwargs)


class StepPage(DraftPage, FormView):
    """One step: its answers are kept, valid or not, whichever way one leaves."""

    previous, following = "", ""

    def post(self, request, *args, **kwargs):
        with transaction.atomic():  # another tab waits until this one has saved
            try:
                self.draft = services.lock_open(self.draft)
            except ValidationError as refusal:
                messages.info(request, " ".join(refusal.messages))
                return redirect("projects:draft_start")
            return super().post(request, *args, **kwargs)

    def get_initial(self):
        data = self.draft.data
        return dict(data.get("typed", {}).get(self.step) or data.get(self.step, {}))

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "edited": self.draft}

    def form_valid(self, form):
        services.save_step(draft=self.draft, step=self.step, answers=form.answers(), at=self.at)
        return self.kept(redirect(self.previous if "back" in self.request.POST else self.following))

    def form_invalid(self, form):
        if "back" in self.request.POST and not form.meanwhile:
            services.keep_typed(draft=self.draft, step=self.step, typed=typed_of(form), at=self.at)
            return self.kept(redirect(self.previous))
        return self.render_to_response(self.get_context_data(form=form), status=409 if form.meanwhile else 422)


def typed_of(form) -> dict:
    """Return what was typed in the fields of a form, as its page will show it again."""
    return {name: form[name].data for name in form.fields if name not in ("version", "form_token", "site_web")}


class DraftStartView(StepPage):
    """Step 1: begin, or correct who writes."""

    step, following = CONTACT, PAGES[PROJECT]
    template_name = "projects/drafts/start.html"

    def elsewhere(self):
        if self.draft and self.draft.submitted_at:
            self.draft = None  # what was sent is sent: this begins another
        return

    def get_form_class(self):
        return ContactStepForm if self.draft else StartForm

    def get_initial(self):
        return super().get_initial() if self.draft else {"form_token": uuid4()}

    def get_form_kwargs(self):
        return super().get_form_kwargs() if self.draft else FormView.get_form_kwargs(self)

    def post(self, request, *args, **kwargs):
        return super().post(request, *args, **kwargs) if self.draft else FormView.post(self, request, *args, **kwargs)

    def form_valid(self, form):
        if form.is_robot:
            return render(self.request, "projects/drafts/neutral.html")
        told = {"contact": form.answers(), "at": self.at, "suspicious": is_busy_address(self.request)}
        if self.draft:
            draft, token = services.save_contact(draft=self.draft, **told)
        else:
            draft, token = services.start_draft(form_token=form.cleaned_data["form_token"], **told)
        if token:
            self.say_where(draft)
        return self.kept(redirect(self.following), token)

    def say_where(self, draft: ProjectDraft) -> None:
        if draft.data.get("is_link_sent"):
            messages.success(self.request, f"C’est gardé. Le lien pour reprendre part à {draft.email}.")
        else:
            messages.warning(
                self.request,
                "C’est gardé dans ce navigateur seulement\u202f: nous avons déjà beaucoup écrit à cette adresse, ou "
                "à votre réseau, aujourd’hui.",
            )

    def form_invalid(self, form):
        if self.draft is None:
            return self.render_to_response(self.get_context_data(form=form), status=422)
        return super().form_invalid(form)


class DraftProjectView(StepPage):
    form_class = ProjectStepForm
    step, previous, following = PROJECT, PAGES[CONTACT], PAGES[NEEDS]
    template_name = "projects/drafts/project.html"


class DraftNeedsView(StepPage):
    form_class = NeedsStepForm
    step, previous, following = NEEDS, PAGES[PROJECT], REVIEW
    template_name = "projects/drafts/needs.html"

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "today": timezone.localdate(self.at)}


class DraftReviewView(DraftPage, TemplateView):
    """All that was written, with the way to each step; one button sends it."""

    template_name = "projects/drafts/review.html"

    def elsewhere(self):
        if self.draft and not self.draft.submitted_at:
            data = self.draft.data
            missing = [step for step in STEPS if step not in data or step in data.get("typed", {})]
            if missing:
                return redirect(PAGES[missing[0]])
        return super().elsewhere()

    def post(self, request, *args, **kwargs):
        try:
            services.send_draft(draft=self.draft, suspicious=self.is_from_busy_address(), at=self.at)
        except ValidationError as refusal:
            return self.render_to_response(self.get_context_data(refusal=refusal.messages), status=409)
        return redirect("projects:draft_done")

    def is_from_busy_address(self) -> bool:
        """A sending writes to whom it names, and to the team: a dozen in an hour is already a whole workshop."""
        is_busy = is_busy_address(self.request)
        return is_busy_address(self.request, subject="projects", most=SENDINGS_PER_HOUR) or is_busy

    def get_context_data(self, **kwargs):
        return super().get_context_data(sections=summary(self.draft), **({"refusal": []} | kwargs))


class DraftDoneView(DraftPage, TemplateView):
    """Thanks, and what comes next; says the same however often it is opened."""

    template_name = "projects/drafts/done.html"

    def elsewhere(self):
        return None if self.draft and self.draft.submitted_at else redirect("projects:draft_start")


class DraftDropView(DraftPage):
    """« Effacer »: nothing of it stays, here or with the coop."""

    http_method_names = ["post"]

    def elsewhere(self):
        return None

    def post(self, request, *args, **kwargs):
        if self.draft:
            services.drop_draft(draft=self.draft, at=self.at)
        messages.success(request, "Votre brouillon est effacé.")
        answer = redirect("projects:draft_start")
        answer.delete_cookie(COOKIE, path="/projets/", samesite="Lax")
        return answer


class DraftResumeView(DraftPage, TemplateView):
    """The link of a message: one button opens the draft in this browser, and closes it elsewhere."""

    template_name = "projects/drafts/resume.html"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        opened = DraftLink.objects.opened_by(kwargs["token"], self.at).select_related("draft")
        self.link = opened.first()
        self.draft = self.link and self.link.draft

    def elsewhere(self):
        if self.draft is None:
            return render(self.request, "projects/drafts/link_dead.html", status=404)
        return None

    def post(self, request, *args, **kwargs):
        try:
            token = services.resume_draft(link=self.link, at=self.at)
        except ValidationError:
            return self.get(request, *args, **kwargs)
        reached = self.draft.step
        return self.kept(redirect(PAGES[STEPS[reached - 1]] if reached <= len(STEPS) else REVIEW), token)
