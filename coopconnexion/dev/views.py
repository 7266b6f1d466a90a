"""The messages of a development machine; the app is not installed in production."""

from csp.decorators import csp_replace
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET

from coopconnexion.dev.mailbox import Mail, list_names, read_mail

PER_PAGE = 25


@login_not_required
@require_GET
def mail_list(request: HttpRequest) -> HttpResponse:
    folder, wanted = settings.DEV_MAILBOX, request.GET.get("a", "").strip().lower()
    mails = [mail for name in list_names(folder) if (mail := read_mail(folder, name))]
    if wanted:
        mails = [mail for mail in mails if wanted in mail.recipient.lower()]
    page = Paginator(mails, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "dev/mail_list.html", {"page": page, "wanted": wanted})


@login_not_required
@require_GET
def mail(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "dev/mail.html", {"mail": find(name)})


@login_not_required
@require_GET
@xframe_options_sameorigin
@csp_replace(
    {"default-src": ["'none'"], "style-src": ["'unsafe-inline'"], "img-src": ["data:"], "frame-ancestors": ["'self'"]}
)
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML part alone, for a sandboxed frame: its own styles, no script, nothing from elsewhere."""
    return HttpResponse(find(name).html)


@login_not_required
@require_GET
def mail_part(request: HttpRequest, name: str, number: int) -> HttpResponse:
    parts = find(name).parts
    if number >= len(parts):
        raise Http404
    part = parts[number]
    response = HttpResponse(part.content, content_type=part.content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{part.filename.replace(chr(34), "")}"'
    return response


def find(name: str) -> Mail:
    found = read_mail(settings.DEV_MAILBOX, name)
    if found is None:
        raise Http404
    return found
