"""The messages of a development machine; the app is not installed in production."""

from io import BytesIO
from urllib.parse import urlencode

from csp.decorators import csp, csp_update
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from coopconnexion.dev.mailbox import Mail, list_heads, read_mail

PER_PAGE = 25
FRAME_POLICY = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "frame-ancestors": ["'self'"],
}


@login_not_required
@require_safe
def mail_list(request: HttpRequest) -> HttpResponse:
    recipient = request.GET.get("a", "").strip()
    heads = list_heads(settings.DEV_MAILBOX, recipient=recipient)
    page = Paginator(heads, PER_PAGE).get_page(request.GET.get("page"))
    query = urlencode({"a": recipient}) if recipient else ""
    return render(request, "dev/mail_list.html", {"page": page, "recipient": recipient, "query": query})


@login_not_required
@require_safe
@csp_update({"frame-src": ["'self'"]})
def mail(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "dev/mail.html", {"mail": find(name)})


@login_not_required
@require_safe
@xframe_options_sameorigin
@csp(FRAME_POLICY)
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML part alone, for a sandboxed frame: its own styles, no script, nothing from elsewhere, links out."""
    return HttpResponse(find(name).html.replace("<head>", '<head><base target="_top">', 1))


@login_not_required
@require_safe
def mail_part(request: HttpRequest, name: str, number: int) -> FileResponse:
    parts = find(name).parts
    if number >= len(parts):
        raise Http404
    part = parts[number]
    return FileResponse(
        BytesIO(part.content), as_attachment=True, filename=part.filename, content_type="application/octet-stream"
    )


def find(name: str) -> Mail:
    found = read_mail(settings.DEV_MAILBOX, name)
    if found is None:
        raise Http404
    return found
