"""What phones send, by their pass and no cookie: answers are JSON, in French, and a refusal leaves all on the phone.

Exempt from the CSRF check: the pass is a header that only our own script adds, never sent by a browser on its own.
"""

import json
from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles import finders
from django.core.exceptions import BadRequest, SuspiciousOperation, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from coopconnexion.throttle import is_busy_address
from premises import services
from premises.documents.walks import conflict_words, walk_of
from premises.forms.field import FoundForm, LookForm, SightForm
from premises.models import CampaignPass, Observation, Unit

PER_HOUR = 3000
"""Sendings of one network address: a team that comes back to one office sends a town."""
WRONG_PER_HOUR = 60
SCRIPTS = ("js/field_queue.js", "js/field_offline.js", "js/field.js")
SHELL = ("css/site.css", "css/field.css", *SCRIPTS, "img/favicon.svg")
WORKER = ("js/field_queue.js", "js/field_worker.js")


def refused(code: str, message: str, status: int) -> JsonResponse:
    response = JsonResponse({"code": code, "message": message}, status=status)
    if status == 429:
        response["Retry-After"] = "600"
    return response


def refused_by(error: ValidationError, status: int) -> JsonResponse:
    first = next(iter(error.error_dict.values()))[0] if hasattr(error, "error_dict") else error.error_list[0]
    return refused(first.code or "invalid", first.messages[0], status)


def sent_by_phone(view: Callable[[HttpRequest, CampaignPass], JsonResponse]):
    """Decorator: who holds a pass of the survey may send a form to the view; whatever else comes is refused in JSON."""

    @csrf_exempt
    @login_not_required
    @never_cache
    @require_POST
    @wraps(view)
    def answer(request: HttpRequest, pk: int) -> JsonResponse:
        if is_busy_address(request, subject="field", most=PER_HOUR):
            return refused("busy", "Trop d’envois depuis ce réseau\u202f: tout repartira dans quelques minutes.", 429)
        try:
            held = services.holder_of(request.headers.get("X-Campaign-Pass", ""), campaign_id=pk, at=timezone.now())
        except ValidationError as error:
            return refused_pass(request, error)
        if not is_form(request):
            return refused("content_type", "Cet envoi n’est pas un formulaire.", 415)
        if int(request.headers.get("Content-Length") or 0) > settings.UPLOAD_CAP_BYTES:
            return refused("too_large", "Cet envoi est trop lourd\u202f: refaites la photo.", 413)
        return answer_form(view, request, held)

    return answer


def refused_pass(request: HttpRequest, error: ValidationError) -> JsonResponse:
    if error.code == "pass_unknown" and is_busy_address(request, subject="field-pass", most=WRONG_PER_HOUR):
        return refused("busy", "Trop d’essais depuis ce réseau\u202f: réessayez dans une heure.", 429)
    return refused_by(error, 403)


def is_form(request: HttpRequest) -> bool:
    return request.content_type == "multipart/form-data"


def answer_form(view, request: HttpRequest, held: CampaignPass) -> JsonResponse:
    try:
        return view(request, held)
    except (BadRequest, SuspiciousOperation, MultiPartParserError, UnreadablePostError):
        return refused("unreadable", "Cet envoi est arrivé abîmé.", 400)
    except Http404:
        return refused("unit_unknown", "Cette cellule ou cette voie n’est pas de ce tour.", 404)
    except ValidationError as error:
        return refused_by(error, 409)


def checked(form: SightForm) -> dict:
    """Return what a form tells the service.

    :raises ValidationError: with what is wrong first
    """
    if not form.is_valid():
        raise ValidationError(next(iter(form.errors.as_data().values()))[0])
    return form.told(timezone.now())


def written(observation: Observation) -> JsonResponse:
    return JsonResponse(
        {
            "client_id": str(observation.client_id),
            "unit": observation.unit_id,
            "state": observation.state,
            "state_label": observation.get_state_display(),
            "received_at": observation.received_at.isoformat(),
            "conflict": conflict_words(observation),
        }
    )


@sent_by_phone
def look(request: HttpRequest, held: CampaignPass) -> JsonResponse:
    """Receive what was seen of a unit."""
    told = checked(LookForm(request.POST, request.FILES))
    pk = request.POST.get("unit", "")
    unit = Unit.objects.visible_to(held.user).filter(pk=pk).first() if is_number(pk) else None
    if unit is None:
        raise Http404
    by = {"campaign": held.campaign, "by": held.user, "at": timezone.now()}
    return written(services.record_observation(unit=unit, **by, **told))


@sent_by_phone
def found(request: HttpRequest, held: CampaignPass) -> JsonResponse:
    """Receive a unit that nobody knew."""
    told = checked(FoundForm(request.POST, request.FILES))
    key = request.POST.get("street", "")
    street = next((each for each in walk_of(held.campaign) if each.key == key), None)
    if street is None:
        raise Http404
    by = {"campaign": held.campaign, "by": held.user, "at": timezone.now()}
    return written(services.record_found_unit(street=street.name, **by, **told))


@sent_by_phone
def undo(request: HttpRequest, held: CampaignPass) -> JsonResponse:
    """Take back what was sent."""
    form = SightForm(request.POST)
    form.full_clean()
    client_id = form.cleaned_data.get("client_id")
    if client_id is None:
        raise ValidationError("Cet envoi ne dit pas ce qu’il annule.", code="invalid")
    services.take_back(campaign=held.campaign, client_id=client_id, by=held.user, at=timezone.now())
    return JsonResponse({"client_id": str(client_id), "received_at": timezone.now().isoformat(), "conflict": ""})


def is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


# --- the worker ------------------------------------------------------------------------------------------------------


@login_not_required
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """Serve the script that keeps the pages of the walk for when there is no network, and those pages alone."""
    scope = reverse("premises_field:campaign_list")
    told = {"version": version(), "scope": scope, "shell": [static(name) for name in SHELL]}
    scripts = ", ".join(json.dumps(static(name)) for name in WORKER)
    content = f"self.FIELD = {json.dumps(told)};\nimportScripts({scripts});\n"
    response = HttpResponse(content, content_type="text/javascript; charset=utf-8")
    response["Service-Worker-Allowed"] = scope
    response["Cache-Control"] = "no-cache"
    return response


def version() -> str:
    """Return what changes when a file of the walk does."""
    found = [finders.find(name) for name in (*SHELL, *WORKER)]
    contents = [Path(path).read_bytes() for path in found if path]
    return sha256(b"".join([static(name).encode() for name in SHELL] + contents)).hexdigest()[:16]
