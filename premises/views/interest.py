"""« Ça m’intéresse »: a short form about one unit on offer, with or without an account."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import FormView, TemplateView

from coopconnexion.throttle import is_busy_address
from premises.documents import offers as documents
from premises.forms.interest import InterestForm, OwnInterestForm
from premises.models import Unit
from premises.services import public_interests as services
from projects.models import Project

TYPED = ("first_name", "last_name", "email", "phone", "title", "message")


@method_decorator([login_not_required, never_cache], name="dispatch")
class InterestView(FormView):
    """One form, one answer, the same however often it is sent; a unit withdrawn meanwhile keeps what was typed."""

    template_name = "premises/offers/interest.html"

    def dispatch(self, request, *args, **kwargs):
        self.unit = documents.shown(Unit.objects.on_offer()).filter(pk=kwargs["pk"]).first()
        if self.unit is None:
            return self.gone()
        return super().dispatch(request, *args, **kwargs)

    def gone(self):
        """The unit is offered no more: what was typed is shown back, to be sent without it."""
        if self.request.method != "POST":
            return render(self.request, "premises/offers/gone.html", status=404)
        if not Unit.objects.filter(pk=self.kwargs["pk"]).exists():
            raise Http404
        typed = [value for name in TYPED if (value := self.request.POST.get(name, "").strip())]
        return render(self.request, "premises/offers/withdrawn.html", {"typed": typed}, status=409)

    @property
    def own_projects(self) -> list[Project]:
        if not self.request.user.is_authenticated:
            return []
        mine = Project.objects.of_addresses_of(self.request.user).open().select_related("holder")
        return list(mine.order_by("-created_at", "pk"))

    def get_form(self, form_class=None):
        projects, kwargs = self.own_projects, self.get_form_kwargs()
        return OwnInterestForm(projects=projects, **kwargs) if projects else InterestForm(**kwargs)

    def form_valid(self, form):
        if not form.is_robot:
            try:
                self.say(form)
            except ValidationError as refusal:
                return self.refuse(form, refusal)
        return redirect("premises:interest_done")

    def say(self, form) -> None:
        told = {"unit": self.unit, "at": timezone.now()}
        chosen = form.chosen if isinstance(form, OwnInterestForm) else None
        if chosen:
            message = form.cleaned_data["message"]
            services.show_own_interest(project=chosen, message=message, by=self.request.user, **told)
        else:
            services.show_interest(**form.said(), suspicious=is_busy_address(self.request), **told)

    def refuse(self, form, refusal: ValidationError):
        if refusal.code == "unit_withdrawn":
            return self.gone()
        form.add_error(None, refusal)
        return self.render_to_response(self.get_context_data(form=form), status=409)

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs):
        return super().get_context_data(offer=documents.offer(self.unit), **kwargs)


@method_decorator([login_not_required, never_cache], name="dispatch")
class InterestDoneView(TemplateView):
    """Thanks, and what comes next; says the same to everybody."""

    template_name = "premises/offers/interest_done.html"
