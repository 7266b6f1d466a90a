"""Ideas of activities: what a town lacks, for who looks for something to start; and one page to hand out."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView

from coopconnexion.panels import panels_for
from coopconnexion.pdf import PdfUnavailableError
from premises.documents import ideas as documents
from premises.idea_filters import IdeaFilter

PER_PAGE = 24


@method_decorator(login_not_required, name="dispatch")
class IdeaListView(TemplateView):
    """Published ideas; the same queries however many."""

    template_name = "premises/ideas/list.html"

    def get_context_data(self, **kwargs):
        filters = IdeaFilter(self.request.GET, rows=documents.published(timezone.localdate()))
        page = Paginator(filters.rows, PER_PAGE).get_page(self.request.GET.get("page"))
        query = self.request.GET.copy()
        query.pop("page", None)
        return super().get_context_data(
            form=filters.form,
            page=page,
            ideas=documents.ideas_of(page.object_list),
            asked=any(query.values()),
            query=query.urlencode(),
            **kwargs,
        )


def idea_or_404(pk: int) -> documents.Idea:
    gap = get_object_or_404(documents.published(timezone.localdate()).select_related("territory"), pk=pk)
    return documents.ideas_of([gap])[0]


@method_decorator(login_not_required, name="dispatch")
class IdeaView(TemplateView):
    """One idea: why we say so, the units that would fit, when to come and talk about it."""

    template_name = "premises/ideas/idea.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(idea=idea_or_404(self.kwargs["pk"]), **kwargs)


@login_not_required
@require_safe
def idea_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The same on one sheet of paper, with the next permanence; kept as long as it says the same."""
    idea = idea_or_404(pk)
    days = [panel.context.get("day") for panel in panels_for("idea", request, idea.gap)]
    address = f"{settings.SITE_URL.rstrip('/')}{reverse('premises:idea', args=[pk])}"
    try:
        content = documents.sheet_pdf(idea, next_day=next(filter(None, days), None), address=address)
    except PdfUnavailableError as error:
        return render(request, "premises/ideas/no_sheet.html", {"idea": idea, "why": str(error)}, status=503)
    name = f"{slugify(idea.gap.label)}-{slugify(idea.gap.commune.name)}.pdf"
    headers = {"Content-Disposition": content_disposition_header(False, name), "Cache-Control": "public, max-age=3600"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)
